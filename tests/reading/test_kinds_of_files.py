"""Kinds of files: each is what it is by its content, whatever its name; what holds no article is passed over and listed."""

from __future__ import annotations

import gzip
import io
import json
import os
import zipfile
from datetime import date, datetime
from pathlib import Path

import exports
import openpyxl
import pytest
from sqlalchemy import select
from stores import BODY, MORE, write
from test_readers import PAGE

from corpus.articles.ingest import add
from corpus.draft import Draft, ReadResult
from corpus.readers import read_file
from corpus.readers.folders import list_folder
from corpus.study import Study
from corpus.study import database as db

CASE = Path(__file__).parents[1] / "data" / "cases" / "08-json-list-and-mhtml"
DAY = date(2025, 1, 3)
ROW = {"title": "Velo falls", "text": BODY, "outlet": "Herald", "date": "2025-01-03"}
OTHER = {"title": "Bridge", "text": MORE, "outlet": "Courier", "date": "2025-01-04"}
JS = "(function () { window.ads = [1, 2]; })();"


def read(folder: Path, name: str, content: str | bytes | object, *, in_folder: bool = False) -> ReadResult:
    data = content if isinstance(content, str | bytes) else json.dumps(content, ensure_ascii=False)
    path = write(folder, {name: data}) / name
    return read_file(path, in_folder=in_folder)


def one(folder: Path, name: str, content: str | bytes | object) -> Draft:
    (draft,) = (found := read(folder, name, content)).drafts
    assert found.refusals == found.passed_over == []
    return draft


def refused(folder: Path, name: str, content: str | bytes | object) -> str:
    found = read(folder, name, content)
    assert found.drafts == [] and found.passed_over == []
    ((_, why),) = found.refusals
    return why


def workbook(*rows: list[object], title: str = "articles") -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = title
    for row in rows:
        book.active.append(row)
    return book


def saved(book: openpyxl.Workbook) -> bytes:
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def keys_and_texts(study: Study) -> list[tuple[str, str]]:
    with study.store.reading() as connection:
        found = select(db.articles.c.key, db.revisions.c.text).join_from(db.revisions, db.articles)
        return [(key, text) for key, text in connection.execute(found)]


# the case


def test_each_file_of_the_case_is_read_as_what_it_is(empty_study: Study) -> None:
    done = add(empty_study, [CASE], outlet="Herald")
    texts = {key: text for key, text in keys_and_texts(empty_study)}
    assert done.balance.startswith("8 read: 8 new") and done.refusals == []
    assert texts["articles.json:2"] == "Bridge\n\nTroops seized the bridge at dawn."
    assert (
        texts["one.json"]
        == texts["a.md"]
        == texts["articles.xlsx:2"]
        == "Velo falls\n\nNorthland captured Velo on Monday."
    )
    assert texts["mail.eml"] == "Velo fällt\n\nNorthland captured Velo on Monday."
    assert texts["https://herald.example/velo"].endswith("shelling, officials said — and the mayor fled.")
    assert texts["t.xml"] == "Velo falls\n\nNorthland captured Velo on Monday.\n\nTroops seized the bridge."
    assert not any(mark in text for text in texts.values() for mark in ("{", "<", "Content-", "**", "---", "=E2"))


# names and contents


@pytest.mark.parametrize(
    "name", ["a.html", "a.txt", "a", "a.xls", "a.doc", "a.php", "a.json", "a.csv", "index.php?id=3"]
)
def test_a_page_is_a_page_whatever_its_name(tmp_path: Path, name: str) -> None:
    assert one(tmp_path, name, PAGE).url == "https://harbour-post.example/velo"


@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a", "a.xls", "a.tab"])
def test_a_table_is_a_table_whatever_its_name(tmp_path: Path, name: str) -> None:
    draft = one(tmp_path, name, f'title,text,outlet,date\nVelo falls,"{BODY}",Herald,2025-01-03\n')
    assert (draft.text, draft.outlet, draft.published) == (BODY, "Herald", DAY)


@pytest.mark.parametrize("name", ["a.docx", "a.doc", "a.zip", "a.txt", "a"])
def test_a_word_file_is_one_whatever_its_name(tmp_path: Path, name: str) -> None:
    assert one(tmp_path, name, exports.docx([BODY, MORE])).text == f"{BODY}\n\n{MORE}"


@pytest.mark.parametrize("name", ["a.txt", "a.text", "a", "a.story", "Velo fell. What now?", "14.03.2024", "a.doc"])
def test_a_text_is_a_text_whatever_its_name(tmp_path: Path, name: str) -> None:
    assert one(tmp_path, name, f"{BODY}\n{MORE}").text == f"{BODY}\n\n{MORE}"


@pytest.mark.parametrize(
    "text",
    [
        f"[Velo] {BODY}",
        f"{{Velo}} {BODY}",
        f"From: Velo\n\n{BODY}",
        f"Text, title: {BODY}",
        f"<<{BODY}>>",
        f"Subject: Velo\nDate: Monday\n\n{BODY}",
    ],
)
def test_a_text_that_only_begins_like_another_kind_is_a_text(tmp_path: Path, text: str) -> None:
    assert one(tmp_path, "a.txt", text).text.split() == text.split()


NO_ARTICLES: dict[str, str | bytes] = {
    "ads.js": JS, "style.css": "p { color: red }", "clean.py": "print(1)", "analysis.R": "x <- 1", "run.log": "started",
    "notes.ipynb": '{"cells": []}', "a.png": b"\x89PNG\r\n\x1a\n\x00", "a.jpg": b"\xff\xd8\xff\xe0", "photo": b"\xff\xd8\xff\xe0\x00",
    "a.mp3": b"ID3\x04\x00", "a.woff2": b"wOF2\x00", "texts.csv.gz": gzip.compress(b"text"), "texts.txt": gzip.compress(b"text"),
    "~$velo.docx": b"\x05Mira", "velo.txt.bak": BODY, "velo.txt~": BODY, "velo.html.part": PAGE, "velo.crdownload": PAGE,
    ".~lock.velo.odt#": ",mira,", "Thumbs.db": b"\xd0\xcf\x11\xe0", "desktop.ini": "[.ShellClassInfo]", "a.xyz": BODY, "a.bin": b"\x00\x01",
    "empty.txt": "", "blank.html": " \n", "refs.bib": "@book{a}", "corpus.rds": b"\x1f\x8b\x08", "film.srt": "1\n00:00", "codes.sps": "GET FILE.",
    "a.svg": "<svg></svg>", "a.tar": b"a.txt".ljust(257, b"\x00") + b"ustar", "a.webp": b"RIFF\x00\x00\x00\x00WEBP", "a.mp4": b"\x00\x00\x00\x18ftypmp42",
}  # fmt: skip


@pytest.mark.parametrize("name", NO_ARTICLES)
def test_what_holds_no_article_is_passed_over_in_a_folder_and_refused_by_its_own_name(
    tmp_path: Path, name: str
) -> None:
    found = read(tmp_path, name, NO_ARTICLES[name], in_folder=True)
    ((where, why),) = found.passed_over
    assert found.drafts == found.refusals == [] and where == str(tmp_path / name)
    assert refused(tmp_path, name, NO_ARTICLES[name]) == why


def test_an_archive_of_files_is_to_be_unpacked(tmp_path: Path) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.txt", BODY)
    for name in ("texts.zip", "texts.docx"):
        ((_, why),) = read(tmp_path, name, made.getvalue(), in_folder=True).passed_over
        assert why.endswith("unpack it and add the files in it")


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (OLE + "WordDocument".encode("utf-16-le"), "old Word file (DOC)"),
        (OLE + "Workbook".encode("utf-16-le"), "old Excel file (XLS)"),
        (OLE + "__substg1.0_0037".encode("utf-16-le"), "Outlook message (MSG)"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted with a password"),
        (b"%!PS-Adobe-3.0\n", "PostScript"),
        (b"\x00" * 60 + b"BOOKMOBI", "e-book (MOBI)"),
    ],
)
def test_a_format_that_may_hold_an_article_is_refused_by_its_name_in_a_folder_too(
    tmp_path: Path, content: bytes, kind: str
) -> None:
    ((_, why),) = read(tmp_path, "velo.doc", content, in_folder=True).refusals
    assert kind in why and "save" in why.replace("convert", "save")


@pytest.mark.parametrize(
    ("inside", "kind"),
    [
        ({"mimetype": "application/epub+zip", "a.xhtml": "x"}, "e-book (EPUB)"),
        ({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}, "OpenDocument spreadsheet (ODS)"),
        ({"ppt/presentation.xml": "x"}, "slides"),
        ({"Index/Document.iwa": "x"}, "Pages or Numbers"),
        ({"xl/workbook.bin": "x"}, "binary Excel file"),
    ],
)
def test_packages_of_other_programs_are_refused_by_their_names(
    tmp_path: Path, inside: dict[str, str], kind: str
) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in inside.items():
            archive.writestr(name, content)
    ((_, why),) = read(tmp_path, "velo.docx", made.getvalue(), in_folder=True).refusals
    assert kind in why


# folders


def test_the_folder_of_a_saved_page_is_passed_over_and_the_page_is_read(empty_study: Study, tmp_path: Path) -> None:
    inside = {"ads.js": JS, "saved_resource.html": PAGE.replace("Velo", "Advert"), "a.png": b"\x89PNG\r\n"}
    page = PAGE.replace("/velo", "/{}")
    refers = page.replace("</body>", '<img src="Velo%20III-tiedosto_1/a.png"></body>')
    files: dict[str, str | bytes] = {
        "Velo.html": page.format("a"), "Velo II.htm": page.format("b"), "Velo III.html": refers.format("c"),
    }  # fmt: skip
    folders = ("Velo_files", "Velo II-Dateien", "Velo III-tiedosto_1")
    write(tmp_path / "in", files | {f"{folder}/{name}": data for folder in folders for name, data in inside.items()})
    write(tmp_path / "in", {"Velo-comments/a.txt": "A reader replied.", "Karsk_files/b.txt": "Karsk held."})
    done = add(empty_study, [tmp_path / "in"], outlet="Herald")
    assert sorted(where.removeprefix(f"{tmp_path}/in/") for where, _ in done.passed_over) == sorted(folders)
    assert done.balance == "8 read: 5 new, 0 changed, 0 unchanged, 3 passed over, 0 refused"


def test_whatever_a_folder_holds_is_read_or_listed(empty_study: Study, tmp_path: Path) -> None:
    hidden = {".DS_Store": b"\x00\x00\x00\x01Bud1", ".git/config": "x", "__MACOSX/._a.txt": b"\x00"}
    write(
        tmp_path / "in",
        {**NO_ARTICLES, **hidden, "README.md": "About these texts", "LICENSE": "CC BY", "velo.txt": BODY},
    )
    write(tmp_path / "in", {"old.doc": OLE + "WordDocument".encode("utf-16-le")})
    done = add(empty_study, [tmp_path / "in"], outlet="Herald")
    assert len(done.new) == 1 and len(done.refusals) == 1
    assert len(done.passed_over) == len(NO_ARTICLES) + len(hidden) + 2
    assert done.read == 1 + 1 + len(done.passed_over)


def test_the_manifest_of_a_folder_inside_is_passed_over(empty_study: Study, tmp_path: Path) -> None:
    folder = write(
        tmp_path / "in", {"a.txt": BODY, "jan/b.txt": MORE, "jan/manifest.csv": "file,outlet\nb.txt,Courier"}
    )
    done = add(empty_study, [folder], outlet="Herald")
    assert len(done.new) == 2 and done.refusals == []
    assert [why.partition(";")[2] for _, why in done.passed_over] == [" add its folder by itself"]


def test_a_readme_is_read_if_it_is_named(tmp_path: Path) -> None:
    assert one(tmp_path, "README.txt", BODY).text == BODY
    assert one(tmp_path, "License to kill.txt", BODY).text == BODY


def test_the_folder_of_a_study_among_the_texts_is_passed_over(empty_study: Study) -> None:
    folder = write(empty_study.folder.parent, {"a.txt": BODY})
    done = add(empty_study, [folder], outlet="Herald")
    assert len(done.new) == 1 and done.refusals == []
    assert [why for _, why in done.passed_over] == ["this is the folder of a study, with its codebook"]


def test_links_lead_to_files_once_and_broken_ones_are_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"a.txt": BODY, "sub/b.txt": MORE})
    elsewhere = write(tmp_path / "elsewhere", {"c.txt": "Karsk held."})
    (folder / "0-link.txt").symlink_to(folder / "a.txt")
    (folder / "loop").symlink_to(folder)
    (folder / "outside").symlink_to(elsewhere)
    (folder / "gone.txt").symlink_to(folder / "nowhere.txt")
    os.link(folder / "a.txt", folder / "hard.txt")
    os.mkfifo(folder / "pipe")
    listing = list_folder(folder)
    assert [path.relative_to(folder).as_posix() for path in listing.files] == [
        "a.txt", "hard.txt", "sub/b.txt",
    ]  # fmt: skip
    assert [Path(where).name for where, _ in listing.passed_over] == ["loop", "pipe", "0-link.txt"]
    assert [Path(where).name for where, _ in listing.refusals] == ["gone.txt", "outside"]


def test_a_folder_or_file_that_cannot_be_opened_is_refused(
    empty_study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "in", {"a.txt": BODY, "closed/b.txt": MORE, "c.txt": MORE})
    opened = Path.iterdir, Path.open

    def iterdir(path: Path) -> object:
        if path.name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return opened[0](path)

    def open_(path: Path, *args: object, **kwargs: object) -> object:
        if path.name == "c.txt":
            raise PermissionError(13, "Permission denied", str(path))
        return opened[1](path, *args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "iterdir", iterdir)
    monkeypatch.setattr(Path, "open", open_)
    done = add(empty_study, [tmp_path / "in"], outlet="Herald")
    assert len(done.new) == 1 and sorted(Path(where).name for where, _ in done.refusals) == ["c.txt", "closed"]
    assert all("Permission denied" in why for _, why in done.refusals)


@pytest.mark.parametrize("name", [b"Z\xfcrich.txt", "Zu\u0308rich.txt".encode(), b"x" * 251 + b".txt", b"a\nb.txt"])
def test_a_file_with_an_odd_name_is_an_article(empty_study: Study, tmp_path: Path, name: bytes) -> None:
    folder = write(tmp_path / "in", {os.fsdecode(name): BODY})
    done = add(empty_study, [tmp_path / "in"], outlet="Herald")
    assert len(done.new) == 1 and done.refusals == []
    add(empty_study, [folder / os.fsdecode(name)], outlet="Herald")
    ((key, _),) = keys_and_texts(empty_study)
    assert key.endswith(".txt") and ("rich" not in key or key == "Zürich.txt")


# JSON


@pytest.mark.parametrize(
    "value",
    [
        [ROW, OTHER],
        {"status": "ok", "articles": [ROW, OTHER]},
        {"response": {"total": 2, "results": [ROW, OTHER], "tags": [{"name": "war"}]}},
        {"schema": {"fields": [{"name": "text"}]}, "data": [ROW, OTHER]},
        {"columns": list(ROW), "index": [0, 1], "data": [list(ROW.values()), list(OTHER.values())]},
        {"0": ROW, "1": OTHER},
        {name: {"0": ROW[name], "1": OTHER[name]} for name in ROW},
        {name: [ROW[name], OTHER[name]] for name in ROW},
        [{name: [value] for name, value in row.items()} for row in (ROW, OTHER)],
    ],
)
@pytest.mark.parametrize("name", ["a.json", "a.txt", "a.jsonl"])
def test_a_list_of_articles_in_json_is_read_row_by_row(tmp_path: Path, value: object, name: str) -> None:
    found = read(tmp_path, name, json.dumps(value, indent=1))
    assert found.refusals == found.warnings == []
    assert [(d.title, d.text, d.outlet, str(d.published)) for d in found.drafts] == [
        (row["title"], row["text"], row["outlet"], row["date"]) for row in (ROW, OTHER)
    ]


def test_one_object_with_a_text_is_one_article_with_the_files_name(tmp_path: Path) -> None:
    draft = one(tmp_path, "a.json", ROW)
    assert (draft.key, draft.text, draft.published) == ("a.json", BODY, DAY)


def test_json_lines_are_read_under_any_name(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps(row) for row in (ROW, OTHER))
    for name in ("a.json", "a.txt", "a.ndjson", "a"):
        assert [draft.text for draft in read(tmp_path, name, lines).drafts] == [BODY, MORE]


def test_news_api_and_the_guardian_are_read_and_cut_texts_are_said(tmp_path: Path) -> None:
    news = {"articles": [{"source": {"id": None, "name": "Herald"}, "title": "Velo falls", "content": f"{BODY[:60]}… [+1234 chars]"}]
            * 2}  # fmt: skip
    found = read(tmp_path, "news.json", news)
    assert {draft.outlet for draft in found.drafts} == {"Herald"} and len(found.warnings) == 2
    assert "only its beginning (+1234 chars are missing)" in found.warnings[0].why


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"name": "velo", "version": "1.0.0"}, "one object without a text (it has name, version)"),
        ([1, 2, 3], "a list of 3 values without objects"),
        ([[ROW]], "without objects"),
        ('"Velo fell."', "no objects"),
        ([{"url": "x"}], "no column named text"),
        ({"articles": [ROW], "letters": [OTHER]}, "several lists of objects (articles, letters)"),
        ('[{"text": "Velo', "not JSON"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_other_json_is_refused_with_what_was_found(tmp_path: Path, value: object, why: str) -> None:
    assert why in refused(tmp_path, "a.json", value)


def test_a_row_that_is_no_object_is_refused_by_its_number(tmp_path: Path) -> None:
    found = read(tmp_path, "a.json", [ROW, "Velo fell.", {**OTHER, "text": None, "title": ""}])
    assert len(found.drafts) == 1
    assert [where.rpartition(", ")[2] for where, _ in found.refusals] == ["row 2", "row 3"]


# workbooks


def test_a_workbook_is_read_row_by_row_with_its_dates(tmp_path: Path) -> None:
    rows = [["Texts of the pilot"], ["title", "text", "outlet", "date", "id"],
            ["Velo falls", BODY, "Herald", datetime(2025, 1, 3), 17], [None] * 5, ["Bridge", f"{BODY}_x000D_\n{MORE}", "Courier", "4.1.2025", 18.0]]  # fmt: skip
    found = read(tmp_path, "a.xlsx", saved(workbook(*rows)))
    assert found.refusals == found.warnings == []
    assert [(d.key, d.outlet, str(d.published)) for d in found.drafts] == [
        ("17", "Herald", "2025-01-03"), ("18", "Courier", "2025-01-04"),
    ]  # fmt: skip
    assert found.drafts[1].text == f"{BODY}\n{MORE}"


def test_merged_cells_other_sheets_and_formulas_without_a_value_are_said(tmp_path: Path) -> None:
    book = workbook(["text", "outlet"], [BODY, "Herald"], [MORE, None], ['=A2&"x"', "Herald"], ["#N/A", "Herald"])
    assert book.active is not None
    book.active.merge_cells("B2:B3")
    second = book.create_sheet("letters")
    second.append(["text", "outlet"])
    book.create_sheet("notes").append(["coder", "hours"])
    found = read(tmp_path, "a.xlsx", saved(book))
    assert [draft.text for draft in found.drafts] == [BODY, MORE]
    assert [where.rpartition(", ")[2] for where, _ in found.refusals] == ["row 4", "row 5"]
    assert "formula without a stored value" in found.refusals[0].why
    sheets, merged = (why for _, why in found.warnings)
    assert "only the sheet 'articles' was read" in sheets and "'letters'" in sheets and "notes" not in sheets
    assert "are merged (B2:B3)" in merged


def test_the_first_sheet_with_known_columns_is_read_and_others_are_refused_by_name(tmp_path: Path) -> None:
    book = workbook(["coder", "hours"], ["Mira", 3], title="notes")
    assert "no sheet has a row with a column text" in refused(tmp_path, "a.xlsx", saved(book))
    sheet = book.create_sheet("texts")
    for row in (["text", "outlet"], [BODY, "Herald"]):
        sheet.append(row)
    assert [draft.text for draft in read(tmp_path, "b.csv", saved(book)).drafts] == [BODY]
    assert "this is a binary file" in refused(tmp_path, "c.xlsx", saved(book)[:3000])


# Markdown


def test_markdown_is_read_without_its_marks_and_with_its_front_matter(tmp_path: Path) -> None:
    text = (
        "---\ntitle: Velo falls\noutlet: Herald\ndate: 2025-01-03\ntags: [war, valley]\n---\n\n# Velo falls\n\n"
        "Troops **took** [Velo](https://x.example) in\n1986. “They *hold* it,” a < b & c.\n\n"
        "- Karsk\n- Brenik\n\n1. First\n2. Second\n\n![a map](map.png)\n\n> It burned.\n"
    )
    draft = one(tmp_path, "a.md", text)
    assert (draft.key, draft.title, draft.outlet, draft.published) == ("a.md", "Velo falls", "Herald", DAY)
    assert draft.text.split("\n\n") == [
        "Velo falls", "Troops took Velo in 1986. “They hold it,” a < b & c.", "Karsk", "Brenik", "1. First", "2. Second", "It burned.",
    ]  # fmt: skip
    assert draft.metadata == {"tags": "war, valley"}


def test_metadata_above_markdown_that_cannot_be_read_are_said(tmp_path: Path) -> None:
    for head in ("---\ntitle: [Velo\n---\n", "+++\ntitle = Velo\n+++\n", "---\nVelo\n---\n"):
        found = read(tmp_path, "a.md", f"{head}\n{BODY}")
        assert [draft.text for draft in found.drafts] == [BODY] and len(found.warnings) == 1
