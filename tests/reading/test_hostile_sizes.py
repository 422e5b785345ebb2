"""Inputs of hostile sizes and shapes: each is refused with a sentence or read in seconds, and stops no other."""

from __future__ import annotations

import io
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
from newsroom import article
from openpyxl import Workbook
from stores import BODY, MORE, study_in, write

from corpus import Study
from corpus.articles.ingest import add
from corpus.readers import deadline, read_file
from corpus.readers.html import draft_of_page

GOOD = f"Velo falls\n\n{BODY}\n\n{MORE}"
SHEET = ('<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
         '{before}<sheetData>{rows}</sheetData>{after}</worksheet>')  # fmt: skip


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Processor time of this process and what it waited for: generous, since a hang takes minutes."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    made = study_in(tmp_path / "study")
    yield made
    made.store.close()


def refusal(path: Path) -> str:
    ((_, why),) = read_file(path).refusals
    return why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("\n\n".join(f"Velo {n}." for n in range(100_000)), "its text has 100,000 paragraphs (limit 10,000)"),
        ("\n\n".join(["Velo fell to the army of Northland. " * 1000] * 100), "characters (limit 2,000,000)"),
        ("Velo" * 20_000, "one paragraph has 80,000 characters (limit 50,000)"),
        ("x" * 9_000_000, "its text has 9,000,000 characters (limit 2,000,000)"),
    ],
)
def test_an_article_too_large_is_refused_and_the_others_are_stored(
    study: Study, tmp_path: Path, text: str, why: str
) -> None:
    texts = write(tmp_path / "texts", {"a.txt": GOOD, "b.txt": text, "c.txt": GOOD.replace("Velo", "Karsk")})
    with within(60):
        done = add(study, [texts], outlet="Herald")
    assert len(done.new) == 2 and [why in refused for _, refused in done.refusals] == [True]
    assert "divide the text" in done.refusals[0].why or "separate paragraphs" in done.refusals[0].why


@pytest.mark.parametrize(
    ("column", "why"),
    [
        ("title", "its title has 60,000 characters (limit 5,000)"),
        ("desk", "one of its other values has 150,000 characters"),
        ("outlet", "its outlet has 150,000 characters (limit 500); expected the name of its publisher"),
    ],
)
def test_titles_and_metadata_too_large_are_refused(study: Study, column: str, why: str) -> None:
    length = 60_000 if column == "title" else 150_000
    frame = pd.DataFrame([{"id": "1", "outlet": "Herald", "text": BODY} | {column: "x" * length},
                          {"id": "2", "outlet": "Herald", "text": MORE} | {column: "Velo"}])  # fmt: skip
    done = add(study, frame)
    assert len(done.new) == 1 and why in done.refusals[0].why


def test_a_table_with_one_cell_of_50_megabytes_is_read_beside_it(study: Study, tmp_path: Path) -> None:
    file = (
        write(tmp_path, {"t.csv": f'id,outlet,text\n1,Herald,{"Velo fell. " * 4_600_000}\n2,Herald,"{BODY}"\n'})
        / "t.csv"
    )
    with within(90):
        done = add(study, [file])
    assert len(done.new) == 1 and "characters (limit 2,000,000)" in done.refusals[0].why


PAGES = {
    "attributes": "<p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">x</p>",
    "attributes without values": "<p " + " ".join(f"a{n}" for n in range(100_000)) + ">x</p>",
    "nested elements": "<div>" * 50_000 + "x" + "</div>" * 50_000,
    "nested lists": "<ul><li>" * 50_000,
    "nested data": '<script type="application/ld+json">' + '{"@type":[' * 50_000 + "</script>",
    "spans": "<p>" + "<span>a</span> " * 60_000 + "</p>",
    "huge": "<p>Northland took the town of Velo at dawn.</p>" * 23_000,
}


@pytest.mark.parametrize("shape", PAGES)
def test_a_page_of_a_hostile_shape_is_read_or_refused_in_time(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shape: str
) -> None:
    monkeypatch.setattr(deadline, "SECONDS", 3.0)
    pages = {
        "a.html": article(1),
        "b.html": article(2).replace("</article>", PAGES[shape] + "</article>"),
        "c.html": article(3),
    }
    with within(120):
        done = add(study, [write(tmp_path / "pages", pages)], outlet="Herald")
    assert len(done.new) + len(done.refusals) == 3 and len(done.new) >= 2
    assert all("b.html" in where and ";" in why for where, why in done.refusals)


def test_the_deadline_holds_in_threads_and_the_next_page_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "SECONDS", 3.0)
    slow = article(2).replace("</article>", PAGES["nested data"] + "</article>").encode()
    large = article(1).replace("</article>", f"<!-- {'x' * 1_100_000} --></article>").encode()
    outcomes: dict[int, str] = {}

    def read(number: int) -> None:
        try:
            outcomes[number] = draft_of_page(large if number else slow, "page").title or ""
        except deadline.OutOfTime as error:
            outcomes[number] = str(error)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(3)]
    with within(120):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [outcomes[n] for n in (1, 2)] == ["Velo falls on day 1"] * 2
    assert "takes more than" in outcomes[0] and "save its text" in outcomes[0]


def test_a_large_page_is_read_in_the_other_process_as_in_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    page = article(1).replace("</article>", f"<!-- {'x' * 1_100_000} --></article>").encode()
    there = draft_of_page(page, "page")
    monkeypatch.setattr(deadline, "may_be_slow", lambda data: False)
    monkeypatch.setattr("corpus.readers.html.may_be_slow", lambda data: False)
    assert draft_of_page(page, "page") == there and there.title == "Velo falls on day 1"


# workbooks, Word files, OpenDocument: what is packed


def workbook(path: Path, rows: str, before: str = "", after: str = "", **parts: str) -> Path:
    """A workbook whose one sheet has these rows as XML."""
    small, made = io.BytesIO(), Workbook()
    made.active.append(["id", "outlet", "text"])
    made.save(small)
    with zipfile.ZipFile(small) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name == "xl/worksheets/sheet1.xml":
                target.writestr(name, SHEET.format(rows=rows, before=before, after=after))
            elif name not in parts:
                target.writestr(name, source.read(name))
        for name, content in parts.items():
            target.writestr(name, content)
    return path


def row(number: int, *cells: str) -> str:
    inside = "".join(
        f'<c r="{"ABCDEFGH"[n]}{number}" t="inlineStr"><is><t>{cell}</t></is></c>' for n, cell in enumerate(cells)
    )
    return f'<row r="{number}">{inside}</row>'


HEAD = row(1, "id", "outlet", "text")


@pytest.mark.parametrize("tag", ["c", "x:c"])
def test_a_workbook_of_six_million_cells_is_refused(tmp_path: Path, tag: str) -> None:
    rows = f'<row r="2">{f"<{tag} />" * 1000}</row>' * 6000
    with within(30):
        assert "more than 1,500,000 cells; save the sheet you need as CSV" in refusal(
            workbook(tmp_path / "a.xlsx", HEAD + rows)
        )


def test_cells_far_away_and_false_dimensions_take_no_time(tmp_path: Path) -> None:
    far = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'
    file = workbook(tmp_path / "a.xlsx", HEAD + row(2, "1", "Herald", BODY) + far, '<dimension ref="A1:XFD1048576"/>')
    with within(60):
        assert [draft.text for draft in read_file(file).drafts] == [BODY]


@pytest.mark.parametrize(
    ("rows", "after", "why"),
    [
        (
            '<row r="2"><c r="XFD2"><v>1</v></c></row>'
            + " " * 3_000_000
            + '<row r="1048576"><c r="A1048576"><v>1</v></c></row>',
            "",
            "in row 1,048,576 or column 16,384",
        ),
        ("", '<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>', "merged cells"),
        (f'<row r="2">{"<c/>" * 1_600_000}</row>', "", "more than 1,500,000 cells"),
    ],
)
def test_answers_in_a_workbook_that_would_fill_the_memory_are_refused(
    study: Study, tmp_path: Path, rows: str, after: str, why: str
) -> None:
    from annotate import import_answers
    from corpus.errors import SlantwiseError

    file = workbook(tmp_path / "a.xlsx", row(1, "span", "coder", "wording") + rows, after=after)
    with within(30), pytest.raises(SlantwiseError, match=why):
        import_answers(study, file)


def packed(path: Path, **parts: str | bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


@pytest.mark.parametrize(
    ("name", "parts", "why"),
    [
        ("a.docx", {"word/document.xml": f"<w:document {W}><w:body>{'<w:p><w:r><w:t>x</w:t></w:r></w:p>' * 2_000_000}</w:body></w:document>"},
         "more than 300,000 paragraphs; divide it"),
        ("b.docx", {"word/document.xml": b" " * 150_000_000}, "more than 100,000,000 bytes"),
        ("a.xlsx", {"[Content_Types].xml": "<Types/>", "xl/workbook.xml": b" " * 600_000_000}, "more than 500,000,000 bytes"),
        ("a.odt", {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": b" " * 150_000_000}, "more than 100,000,000 bytes"),
        ("b.odt", {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<a>" + "<b/>" * 4_000_000 + "</a>"}, "more than 3,000,000 tags"),
        ("a.epub", {"mimetype": b"application/epub+zip" + b" " * 200_000_000}, "EPUB"),
    ],
    ids=["paragraphs", "docx", "xlsx", "odt", "odt tags", "epub"],
)  # fmt: skip
def test_what_unpacks_to_more_than_any_article_is_refused(
    tmp_path: Path, name: str, parts: dict[str, str | bytes], why: str
) -> None:
    with within(60):
        assert why in refusal(packed(tmp_path / name, **parts))


def test_metadata_that_name_each_other_do_not_multiply(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)), "title: *a11"]
    path = tmp_path / "a.md"
    path.write_text("---\n" + "\n".join(lines) + f"\n---\n\n{BODY}\n", encoding="utf-8")
    with within(5):
        (draft,) = read_file(path, "a.md").drafts
    assert draft.title is None and draft.text == BODY
