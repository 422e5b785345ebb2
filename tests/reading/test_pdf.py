"""PDF with a text layer: paragraphs are read as they are seen; heads, page numbers and division at line ends are not text."""

from __future__ import annotations

import io
import shutil
import subprocess
import textwrap
import time
from pathlib import Path

import exports
import pypdf
import pytest
from conftest import needs
from stores import BODY, MORE
from test_kinds_of_files import one, read, refused

Placed = tuple[float, float, float, str]  # x, y, size, text
TOWNS = [
    "Ardun",
    "Brenik",
    "Cadmor",
    "Dessen",
    "Elvar",
    "Fenmark",
    "Gorsk",
    "Halden",
    "Ilm",
    "Jastrow",
    "Karsk",
    "Lantry",
    "Marn",
    "Nolde",
    "Osterby",
    "Pernau",
    "Quist",
    "Rovno",
]
LONG = [
    text
    for a, b in zip(TOWNS, reversed(TOWNS), strict=True)
    for text in (
        f"In {a}, {b}’s army entered the town hall at dawn on Monday, its ministry of defence said in a statement that could not be checked.",
        f"{b} denied it; officials in {a} spoke of heavy fighting in the north-eastern suburbs, where shops stayed closed all week.",
    )
]


def pdf(*pages: list[Placed]) -> bytes:
    """A PDF whose lines are at these places."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    kids = []
    for lines in pages:
        shown = [
            f"BT /F1 {size} Tf 1 0 0 1 {x} {y} Tm <{text.encode('cp1252').hex()}> Tj ET" for x, y, size, text in lines
        ]
        stream = "\n".join(shown)
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects)} 0 R /Resources << /Font << /F1 3 0 R >> >> >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>"
    made, places = io.BytesIO(), []
    made.write(b"%PDF-1.4\n")
    for number, body in enumerate(objects, 1):
        places.append(made.tell())
        made.write(f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1"))
    start = made.tell()
    made.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    made.write(b"".join(f"{place:010} 00000 n \n".encode() for place in places))
    made.write(f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode())
    return made.getvalue()


def column(
    paragraphs: list[str], width: int, x: float, top: float, *, gap: float = 0, indent: float = 0
) -> list[Placed]:
    """The lines of paragraphs below each other."""
    lines, y = [], top
    for paragraph in paragraphs:
        for number, line in enumerate(textwrap.wrap(paragraph, width, break_on_hyphens=True)):
            lines.append((x + (indent if number == 0 else 0), y, 10.0, line))
            y -= 12
        y -= gap
    return lines


def flowing(*, width: int, columns: int, gap: float = 0, indent: float = 0, is_across: bool = False) -> bytes:
    """Paragraphs over pages of several columns, with a head, a foot and a number on each page.

    Some programs write each line across the columns (`is_across`).
    """
    every = column(LONG, width, 0, 100_000, gap=gap, indent=indent)
    pages: list[list[Placed]] = []
    deep = 20
    for first in range(0, len(every), deep * columns):
        number = len(pages) + 1
        page: list[Placed] = [(50, 810, 8, "The Herald – Monday, 3 January 2025")]
        for place in range(columns):
            part = every[first + place * deep : first + (place + 1) * deep]
            page += [(50 + x + place * 270, 780 + y - part[0][1], size, text) for x, y, size, text in part]
        if is_across:
            page.sort(key=lambda placed: (-placed[1], placed[0]))
        pages.append([*page, (50, 30, 8, "© Herald Press"), (290, 30, 8, f"Page {number}")])
    return pdf(*pages)


@pytest.mark.parametrize(("width", "columns"), [(90, 1), (45, 2)])
@pytest.mark.parametrize(("gap", "indent"), [(8, 0), (0, 12)])
@pytest.mark.parametrize("is_across", [False, True])
def test_paragraphs_in_columns_over_pages_are_whole_and_heads_are_left_out(
    tmp_path: Path, width: int, columns: int, gap: float, indent: float, is_across: bool
) -> None:
    data = flowing(width=width, columns=columns, gap=gap, indent=indent, is_across=is_across)
    assert one(tmp_path, "a.pdf", data).text.split("\n\n") == LONG


def test_columns_of_which_one_is_longer_are_read_one_after_the_other_and_a_table_row_by_row(tmp_path: Path) -> None:
    left, right = column(LONG[:5], 45, 50, 700, gap=8), column(LONG[5:7], 45, 320, 700, gap=8)
    page = sorted([*left, *right, (50, 740, 10.0, "Velo")], key=lambda placed: (-placed[1], placed[0]))
    assert one(tmp_path, "a.pdf", pdf(page)).text.split("\n\n") == ["Velo", *LONG[:7]]
    table: list[Placed] = [
        cell
        for i, town in enumerate(TOWNS)
        for cell in ((50.0, 700.0 - 20 * i, 10.0, town), (300.0, 700.0 - 20 * i, 10.0, f"{i}"))
    ]
    assert one(tmp_path, "b.pdf", pdf(table)).text.startswith("Ardun 0 Brenik 1 ")
    near = [(x if x == 50 else 110.0, y, size, text) for x, y, size, text in table]
    assert one(tmp_path, "c.pdf", pdf(near)).text.startswith("Ardun 0 Brenik 1 ")


def test_larger_letters_above_the_text_are_its_headline(tmp_path: Path) -> None:
    page: list[Placed] = [
        (50, 800, 22, "Velo falls after"),
        (50, 776, 22, "nine days"),
        *column([BODY, MORE], 60, 50, 740, gap=6),
    ]
    for name in ("a.pdf", "a.txt", "a.docx"):
        draft = one(tmp_path, name, pdf(page))
        assert draft.title == "Velo falls after nine days"
        assert draft.text.split("\n\n") == [draft.title, BODY, MORE]


def test_words_divided_at_a_lines_end_are_joined_and_compounds_keep_their_hyphen(tmp_path: Path) -> None:
    lines = ["The north-eastern suburbs were shelled by the govern-", "ment, while the north-", "eastern road and the state-of-the-",
             "art bridge between Velo-", "Brenik and Karsk were closed in 2024-", "25 because of the danger."]  # fmt: skip
    page: list[Placed] = [(50, 700 - 12 * i, 10, line) for i, line in enumerate(lines)]
    assert one(tmp_path, "a.pdf", pdf(page)).text == (
        "The north-eastern suburbs were shelled by the government, while the north-eastern road and the state-of-the-art bridge "
        "between Velo-Brenik and Karsk were closed in 2024-25 because of the danger."
    )


def test_a_scan_without_text_is_refused_and_single_scanned_pages_are_said(tmp_path: Path) -> None:
    whole = pdf(column([BODY], 60, 50, 700))
    blank = pdf([])
    assert "no text layer" in refused(tmp_path, "a.pdf", blank) and "run OCR" in refused(tmp_path, "a.pdf", blank)
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(whole))
    page = writer.add_blank_page()
    name = pypdf.generic.NameObject
    picture = pypdf.generic.DictionaryObject(
        {name("/XObject"): pypdf.generic.DictionaryObject({name("/Im0"): pypdf.generic.NullObject()})}
    )
    page[name("/Resources")] = picture
    made = io.BytesIO()
    writer.write(made)
    found = read(tmp_path, "b.pdf", made.getvalue())
    assert found.drafts[0].text == BODY
    assert [why for _, why in found.warnings] == [
        "its pages 2 are pictures without a text layer, so their text is missing; run OCR"
    ]


def test_an_encrypted_pdf_is_refused_unless_its_password_is_empty(tmp_path: Path) -> None:
    for password, is_read in (("secret", False), ("", True)):
        writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(column([BODY], 60, 50, 700))))
        writer.encrypt(password, "owner", algorithm="RC4-128")
        made = io.BytesIO()
        writer.write(made)
        found = read(tmp_path, "a.pdf", made.getvalue())
        assert [draft.text for draft in found.drafts] == [BODY] * is_read
        assert is_read or "the PDF is encrypted" in found.refusals[0].why


def test_an_export_of_nexis_in_pdf_is_read_as_the_export(tmp_path: Path) -> None:
    lines = [line if isinstance(line, str) else line[0] for line in exports.UNI]
    page = column(lines, 90, 50, 800, gap=8)
    draft = one(tmp_path, "a.pdf", pdf(page))
    assert draft.metadata["archive"] == "Nexis" and draft.title == "Velo falls after nine days"


@pytest.mark.parametrize("data", [b"%PDF-1.7 \x00", b"%PDF-1.4\n%%EOF", pdf(column([BODY], 60, 50, 700))[:300]])
def test_a_damaged_pdf_is_refused(tmp_path: Path, data: bytes) -> None:
    assert "PDF" in refused(tmp_path, "a.pdf", data)


def test_a_page_printed_by_a_browser_has_no_address_and_date_in_its_text(tmp_path: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        needs("Chromium is not installed: apt-get install chromium")
    style = "<style>.c {columns: 2} p {text-align: justify; margin: 0; text-indent: 1.2em}</style>"
    body = "".join(f"<p>{paragraph}</p>" for paragraph in LONG * 2)
    page = tmp_path / "velo.html"
    page.write_text(
        f"<!doctype html><meta charset=utf-8>{style}<h1>Velo falls after nine days</h1><div class=c>{body}</div>"
    )
    printed = tmp_path / "velo.pdf"
    subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}", f"--print-to-pdf={printed}", str(page)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    draft = one(tmp_path, "velo.pdf", printed.read_bytes())
    assert draft.text.split("\n\n") == ["Velo falls after nine days", *LONG * 2]


def test_a_long_pdf_is_read_in_proportion_to_its_pages(tmp_path: Path) -> None:
    started = time.process_time()
    one(tmp_path, "a.pdf", pdf(*[column(LONG, 90, 50, 800)] * 100))
    assert time.process_time() - started < 30
