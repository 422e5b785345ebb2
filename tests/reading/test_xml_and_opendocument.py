"""XML of known formats and OpenDocument texts: the words in them are read, everything else is refused by name."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import exports
import pytest
from stores import BODY, MORE
from test_kinds_of_files import one, read, refused

DAY = date(2025, 1, 3)
NITF = f"""<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE nitf SYSTEM "nitf-3-4.dtd"><nitf><head><title>Velo</title><docdata>
<doc-id id-string="herald-17"/><date.issue norm="20250103T101500Z"/><doc.copyright holder="Herald Press" year="2025"/></docdata>
<pubdata name="Herald" type="print"/></head><body><body.head><hedline><hl1>Velo <em>falls</em></hl1></hedline><byline>Mira Stahl</byline>
</body.head><body.content><p>{BODY}</p><media><media-reference source="a.jpg">a.jpg</media-reference><media-caption>The bridge</media-caption></media>
<p>{MORE}</p></body.content></body></nitf>"""
NEWSML = f"""<?xml version="1.0"?><newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:newsml:herald:17"><itemMeta>
<firstCreated>2025-01-03T10:15:00Z</firstCreated></itemMeta><contentMeta><headline>Velo falls</headline><language tag="en"/></contentMeta>
<contentSet><inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body>
<p>{BODY}</p><p>{MORE}</p><script>ads()</script></body></html></inlineXML></contentSet></newsItem>"""
TEI = f"""<?xml version="1.0"?><TEI xmlns="http://www.tei-c.org/ns/1.0" xml:lang="en"><teiHeader><fileDesc><titleStmt><title>Velo falls</title>
</titleStmt><publicationStmt><date when="2026-05-05"/></publicationStmt><sourceDesc><bibl><date when="2025-01-03"/></bibl></sourceDesc></fileDesc>
</teiHeader><text><body><fw>Herald, page 3</fw><p>{BODY.replace("the town", "the<lb/>town")}</p><!-- x --><p>{MORE}</p></body></text></TEI>"""
EXTRACTED = f"""<doc sitename="Herald" title="Velo falls" date="2025-01-03" source="https://herald.example/17"><main><p>{BODY}</p>
<p>{MORE}</p></main><comments><p>First!</p></comments></doc>"""


@pytest.mark.parametrize("xml", [NITF, NEWSML, TEI, EXTRACTED])
@pytest.mark.parametrize(("name", "encoding"), [("a.xml", "utf-8"), ("a.txt", "utf-8-sig"), ("a.xml", "utf-16")])
def test_known_formats_of_articles_are_read(tmp_path: Path, xml: str, name: str, encoding: str) -> None:
    if encoding == "utf-16":
        xml = xml.replace(' encoding="UTF-8"', "")
    if xml is EXTRACTED and name == "a.txt":
        xml = f'<?xml version="1.0"?>{xml}'
    draft = one(tmp_path, name, xml.encode(encoding))
    assert draft.title == "Velo falls" and draft.published == DAY
    words = draft.text.replace("The bridge\n\n", "")
    assert words == f"{BODY}\n\n{MORE}"


def test_what_the_formats_say_about_an_article_is_kept(tmp_path: Path) -> None:
    nitf = one(tmp_path, "a.xml", NITF)
    assert (nitf.outlet, nitf.key, nitf.rights) == ("Herald", "herald-17", "Herald Press") and "bridge" in nitf.text
    assert one(tmp_path, "b.xml", NEWSML).key == "urn:newsml:herald:17"
    assert one(tmp_path, "c.xml", EXTRACTED).key == "https://herald.example/17"
    assert one(tmp_path, "d.xml", TEI).key == "d.xml"


def test_a_corpus_in_tei_is_several_articles(tmp_path: Path) -> None:
    each = TEI.partition("?>")[2]
    found = read(tmp_path, "a.xml", f"<teiCorpus>{each}{each.replace('Velo', 'Karsk')}</teiCorpus>")
    assert [draft.key for draft in found.drafts] == ["a.xml:1", "a.xml:2"] and found.refusals == []


def test_a_saved_feed_is_read_where_it_has_whole_texts(tmp_path: Path) -> None:
    item = "<item><title>Velo &amp; Karsk</title><link>https://herald.example/{0}</link><pubDate>Fri, 03 Jan 2025 10:15:00 GMT</pubDate>{1}</item>"
    full = f"<content:encoded><![CDATA[<p>{BODY}</p><p>{MORE}</p>]]></content:encoded>"
    feed = f'<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Herald</title>{item.format(1, full)}{item.format(2, "<description>Short.</description>")}</channel></rss>'
    for name in ("a.xml", "a.rss", "a.txt"):
        found = read(tmp_path, name, feed)
        ((_, why),) = found.refusals
        (draft,) = found.drafts
        assert (
            draft.text == f"{BODY}\n\n{MORE}"
            and draft.url == "https://herald.example/1"
            and draft.title == "Velo & Karsk"
        )
        assert draft.published == DAY and why.startswith("the entry has only a summary")


@pytest.mark.parametrize(
    ("xml", "why"),
    [
        ("<?xml version='1.0'?><catalogue><p>Velo fell.</p></catalogue>", "XML of an unknown format (<catalogue>)"),
        (NITF.replace("</nitf>", ""), "the XML file is damaged"),
        (
            '<?xml version="1.0"?><!DOCTYPE nitf [<!ENTITY a "b">]><nitf><body><p>&a;</p></body></nitf>',
            "defines entities",
        ),
        ('<?xml version="1.0"?><!DOCTYPE nitf SYSTEM "x.dtd"><nitf><body><p>&ours;</p></body></nitf>', "entities"),
        ("<rss><channel></channel></rss>", "has no articles"),
        ("<nitf><body></body></nitf>", "no text"),
    ],
)
def test_other_xml_is_refused_by_name(tmp_path: Path, xml: str, why: str) -> None:
    assert why in refused(tmp_path, "a.xml", xml)


def test_named_characters_and_an_unknown_dtd_do_no_harm(tmp_path: Path) -> None:
    assert one(tmp_path, "a.xml", NITF.replace("Monday,", "Monday&nbsp;&ndash; &amp;")).text.startswith(
        "Northland’s army took the town of Velo at dawn on Monday – &"
    )


def odt(content: str) -> bytes:
    names = "xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0' xmlns:text='urn:oasis:names:tc:opendocument:xmlns:text:1.0'"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr(
            "content.xml",
            f"<office:document-content {names}><office:body><office:text>{content}</office:text></office:body></office:document-content>",
        )
    return made.getvalue()


def test_an_opendocument_text_is_read_without_comments_and_deleted_text(tmp_path: Path) -> None:
    content = (
        "<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes><text:h>Velo falls</text:h>"
        f"<text:p>{BODY}<office:annotation><text:p>check this</text:p></office:annotation><text:note><text:note-citation>1"
        "</text:note-citation><text:note-body><text:p>A note.</text:p></text:note-body></text:note> It<text:s/>burned.</text:p>"
        f"<text:list><text:list-item><text:p>{MORE}</text:p></text:list-item></text:list>"
    )
    for name in ("a.odt", "a.docx", "a.txt"):
        draft = one(tmp_path, name, odt(content))
        assert draft.text.split("\n\n") == ["Velo falls", f"{BODY} It burned.", "A note.", MORE]


def test_an_export_of_nexis_saved_as_opendocument_is_read_as_the_export(tmp_path: Path) -> None:
    lines = [line if isinstance(line, str) else line[0] for line in exports.UNI]
    draft = one(tmp_path, "a.odt", odt("".join(f"<text:p>{line.replace('&', '&amp;')}</text:p>" for line in lines)))
    assert draft.metadata["archive"] == "Nexis"


def test_a_damaged_or_empty_opendocument_text_is_refused(tmp_path: Path) -> None:
    assert "no text" in refused(tmp_path, "a.odt", odt("<text:p/>"))
    assert "binary file" in refused(tmp_path, "b.odt", odt(f"<text:p>{BODY}</text:p>")[:200])
    assert "damaged" in refused(tmp_path, "c.odt", odt("<text:p>"))


@pytest.mark.parametrize(
    ("declared", "encoding", "is_told"),
    [
        (' encoding="iso-8859-1"', "windows-1252", False),
        (' encoding="utf-8"', "windows-1252", True),
        ("", "windows-1252", True),
        (' encoding="windows-1251"', "utf-8", False),
        (' encoding="utf-16"', "utf-16", False),
    ],
)
def test_xml_is_decoded_as_browsers_and_its_letters_do(
    tmp_path: Path, declared: str, encoding: str, is_told: bool
) -> None:
    text = "Die Truppen haben „Velo“ eingenommen – so das Ministerium; die Fährleute warteten am Fluß."
    xml = f'<?xml version="1.0"{declared}?><nitf><body><body.content><p>{text}</p></body.content></body></nitf>'
    found = read(tmp_path, "a.xml", xml.encode(encoding))
    assert [draft.text for draft in found.drafts] == [text]
    assert ["by its letters" in why for _, why in found.warnings] == [True] * is_told
