"""Readers: from a file to the articles in it; what is none is refused in plain words and never an exception."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.draft import Draft
from corpus.readers import read_file

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Velo falls | The Harbour Post</title>
<meta property="og:title" content="Velo falls after nine days">
<meta property="og:site_name" content="The Harbour Post">
<link rel="canonical" href="https://harbour-post.example/velo">
<meta property="article:published_time" content="2024-03-05T09:30:00Z"></head><body>
<nav><a href="/">Home</a> <a href="/war">War</a> Subscribe to our newsletter</nav>
<article><h1>Velo falls after nine days</h1>
<p>Northland’s army entered the town of Velo at dawn on Monday, its ministry of defence said in a statement.</p>
<aside><p>Most read: why the dam of Brenik matters to the farmers of the valley</p></aside>
<p>Officials in Karsk denied it and spoke of fighting in the northern suburbs, where shops stayed closed.</p>
<p>Neither account could be checked, since telephone lines to the valley have been cut for a week. 🚒</p>
</article><footer>© 2024 The Harbour Post. All rights reserved. Imprint and privacy.</footer></body></html>"""

WRAPPED = """Northland's army entered the town of Velo at dawn on Monday, after
nine days of siege, its ministry of defence said in a statement
which could not be checked.

Officials in Karsk denied it and spoke of fighting in the suburbs,
where shops stayed closed.
"""


def drafts(folder: Path, name: str, content: str | bytes) -> list[Draft]:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    reading = read_file(path)
    assert reading.refusals == []
    return reading.drafts


def refusals(folder: Path, name: str, content: str | bytes) -> list[tuple[str, str]]:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    reading = read_file(path)
    assert reading.drafts == []
    return [(where.replace(f"{folder}/", ""), why) for where, why in reading.refusals]


# text


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (" date 2025-05-11 Velo fell.\nIt burned.", Draft("Velo fell.\n\nIt burned.", "a.txt", published=date(2025, 5, 11))),
        (" date 2025-13-11 Velo fell.", Draft(" date 2025-13-11 Velo fell.", "a.txt")),
        ("Velo fell on the date 2025-05-11 .", Draft("Velo fell on the date 2025-05-11 .", "a.txt")),
        ("Velo falls\r\nIt burned.\r\n", Draft("Velo falls\n\nIt burned.", "a.txt")),
        (WRAPPED, Draft(WRAPPED, "a.txt")),
        ("\ufeffVelo fell.", Draft("Velo fell.", "a.txt")),
        ("Вело пал.".encode("utf-16"), Draft("Вело пал.", "a.txt")),
    ],
)  # fmt: skip
def test_a_text_file_is_one_article(tmp_path: Path, content: str | bytes, expected: Draft) -> None:
    assert drafts(tmp_path, "a.txt", content) == [expected]


# pages


def test_a_saved_page_gives_its_article_and_not_its_furniture(tmp_path: Path) -> None:
    assert drafts(tmp_path, "velo.HTML", PAGE) == [
        Draft(
            text="Velo falls after nine days\n\n"
            "Northland’s army entered the town of Velo at dawn on Monday, its ministry of defence said in a statement.\n\n"
            "Officials in Karsk denied it and spoke of fighting in the northern suburbs, where shops stayed closed.\n\n"
            "Neither account could be checked, since telephone lines to the valley have been cut for a week. 🚒",
            key="https://harbour-post.example/velo",
            title="Velo falls after nine days",
            published=date(2024, 3, 5),
            language="en",
            url="https://harbour-post.example/velo",
            metadata={"sitename": "The Harbour Post"},
            date_stated=True,
        )
    ]


def test_a_page_is_read_in_the_encoding_that_it_declares(tmp_path: Path) -> None:
    russian = "Войска вошли в город на рассвете в понедельник, сообщило министерство обороны страны. "
    page = (
        f'<html><head><meta charset="windows-1251"></head><body><article><p>{russian * 4}</p></article></body></html>'
    )
    assert drafts(tmp_path, "a.html", page.encode("cp1251"))[0].text == (russian * 4).strip()


# tables


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", 'outlet,date,text,desk\nHerald,2024-03-05,"Velo fell, ""they"" said.\n\nIt burned.",war\n'),
        ("a.csv", '\ufeffoutlet;date;text;desk\r\nHerald;2024-03-05;"Velo fell, ""they"" said.\n\nIt burned.";war\r\n'),
        ("a.csv", ' text ,outlet,date,desk\n"Velo fell, ""they"" said.\n\nIt burned.",Herald,2024-03-05,war\n'),
        ("a.tsv", 'outlet\tpublished\tbody\tdesk\nHerald\t2024-03-05T10:00\t"Velo fell, ""they"" said.\n\nIt burned."\twar'),
        ("a.csv", ',outlet,date,text,desk\n0,Herald,2024-03-05,"Velo fell, ""they"" said.\n\nIt burned.",war\n'),
        ("a.csv", 'outlet,date,text,desk\nHerald,2024-03-05,"Velo fell, ""they"" said.\n\nIt burned.",war,,\n'),
    ],
)  # fmt: skip
def test_a_csv_is_read_with_any_separator_and_quoted_line_ends(tmp_path: Path, name: str, content: str) -> None:
    text = 'Velo fell, "they" said.\n\nIt burned.'
    expected = Draft(text, f"{name}:1", published=date(2024, 3, 5), outlet="Herald", metadata={"desk": "war"})
    assert drafts(tmp_path, name, content) == [expected]


def test_json_lines_are_read_one_article_a_line(tmp_path: Path) -> None:
    rows = [
        {"text": "Velo fell.\u2028It burned.", "outlet": "Herald", "url": "https://h.example/1", "n": 3, "none": None},
        {"title": "Velo falls", "desc": "It burned.", "id": 7},
    ]
    content = "\r\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n\n"
    assert drafts(tmp_path, "a.jsonl", content) == [
        Draft(
            "Velo fell.\u2028It burned.",
            "https://h.example/1",
            outlet="Herald",
            url="https://h.example/1",
            metadata={"n": "3"},
        ),
        Draft("Velo falls\n\nIt burned.", "7", title="Velo falls", metadata={"desc": "It burned."}),
    ]


def parquet(folder: Path, **columns: list[object]) -> bytes:
    pyarrow.parquet.write_table(pyarrow.table(columns), folder / "made.parquet")
    return (folder / "made.parquet").read_bytes()


def test_parquet_is_read_one_article_a_row(tmp_path: Path) -> None:
    data = parquet(tmp_path, text=["Velo fell.", "It burned."], outlet=["Herald", None], date=[date(2024, 3, 5), None])
    assert drafts(tmp_path, "a.parquet", data) == [
        Draft("Velo fell.", "a.parquet:1", outlet="Herald", published=date(2024, 3, 5)),
        Draft("It burned.", "a.parquet:2"),
    ]


def test_a_bad_row_among_good_ones_is_refused_by_its_number(tmp_path: Path) -> None:
    lines = ['{"text": "Velo fell."}', "{", "[1]", "", '{"text": "  "}', '{"text": "It burned."}']
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    reading = read_file(tmp_path / "a.jsonl")
    assert [draft.text for draft in reading.drafts] == ["Velo fell.", "It burned."]
    assert [where.rpartition(", ")[2] for where, _ in reading.refusals] == ["row 2", "row 3", "row 5"]


# what is none

TOWNS = ("Velo", "Karsk", "Brenik", "Marn", "Lantry", "Ilm")
LINKS = "".join(
    f"<p><a href='/{town}'>Northland takes <b>{town}</b> after a siege of nine days</a></p>" for town in TOWNS
)

CUT = "the row has more fields than the first one; quote fields that contain the separator"


@pytest.mark.parametrize(
    ("name", "content", "where", "why"),
    [
        ("a.txt", b"", "a.txt", "the file is empty; expected an article's text"),
        ("a.txt", b" \n\t ", "a.txt", "the file is empty"),
        ("a.txt", b"PK\x03\x04\x00\x00", "a.txt", "this is a binary file; expected text, HTML, CSV"),
        ("a.docx", b"PK\x03\x04\x00\x00", "a.docx", "this is a binary file"),
        ("a.txt", b"Velo fell.\xff", "a.txt", "byte 10 is not UTF-8; open the file in an editor and save it as UTF-8"),
        ("a.txt", b"\xff\xfeV\x00e", "a.txt", "byte 4 is not UTF-16; open the file"),
        ("a.html", b"", "a.html", "the file is empty; expected an article's text"),
        ("a.html", b"\x89PMG\x00\x01", "a.html", "the page is not UTF-8; open it in a browser and save it as UTF-8"),
        ("a.html", b"GIF89a\x00\x01", "a.html", "this is a picture"),
        ("a.html", b"Velo\x00\x01", "a.html", "this is a binary file, not a web page; save the page as HTML"),
        ("a.html", "Вело".encode() + b"\xff<p>x", "a.html", "no article was found in the page"),
        ("a.html", b'<meta charset="x-klingon">\xff', "a.html", "the page is not UTF-8 nor X-KLINGON; open it"),
        ("a.html", "<html><body><nav></nav></body></html>", "a.html", "no article was found in the page"),
        ("a.html", "<" * 50_000, "a.html", "no article was found in the page"),
        (
            "a.html",
            f"<html><body>{LINKS}</body></html>",
            "a.html",
            "the page has no article, only links to others; save the linked pages",
        ),
        ("a.csv", b"", "a.csv", "the file is empty"),
        (
            "a.csv",
            "outlet,words\nHerald,Velo fell.",
            "a.csv",
            "no column named text, body, content; found outlet, words",
        ),
        ("a.csv", "title,outlet\nVelo falls,Herald", "a.csv", "rename the column with the articles to text"),
        ("a.csv", "text,outlet", "a.csv", "the table has no rows; expected one article per row"),
        (
            "a.csv",
            'text,outlet\n"Velo fell,Herald\nIt burned,Herald',
            "a.csv, row 1",
            "a quotation mark is probably not",
        ),
        (
            "a.csv",
            'text,"outlet\nVelo fell,Herald',
            "a.csv",
            "its first row is incomplete .* a quotation mark is probably",
        ),
        ("a.csv", "text,outlet\nVelo fell, it burned,Herald", "a.csv, row 1", CUT),
        ("a.csv", "text,outlet\n,Herald", "a.csv, row 1", "the row has no text; expected text in its text or title"),
        ("a.jsonl", "\n \n", "a.jsonl", "the file is empty"),
        ("a.jsonl", "Velo fell.", "a.jsonl, row 1", "the line is not JSON .*; expected one object per line"),
        ("a.jsonl", "[1, 2]", "a.jsonl, row 1", "the line is a list; expected an object such as"),
        ("a.jsonl", '"Velo fell."', "a.jsonl, row 1", "the line is a string; expected an object"),
        ("a.jsonl", "3.5", "a.jsonl, row 1", "the line is a number; expected an object"),
        ("a.jsonl", "null", "a.jsonl, row 1", "the line is null; expected an object"),
        ("a.jsonl", "[" * 100_000, "a.jsonl, row 1", "the line is not JSON"),
        ("a.jsonl", '{"a":' * 100_000, "a.jsonl, row 1", "the line is not JSON"),
        ("a.jsonl", f'{{"text": {"9" * 5000}}}', "a.jsonl, row 1", "the line is not JSON"),
        ("a.jsonl", '{"text": NaN}', "a.jsonl, row 1", "the row has no text"),
        ("a.parquet", b"", "a.parquet", "the file is empty"),
        ("a.parquet", b"PAR2", "a.parquet", "this is not a Parquet file .*; export it again"),
        ("a.parquet", b"Velo fell.", "a.parquet", "this is not a Parquet file"),
        ("a.parquet", b"PAR1" * 20, "a.parquet", "this is not a Parquet file"),
    ],
)
def test_what_is_no_article_is_refused_in_plain_words(
    tmp_path: Path, name: str, content: str | bytes, where: str, why: str
) -> None:
    ((place, said),) = refusals(tmp_path, name, content)
    assert place == where
    assert re.search(why, said), said


def test_parquet_without_rows_or_text_or_with_a_broken_page_is_refused(tmp_path: Path) -> None:
    empty = parquet(tmp_path, text=[], outlet=[])
    assert refusals(tmp_path, "a.parquet", empty) == [
        ("a.parquet", "the table has no rows; expected one article per row")
    ]
    other = parquet(tmp_path, words=["Velo fell."])
    assert refusals(tmp_path, "a.parquet", other)[0][1].startswith("no column named text, body, content; found words")
    whole = parquet(tmp_path, text=["Velo fell. " * 50, "It burned. " * 50])
    (why,) = (why for _, why in refusals(tmp_path, "a.parquet", whole[:4] + b"\xff" * 60 + whole[64:]))
    assert why.startswith("the table is damaged here")


@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.csv", "a.jsonl", "a.parquet"])
def test_a_file_that_is_missing_or_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    ((_, why),) = read_file(tmp_path / name).refusals
    assert why == "cannot be opened (No such file or directory); check its name and your permissions"
    (tmp_path / name).mkdir()
    ((where, _),) = read_file(tmp_path / name).refusals
    assert where == str(tmp_path / name)


@pytest.mark.parametrize("ending", ["txt", "csv", "jsonl", "parquet", "html"])
@given(
    data=st.binary(max_size=200)
    | st.text(max_size=100).map(str.encode)
    | st.text('",;\n{}[]:<p>date 1', max_size=80).map(str.encode)
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_file_is_an_exception(tmp_path: Path, ending: str, data: bytes) -> None:
    path = tmp_path / f"a.{ending}"
    path.write_bytes(data)
    reading = read_file(path)
    assert reading.drafts or reading.refusals


def test_rows_that_share_an_article_are_one_article_in_the_order_of_their_positions(tmp_path: Path) -> None:
    def row(article: str, position: object, text: str, **more: object) -> dict[str, object]:
        return {"id": f"{article}-{position}", "article_id": article, "position": position, "text": text, **more}

    said = {"outlet": "Herald", "title": "Velo falls", "story_id": "7"}
    rows = [
        {"outlet": "Post", "text": "Rain.", "id": "whole"},
        row("a", 2, "It burned.", gold="x", **said),
        row("b", 0, "Karsk held.", outlet="Post"),
        row("a", 1, "Northland took Velo.", gold="y", **said),
        row("a", 1, "Again.", **said),
        row("a", "last", "Again.", **said),
        row("a", 3, " ", **said),
        row("a", 0, "Another outlet's.", outlet="Post"),
        {"outlet": "Post", "text": "No place in an article.", "article_id": "a"},
    ]
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    reading = read_file(file)
    assert [(d.outlet, d.key, d.text, d.title, d.event, dict(d.metadata)) for d in reading.drafts] == [
        ("Post", "whole", "Rain.", None, None, {}),
        ("Herald", "a", "Northland took Velo.\n\nIt burned.", "Velo falls", "7", {}),
        ("Post", "b", "Karsk held.", None, None, {}),
        ("Post", "a", "Another outlet's.", None, None, {}),
        ("Post", "a", "No place in an article.", None, None, {}),
    ]
    assert [why.partition(";")[0] for _, why in reading.refusals] == [
        "the article 'a' already has a row with position 1",
        "the position is 'last'",
        "the row has no text",
    ]
