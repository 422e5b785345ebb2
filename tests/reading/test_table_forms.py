"""Tables as other programs write them: R, databases, spreadsheets saved as pages, objects within objects."""

from __future__ import annotations

import io
import json
import unicodedata
import zipfile
from datetime import date
from pathlib import Path

import exports
import pytest
from stores import BODY, MORE, write
from test_kinds_of_files import one, read, refused, workbook

from corpus.articles.ingest import add
from corpus.events.listing import import_event_table
from corpus.readers import read_file
from corpus.readers.manifest import Manifest
from corpus.study import Study

QUOTED = 'The mayor said "Velo is free" and left.'
BY_R = {
    "write.table": ' "text" "outlet"|"1" "{}" "Herald"|"2" "{}" "Courier"',
    "write.table(sep)": ' "text";"outlet"|"1";"{}";"Herald"|"2";"{}";"Courier"',
    "write.table(row.names=FALSE)": ' "text","outlet"|"{}","Herald"|"{}","Courier"',
    "write.csv2": ' "";"text";"outlet"|"1";"{}";"Herald"|"2";"{}";"Courier"',
}


@pytest.mark.parametrize("written", BY_R)
@pytest.mark.parametrize("name", ["a.csv", "a.txt"])
def test_tables_are_read_as_r_writes_them(tmp_path: Path, written: str, name: str) -> None:
    escaped = QUOTED.replace('"', '""' if written == "write.csv2" else '\\"')
    table = BY_R[written].strip().replace("|", "\n").format(escaped, BODY) + "\n"
    found = read(tmp_path, name, table)
    assert [(draft.text, draft.outlet) for draft in found.drafts] == [(QUOTED, "Herald"), (BODY, "Courier")]
    assert (found.refusals, found.warnings) == ([], [])


@pytest.mark.parametrize(
    "table", ["id,text\n1,Velo fell, at dawn.\n2,Karsk fell, at noon.\n", "outlet,text\nHerald,Velo, too\n"]
)
def test_a_separator_within_a_text_is_not_taken_for_a_name_of_the_row(tmp_path: Path, table: str) -> None:
    found = read(tmp_path, "a.csv", table)
    assert found.drafts == [] and all("more fields" in why for _, why in found.refusals)


def test_quotation_marks_of_a_table_separated_by_tabs_stand_as_they_are(tmp_path: Path) -> None:
    rows = ['"Liberated," said the mayor.', '"Free at last', 'They sang "we are free"', '"All of it."']
    found = read(tmp_path, "a.tsv", "outlet\ttext\n" + "".join(f"Herald\t{row}\n" for row in rows))
    assert [draft.text for draft in found.drafts] == rows
    quoted = 'outlet\ttext\nHerald\t"He said ""no""."\nHerald\t"Karsk"" fell\n'  # one of a cell, one of the text
    assert [draft.text for draft in read(tmp_path, "b.tsv", quoted).drafts] == ['He said "no".', '"Karsk"" fell']


def test_a_table_in_a_page_is_read_row_by_row(tmp_path: Path) -> None:
    head = "<tr><th>Titel</th><th>Medium</th><th>Datum</th><th>Text</th></tr>"
    row = "<tr><td>Velo fällt</td><td>Bote</td><td>5. März 2024</td><td>{}<br>{}</td></tr>"
    short = "<tr><td>Karsk</td><td>Bote</td></tr>"
    page = f'<html><head><meta charset="windows-1252"></head><body><p>Export</p><table>{head}{row}{short}</table></body></html>'
    for name in ("export.xls", "export.html"):
        found = read(tmp_path, name, page.format(BODY, MORE).encode("windows-1252"))
        draft = found.drafts[0]
        assert (draft.title, draft.outlet, draft.published) == ("Velo fällt", "Bote", date(2024, 3, 5))
        assert draft.text.split() == f"{BODY} {MORE}".split() and "2 cells" in found.refusals[0].why
    assert "several tables" in refused(
        tmp_path, "b.xls", page.format(BODY, MORE).replace("</body>", f"<table>{head}{row}</table>")
    )
    article = page.format("It fell.", "It burned.").replace(
        "<p>Export</p>", f"<article><p>{BODY}</p><p>{MORE}</p></article>" * 3
    )
    assert [draft.outlet for draft in read(tmp_path, "d.html", article).drafts] == [None]
    other = "<html><body><table><tr><td>Velo</td><td>fell</td></tr></table></body></html>"
    assert "not a workbook" in refused(tmp_path, "c.xls", other)


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
@pytest.mark.parametrize(
    "row",
    [
        {
            "_index": "news",
            "_id": "1",
            "_source": {"headline": "Velo", "content": BODY, "media": "-", "outlet": "Herald"},
        },
        {
            "title": {"rendered": "Velo"},
            "content": {"rendered": f"<p>{BODY}</p>", "protected": False},
            "outlet": "Herald",
        },
        {"title": "Velo", "text": BODY, "source": {"id": None, "name": "Herald"}},
        {"webTitle": "Velo", "fields": {"bodyText": BODY, "publication": "Herald"}, "sectionName": "World"},
        {"title": "Velo", "text": BODY, "outlet": {"name": "Herald"}},
    ],
)
def test_objects_within_objects_are_columns(tmp_path: Path, name: str, row: dict[str, object]) -> None:
    rows = [row, json.loads(json.dumps(row).replace("Velo", "Karsk"))]
    content = json.dumps(rows) if name == "a.json" else "".join(f"{json.dumps(each)}\n" for each in rows)
    found = read(tmp_path, name, content)
    assert [(draft.title, draft.text, draft.outlet) for draft in found.drafts] == [
        ("Velo", BODY, "Herald"), ("Karsk", BODY.replace("Velo", "Karsk"), "Herald"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_objects_that_follow_each_other_over_several_lines_are_rows(tmp_path: Path, name: str) -> None:
    rows = [{"outlet": "Herald", "text": BODY}, {"outlet": "Courier", "text": MORE}]
    found = read(tmp_path, name, "\n".join(json.dumps(row, indent=1) for row in rows))
    assert [(draft.outlet, draft.text) for draft in found.drafts] == [("Herald", BODY), ("Courier", MORE)]


def test_values_that_mongodb_writes_as_objects_are_read_and_others_are_refused_or_told(tmp_path: Path) -> None:
    day = {"$date": {"$numberLong": "1709625600000"}}
    rows = [
        {"_id": {"$oid": "65e6"}, "text": BODY, "outlet": "Herald", "published": day},
        {"_id": {"$oid": "65e7"}, "text": {"en": BODY}, "outlet": "Herald"},
        {"_id": {"$oid": "65e8"}, "text": MORE, "outlet": "Herald", "published": {"year": 2024}},
    ]
    for name in ("a.json", "a.jsonl"):
        found = read(
            tmp_path, name, json.dumps(rows) if name == "a.json" else "".join(f"{json.dumps(r)}\n" for r in rows)
        )
        assert [(draft.key, draft.published) for draft in found.drafts] == [("65e6", date(2024, 3, 5)), ("65e8", None)]
        assert [(where.rpartition(" ")[2], why[:14]) for where, why in found.refusals] == [("2", "its text is an")]
        assert [where.rpartition(" ")[2] for where, _ in found.warnings] == ["3"]


def test_the_strict_form_of_open_xml_is_read_or_refused_by_name(tmp_path: Path) -> None:
    book = io.BytesIO()
    workbook(["Outlet", "Text"], ["Herald", BODY]).save(book)
    assert one(tmp_path, "a.docx", strict(exports.docx([BODY, MORE]))).text == f"{BODY}\n\n{MORE}"
    assert "strict form of Open XML" in refused(tmp_path, "a.xlsx", strict(book.getvalue()))


def strict(data: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as usual, zipfile.ZipFile(made, "w") as archive:
        for info in usual.infolist():
            part = usual.read(info)
            for kind in (b"spreadsheetml", b"wordprocessingml"):
                part = part.replace(
                    b"http://schemas.openxmlformats.org/%b/2006/main" % kind,
                    b"http://purl.oclc.org/ooxml/%b/main" % kind,
                )
            archive.writestr(info.filename, part)
    return made.getvalue()


def test_rows_that_repeat_others_are_passed_over_and_empty_ones_do_not_count(
    tmp_path: Path, empty_study: Study
) -> None:
    row = f'Herald,Velo falls,"{BODY}"\n'
    file = tmp_path / "a.csv"
    file.write_text(f"outlet,title,text\n{row},,\n{row}{row.replace('Herald', 'Courier')},,\n")
    found = add(empty_study, file)
    assert (found.read, len(found.new), len(found.passed_over), len(found.refusals)) == (3, 2, 1, 0)
    assert "repeats row 1" in found.passed_over[0].why


def test_a_second_row_of_names_and_a_row_of_totals_are_no_articles(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "a.csv",
        f'Outlet,Title,Text,Date\nV1,V2,V3,V4\nHerald,Velo falls,"{BODY}",\nHerald,Karsk,,\nTotal,2,,\n',
    )
    assert [(draft.outlet, draft.title) for draft in found.drafts] == [("Herald", "Velo falls"), ("Herald", "Karsk")]
    assert [(where.rpartition(" ")[2], why.partition(";")[0]) for where, why in found.refusals + found.warnings] == [
        ("1", "it seems to be a second row of names for the columns"),
        ("4", "the row has no text"),
        ("3", "the row has no text, so its title is all that was stored"),
    ]


def test_a_manifest_finds_files_whose_names_are_written_as_on_other_systems(tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    files = [
        folder / unicodedata.normalize("NFD", "Müller.txt"),
        folder / "c.TXT",
        folder / "both.txt",
        folder / "BOTH.txt",
    ]
    for file in files:
        file.write_text(BODY)
    rows = "Datei;Medium\ntexts\\Müller.txt;Bote für Köln\ntexts/C.txt;Herald\ntexts/Both.txt;Bote für Köln\n"
    (tmp_path / "manifest.csv").write_bytes(rows.encode("windows-1252"))
    manifest = Manifest(tmp_path / "manifest.csv")
    assert manifest.files == [file.resolve() for file in files[:2]]
    assert ["there is no file" in why for _, why in manifest.refusals] == [True]  # Both.txt may be either


def test_a_manifest_in_another_form_or_under_another_name_is_refused_by_name(tmp_path: Path) -> None:
    workbook(["file", "outlet"], ["a.txt", "Herald"]).save(tmp_path / "manifest.xlsx")
    (tmp_path / "files.csv").write_text("Filename,Source\na.txt,Herald\n")
    for name in ("manifest.xlsx", "files.csv"):
        assert ["seems to be a manifest" in why for _, why in read_file(tmp_path / name).refusals] == [True]


@pytest.mark.parametrize("copy", ["a (1).txt", "a - Kopie.txt", "a copy 2.txt", "a(2).txt"])
def test_a_copy_that_a_browser_or_file_manager_made_is_passed_over(
    tmp_path: Path, empty_study: Study, copy: str
) -> None:
    folder = write(tmp_path / "texts", {"a.txt": BODY, copy: BODY, "b (1).txt": MORE})
    found = add(empty_study, folder, outlet="Herald")
    assert (found.read, len(found.new), len(found.passed_over)) == (3, 2, 1)
    (folder / copy).write_text(f"{BODY} It burned.")
    assert add(empty_study, folder, outlet="Herald").passed_over == []


def test_toml_above_markdown_is_read_as_yaml_is(tmp_path: Path) -> None:
    head = '+++\ntitle = "Velo: the fall"\ndate = 2024-03-06T10:00:00+01:00\ndraft = false\ntags = ["a", "b"]\n[extra]\nx = 1\n+++\n'
    draft = one(tmp_path, "a.md", f"{head}\n{BODY}")
    assert (draft.title, draft.published, draft.text) == ("Velo: the fall", date(2024, 3, 6), BODY)
    assert draft.metadata == {"draft": "false", "tags": "a, b"}


def test_escapes_that_another_program_left_in_a_text_are_replaced_and_told(tmp_path: Path) -> None:
    texts = [
        r"They were \u201cfree\u201d \ud83d\ude00.\n\nKarsk fell.",
        "Velo fell._x000D_\n_x000D_\nIt burned.",
        r"He saved C:\news.",
    ]
    found = read(tmp_path, "a.csv", "text\n" + "".join(f'"{text}"\n' for text in texts))
    assert [draft.text for draft in found.drafts] == [
        "They were “free” 😀.\n\nKarsk fell.", "Velo fell.\n\nIt burned.", r"He saved C:\news.",
    ]  # fmt: skip
    assert [(where.rpartition(", ")[2], "codes such as" in why) for where, why in found.warnings] == [("row 1", True)]


def test_lines_of_cells_between_tabs_are_a_table_also_with_unknown_names(tmp_path: Path) -> None:
    why = refused(
        tmp_path, "a.txt", "Kop\tÉditorial\tMots\nVelo\tHerald\tIt fell.\nKarsk\tHerald\tIt held.\n".encode("utf-16")
    )
    assert "no column named text" in why and "found Kop, Éditorial, Mots" in why
    assert one(tmp_path, "b.txt", f"{BODY}\n\n\tA line\twith tabs.\n").text.startswith(BODY)


def test_a_manifest_is_known_by_its_columns_in_any_language_and_its_name_in_any_case(
    tmp_path: Path, empty_study: Study
) -> None:
    manifest = "sep=;\nDatei;Medium\na.txt;Bote\n"
    below = {"below/a.txt": MORE, "below/Manifest.csv": manifest}
    found = add(empty_study, write(tmp_path / "texts", {"a.txt": BODY, "Manifest.csv": manifest} | below))
    assert (len(found.new), list(empty_study.articles()["outlet"])) == (1, ["Bote"])
    assert ["manifest of a folder" in why for _, why in found.passed_over] == [True]


def test_a_hidden_sheet_is_read_only_where_no_other_has_texts_and_is_told(tmp_path: Path) -> None:
    book = workbook(["Outlet", "Text"], ["Old", "An earlier draft of the text."], title="old")
    book.active.sheet_state = "hidden"
    for rows, outlets in (([["", "Outlet", "Text"], [1, "Herald", BODY]], ["Herald"]), ([["Notes"]], ["Old"])):
        for row in rows:
            book.create_sheet("new").append(row) if "new" not in book.sheetnames else book["new"].append(row)
        book.active = 1
        book.save(tmp_path / "a.xlsx")
        found = read_file(tmp_path / "a.xlsx")
        assert [draft.outlet for draft in found.drafts] == outlets
        assert ["which is hidden" in why or "'old'" in why for _, why in found.warnings] == [True]
        del book["new"]


@pytest.mark.parametrize(
    ("text", "is_article"),
    [
        ("You need to enable JavaScript to run this app, or the app will not run at all in this browser.", False),
        ("Bitte aktivieren Sie JavaScript, um diese Seite zu sehen, und laden Sie sie dann noch einmal neu.", False),
        (
            "Please confirm that you are not a robot before you go on; it takes a few seconds and no more than that.",
            False,
        ),
        (
            "The ministry said that it runs without JavaScript and without servers since the attack on Monday. " * 8,
            True,
        ),
        (
            "Northland's robot was found on page 404 of the report, and nobody in Velo could say who had put it there.",
            True,
        ),
    ],
)
def test_what_a_server_sends_instead_of_an_article_is_refused(tmp_path: Path, text: str, is_article: bool) -> None:
    page = f"<html><head><title>Herald</title></head><body><main><p>{text}</p></main></body></html>"
    found = read(tmp_path, "a.html", page)
    assert ([bool(draft.text) for draft in found.drafts], len(found.refusals)) == (
        ([True], 0) if is_article else ([], 1)
    )


def test_text_without_words_is_no_article(tmp_path: Path, empty_study: Study) -> None:
    (tmp_path / "a.txt").write_text("\u200b\n***\n")
    found = add(empty_study, tmp_path / "a.txt", outlet="Herald")
    assert (found.new, [why.partition(";")[0] for _, why in found.refusals]) == ([], ["it has no words"])


def test_a_table_of_events_may_be_as_excel_writes_it(tmp_path: Path, empty_study: Study) -> None:
    file = tmp_path / "events.csv"
    table = "sep=;\r\nplace;day;title\r\nBrückenau;03.05.2024;Die Übergabe der Brücke über den Fluß\r\n"
    for encoding, warned in (("windows-1252", 1), ("utf-16", 0), ("utf-8-sig", 0)):
        file.write_bytes(table.encode(encoding))
        found = import_event_table(empty_study, file)
        assert (list(found.events), len(found.refusals), len(found.warnings)) == (["Brückenau-2024-05-03"], 0, warned)
    file.write_text("Stand: Mai 2024\nplace,day\nVelo,2024-05-03\n")
    assert ["above the names" in why for _, why in import_event_table(empty_study, file).warnings] == [True]
