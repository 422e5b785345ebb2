"""Mails and web archives: the text or the page in them is read, their headers and encodings are not text."""

from __future__ import annotations

import plistlib
import quopri
from datetime import date
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from stores import BODY, MORE
from test_kinds_of_files import one, read, refused
from test_readers import PAGE
from timing import processor_time

NEWSLETTER = f"""<html><head><style>p {{color: red}}</style></head><body>
<div style="display:none">Preheader&zwnj;&nbsp;</div><h1>Velo falls</h1><p>{BODY}</p><p>{MORE}</p><img src="x.png" alt="map"></body></html>"""


def mail(**headers: str) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Herald <news@herald.example>", "me@uni.example", "Velo fällt"
    made["Date"], made["Message-ID"] = "Fri, 03 Jan 2025 23:30:00 -0500", "<17@herald.example>"
    for name, value in headers.items():
        made[name] = value
    return made


def test_a_mail_is_its_text_with_its_subject_and_day(tmp_path: Path) -> None:
    made = mail()
    made.set_content(f"{BODY}\n\n{MORE}\n", charset="utf-8", cte="quoted-printable")
    for name in ("a.eml", "a.txt", "a"):
        draft = one(tmp_path, name, made.as_bytes())
        assert (draft.title, draft.published, draft.key) == ("Velo fällt", date(2025, 1, 3), "mid:17@herald.example")
        assert draft.text == f"{BODY}\n\n{MORE}"


def test_of_text_and_html_the_visible_html_is_read_without_what_is_hidden(tmp_path: Path) -> None:
    made = mail()
    made.set_content("View this mail in your browser: https://herald.example/17")
    made.add_alternative(NEWSLETTER, subtype="html")
    made.get_payload()[1].add_related(b"\x89PNG", "image", "png")  # type: ignore[index, union-attr]
    found = read(tmp_path, "a.eml", made.as_bytes())
    assert found.drafts[0].text == f"Velo falls\n\n{BODY}\n\n{MORE}" and found.warnings == []


def test_where_the_html_is_only_a_picture_the_text_is_read(tmp_path: Path) -> None:
    made = mail()
    made.set_content(f"{BODY}\n\n{MORE}")
    made.add_alternative("<img src=x.png>", subtype="html")
    assert one(tmp_path, "a.eml", made.as_bytes()).text.split("\n\n") == [BODY, MORE]


FORWARDED = "---------- Forwarded message ---------\nFrom: Herald <news@herald.example>\nDate: Thu, 2 Jan 2025 10:00:00 +0000\nSubject: Velo falls\nTo: <me@uni.example>\n\n\n"
OUTLOOK = "Von: Herald\nGesendet: Donnerstag, 2. Januar 2025 10:00\nAn: Ich\nBetreff: Velo falls\n\n"
APPLE = "Begin forwarded message:\n\n> From: Herald\n> Subject: Velo falls\n> Date: Thu, 2 Jan 2025 10:00:00 +0000\n> To: me\n\n"


@pytest.mark.parametrize("head", [FORWARDED, OUTLOOK, APPLE])
@pytest.mark.parametrize("html", [False, True])
def test_the_headers_of_a_forwarded_mail_are_not_its_text(tmp_path: Path, head: str, html: bool) -> None:
    made = mail()
    made.replace_header("Subject", "Fwd: Velo falls")
    if html:
        lines = (head + BODY).replace("> ", "").split("\n")
        made.set_content(
            "".join(f"<div>{line}</div>" for line in lines if line).replace("<news@herald.example>", ""), subtype="html"
        )
    else:
        made.set_content(head + BODY)
    draft = one(tmp_path, "a.eml", made.as_bytes())
    assert draft.text == BODY and draft.title == "Velo falls"


def test_a_mail_attached_to_a_mail_is_read_and_other_attachments_are_said(tmp_path: Path) -> None:
    inner, outer = mail(), EmailMessage()
    inner.set_content(BODY)
    outer["Subject"] = "FYI"
    outer["MIME-Version"] = "1.0"
    outer.set_content("See below.")
    outer.add_attachment(inner)
    outer.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="velo.pdf")
    found = read(tmp_path, "a.eml", outer.as_bytes())
    assert [(draft.title, draft.text) for draft in found.drafts] == [("Velo fällt", BODY)]
    assert [why for _, why in found.warnings] == [
        "the mail's attachments were not read (velo.pdf); save and add them by themselves"
    ]


@pytest.mark.parametrize(
    ("charset", "declared"),
    [("utf-8", "utf-8"), ("cp1252", "iso-8859-1"), ("cp1251", "windows-1251"), ("utf-8", "us-ascii"), ("utf-8", "")],
)
def test_a_mails_encoding_is_obeyed(tmp_path: Path, charset: str, declared: str) -> None:
    text = "Вело пал." if charset == "cp1251" else "“Vélo” fell – it burned."
    head = (
        f"From: a@x.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset={declared}\r\n\r\n"
    )
    assert one(tmp_path, "a.eml", head.encode() + text.encode(charset)).text == text


def test_flowing_lines_are_joined(tmp_path: Path) -> None:
    head = "From: a@x.example\nSubject: x\nContent-Type: text/plain; format=flowed\n\n"
    assert one(tmp_path, "a.eml", f"{head}Troops took \nVelo.\n\nIt burned.").text == "Troops took Velo.\n\nIt burned."


def test_a_subject_in_raw_bytes_is_read(tmp_path: Path) -> None:
    for encoding in ("utf-8", "cp1252"):
        data = f"From: a@x.example\nSubject: Velo fällt\nMIME-Version: 1.0\n\n{BODY[:9]}".encode(encoding)
        assert one(tmp_path, "a.eml", data).title == "Velo fällt"


def test_each_mail_of_a_mailbox_is_an_article_and_those_without_text_are_refused(tmp_path: Path) -> None:
    first, second, third = mail(), mail(), mail()
    first.set_content(f"{BODY}\n\nFrom Karsk it was denied in 2024.\n")
    second.replace_header("Message-ID", "<18@herald.example>")
    second.set_content(NEWSLETTER, subtype="html")
    third.set_content(b"\x89PNG", "image", "png")
    box = b"\n".join(
        b"From news@herald.example Fri Jan  3 10:00:00 2025\n" + m.as_bytes().replace(b"\nFrom Karsk", b"\n>From Karsk")
        for m in (first, second, third)
    )
    for name in ("inbox.mbox", "inbox", "inbox.txt"):
        found = read(tmp_path, name, box)
        assert [draft.key for draft in found.drafts] == ["mid:17@herald.example", "mid:18@herald.example"]
        assert found.drafts[0].text == f"{BODY}\n\nFrom Karsk it was denied in 2024."
        assert [(where.rpartition(", ")[2], why[:20]) for where, why in found.refusals] == [
            ("mail 3", "the mail has no text")
        ]


def test_a_mail_of_apple_is_read_without_its_settings(tmp_path: Path) -> None:
    made = mail()
    made.set_content(BODY)
    data = made.as_bytes()
    whole = f"{len(data)}  \n".encode() + data + b'<?xml version="1.0"?><plist><dict/></plist>'
    assert one(tmp_path, "17.emlx", whole).text == BODY


def test_a_mail_without_text_is_refused_and_one_in_another_encoding_told(tmp_path: Path) -> None:
    made = mail()
    made.set_content(b"%PDF-1.7", "application", "pdf", filename="velo.pdf")
    assert "the mail has no text" in refused(tmp_path, "a.eml", made.as_bytes())
    head = b"From: a@x.example\nSubject: x\nContent-Type: text/plain; charset=utf-8\n\n"
    ((_, why),) = read(tmp_path, "b.eml", head + b"V\x81\x8d\x8f\x90lo \xff").warnings
    assert "declared as utf-8, was read as cp850 by its letters" in why


WRONGLY_DECLARED = [
    ("us-ascii", "windows-1252", "„Velo“ fällt – so das Ministerium; die Fährleute warteten am Fluß."),
    ("utf-8", "windows-1251", "Войска заняли Вело в понедельник после девяти дней осады, сообщили в министерстве."),
    ("iso-8859-1", "windows-1252", "„Velo“ fällt – so das Ministerium; die Fährleute warteten am Fluß."),
    ("koi8-r", "koi8-r", "Войска заняли Вело в понедельник после девяти дней осады, сообщили в министерстве."),
]


@pytest.mark.parametrize(("declared", "encoding", "text"), WRONGLY_DECLARED)
def test_a_mail_is_read_as_its_letters_say_where_it_declares_another_encoding(
    tmp_path: Path, declared: str, encoding: str, text: str
) -> None:
    head = f"From: a@x.example\nSubject: Velo\nContent-Type: text/plain; charset={declared}\n\n".encode()
    found = read(tmp_path, "a.eml", head + text.encode(encoding))
    assert [draft.text for draft in found.drafts] == [text]
    is_doubtful = declared not in (encoding, "iso-8859-1")  # which all programs read as windows-1252
    assert ["by its letters" in why for _, why in found.warnings] == [True] * is_doubtful


def test_headers_of_a_mail_are_decoded_as_its_text_is(tmp_path: Path) -> None:
    subject = "Вело взят".encode("windows-1251")
    head = b"From: a@x.example\nSubject: %s\nContent-Type: text/plain; charset=windows-1251\n\n" % subject
    assert one(tmp_path, "a.eml", head + "Вело взят в понедельник.".encode("windows-1251")).title == "Вело взят"
    quoted = b"From: a@x.example\nSubject: =?iso-8859-1?Q?=84Velo=93?=\nMIME-Version: 1.0\n\nIt fell."
    assert one(tmp_path, "b.eml", quoted).title == "„Velo“"


def mhtml(page: str, charset: str, transfer: str, address: str = "https://harbour-post.example/seen") -> bytes:
    data = page.encode(charset)
    body = quopri.encodestring(data) if transfer == "quoted-printable" else data
    head = (
        "From: <Saved by Blink>\nSnapshot-Content-Location: {0}\nSubject: Velo\nMIME-Version: 1.0\n"
        'Content-Type: multipart/related;\n\ttype="text/html";\n\tboundary="--b--"\n\n\n----b--\nContent-Type: text/css\n\np {{}}\n'
        "----b--\nContent-Type: text/html; charset={1}\nContent-Transfer-Encoding: {2}\nContent-Location: {0}\n\n"
    )
    return head.format(address, charset, transfer).encode() + body + b"\n----b----\n"


@pytest.mark.parametrize("name", ["velo.mhtml", "velo.mht", "velo.html", "velo.txt"])
@pytest.mark.parametrize(("charset", "transfer"), [("utf-8", "quoted-printable"), ("windows-1252", "quoted-printable"), ("utf-8", "8bit")])  # fmt: skip
def test_a_page_saved_with_its_pictures_in_one_file_is_read_as_the_page(
    tmp_path: Path, name: str, charset: str, transfer: str
) -> None:
    page = PAGE.replace(" 🚒", "").replace('<meta charset="utf-8">', "")
    draft = one(tmp_path, name, mhtml(page, charset, transfer))
    assert draft.key == "https://harbour-post.example/velo" and draft.title == "Velo falls after nine days"
    assert draft.text.split("\n\n")[1].startswith("Northland’s army entered") and "=E2" not in draft.text
    draft = one(tmp_path, name, mhtml(page.replace('<link rel="canonical"', "<link"), charset, transfer))
    assert draft.key == draft.url == "https://harbour-post.example/seen"


def test_a_web_archive_of_safari_is_read_as_the_page(tmp_path: Path) -> None:
    main = {
        "WebResourceData": PAGE.encode(),
        "WebResourceTextEncodingName": "UTF-8",
        "WebResourceURL": "https://x.example/",
    }
    data = plistlib.dumps({"WebMainResource": main, "WebSubresources": []}, fmt=plistlib.FMT_BINARY)
    assert one(tmp_path, "velo.webarchive", data).url == "https://harbour-post.example/velo"
    assert "damaged" in refused(tmp_path, "cut.webarchive", data[:-200])


def test_an_export_of_an_archive_saved_as_one_file_is_read_as_the_export(tmp_path: Path) -> None:
    from exports import old_html

    found = read(tmp_path, "a.mhtml", mhtml(old_html(), "utf-8", "quoted-printable"))
    assert len(found.drafts) == 2 and all(draft.metadata["archive"] == "Nexis" for draft in found.drafts)


def test_mails_with_windows_line_ends_are_the_same(tmp_path: Path) -> None:
    made = mail()
    made.set_content(f"{BODY}\n\n{MORE}\n")
    assert one(tmp_path, "a.eml", made.as_bytes(policy=SMTP)).text == f"{BODY}\n\n{MORE}"


@pytest.mark.perf
def test_a_subject_of_a_million_letters_takes_no_time(tmp_path: Path) -> None:
    with processor_time() as used:
        (draft,) = read(tmp_path, "a.eml", b"Subject: " + b"=?utf-8?q?a?= " * 100_000 + b"\n\nVelo fell.\n").drafts
    assert draft.title and len(draft.title) > 1_000_000 and used.seconds < 2  # which `add` refuses
