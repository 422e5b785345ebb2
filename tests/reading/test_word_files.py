"""Word files: what a reader sees is text, what was deleted, hidden or stands around the pages is not."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from exports import W, docx
from stores import write

from corpus.readers import read_file

SHOWN = '<w:vanish w:val="0"/>'


def run(words: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{words}</w:t></w:r>'


def document(inside: str) -> str:
    return f'<w:document xmlns:w="{W}"><w:body>{inside}</w:body></w:document>'


@pytest.mark.parametrize(
    ("inside", "texts"),
    [
        (f"<w:p>{run('Velo ')}<w:ins>{run('was retaken')}</w:ins><w:del><w:r><w:delText>fell</w:delText></w:r></w:del>.</w:p>",
         ["Velo was retaken"]),
        (f"<w:p><w:moveFrom>{run('It burned. ')}</w:moveFrom>{run('Velo fell.')}</w:p><w:p><w:moveTo>{run('It burned.')}</w:moveTo></w:p>",
         ["Velo fell.", "It burned."]),
        (f"<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>{run('Velo was ')}</w:p><w:p>{run('retaken.')}</w:p>", ["Velo was retaken."]),
        (f"<w:p>{run('Velo ')}{run('never ', '<w:vanish/>')}{run('fell.', SHOWN)}</w:p>", ["Velo fell."]),
        (f"<w:tbl><w:tr><w:tc><w:p>{run('State')}</w:p></w:tc><w:tc><w:p>{run('occupied')}</w:p></w:tc></w:tr></w:tbl>",
         ["State", "occupied"]),
        (f"<w:p>{run('Velo fell.')}<w:r><w:pict><w:txbxContent><w:p>{run('Nine days')}</w:p></w:txbxContent></w:pict></w:r></w:p>",
         ["Velo fell.", "Nine days"]),
        ("<w:p><w:r><w:t>lib</w:t><w:softHyphen/><w:t>erated\u00a0!</w:t><w:noBreakHyphen/><w:t>x</w:t></w:r></w:p>",
         ["lib\u00aderated\u00a0!-x"]),
        (f"<w:p><w:r><w:instrText>PAGE</w:instrText></w:r>{run('Velo fell.')}<w:r><w:drawing/></w:r></w:p>", ["Velo fell."]),
        (f"<w:p><w:pPr><w:rPr><w:b/></w:rPr></w:pPr>{run('Update:', '<w:b/>')}{run(' it burned.')}</w:p>", ["Update: it burned."]),
    ],
)  # fmt: skip
def test_a_paragraph_is_what_its_reader_sees(tmp_path: Path, inside: str, texts: list[str]) -> None:
    path = write(tmp_path, {"a.docx": docx([], document(inside))}) / "a.docx"
    ((draft,), refusals) = (read_file(path).drafts, read_file(path).refusals)
    assert (draft.text.split("\n\n"), refusals) == (texts, [])


def test_footnotes_follow_their_paragraph_and_page_headers_are_no_text(tmp_path: Path) -> None:
    reference = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    inside = f"<w:p>{run('Velo fell.')}{reference}</w:p><w:p>{run('It burned.')}</w:p>"
    made = io.BytesIO(docx([], document(inside)))
    with zipfile.ZipFile(made, "a") as archive:
        note = f'<w:footnote w:id="2"><w:p>{run("So the ministry says.")}</w:p></w:footnote>'
        archive.writestr("word/footnotes.xml", f'<w:footnotes xmlns:w="{W}">{note}</w:footnotes>')
        archive.writestr("word/header1.xml", f'<w:hdr xmlns:w="{W}"><w:p>{run("Page 1")}</w:p></w:hdr>')
    (draft,) = read_file(write(tmp_path, {"a.docx": made.getvalue()}) / "a.docx").drafts
    assert draft.text.split("\n\n") == ["Velo fell.", "So the ministry says.", "It burned."]
