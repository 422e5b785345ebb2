"""RTF: the words that a reader sees are read; hidden text, pictures, comments and headers are not."""

from __future__ import annotations

import time
from pathlib import Path

import exports
import pytest
from stores import BODY, MORE
from test_kinds_of_files import one, read, refused


def rtf(body: str, head: str = r"\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss\fcharset0 Arial;}}") -> bytes:
    return rf"{{\rtf1{head}{body}}}".encode("latin-1")


def written(text: str) -> str:
    """Text as RTF has it."""
    codes = text.encode("utf-16-le")
    units = [int.from_bytes(codes[i : i + 2], "little", signed=True) for i in range(0, len(codes), 2)]
    return "".join(chr(unit) if 0 < unit < 128 else rf"\u{unit}?" for unit in units)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"\u8220?V\u233?lo\u8221? \'84x\'93 \ldblquote y\rdblquote\rquote s", "“Vélo” „x“ “y”’s"),
        (r"\uc0\u1042\u1077  x\uc2\u1083??\u1086\'61\'62!", "Ве xло!"),
        (written("🚒 Вело — 解放 ё"), "🚒 Вело — 解放 ё"),
        (r"shown {\v hidden} x\v hidden\v0  y {\deleted gone}z\plain", "shown x y z"),
        (r"a{\*\bkmkstart b}b{\pict\pngblip 89504e47}{\object\objdata 01}{\info{\title T}}{\header H\par}{\footer F\par}c", "abc"),
        (r"A\footnote", "A"),
        (r"A.{\super\chftn}{\footnote\pard N one.\par N two.} B.\par C.", "A. B.\n\nN one.\n\nN two.\n\nC."),
        (r"{\field{\*\fldinst HYPERLINK \\l x}{\fldrslt Karsk}} {\*\annotation note}held", "Karsk held"),
        (r"\trowd\cellx1\cellx2 a\cell b\cell\row\pard after\line x", "a\n\nb\n\nafter\n\nx"),
        (r"nb\_hy op\-tional a\~b \{c\} \\d", "nb-hy optional a b {c} \\d"),
        (r"{\shp{\*\shpinst{\sp{\sn a}{\sv 1}}{\shptxt Box.\par}}{\shprslt old}}Rest", "Box.\n\nRest"),
        (r"a{\pict\bin3 }}}}b", "ab"),
        ("a\\\nb", "a\n\nb"),
    ],
)  # fmt: skip
def test_what_is_shown_is_read(tmp_path: Path, body: str, text: str) -> None:
    assert " ".join(one(tmp_path, "a.rtf", rtf(body)).text.split(" ")) == text


@pytest.mark.parametrize(
    ("head", "body", "text"),
    [
        (r"\ansi\ansicpg1251{\fonttbl{\f0\fcharset204 A;}}", r"\'c2\'e5\'eb\'ee", "Вело"),
        (r"\ansi\ansicpg1251{\fonttbl{\f0\fcharset0 A;}}", r"\'c2\'e5\'eb\'ee", "Вело"),
        (
            r"\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset238 B;}}",
            r"\f0 \'e9 {\f1 \'e8\'f8} \'e8",
            "é čř è",
        ),
        (r"\ansi\ansicpg936{\fonttbl{\f0\fcharset134 S;}}", r"\'bd\'e2\'b7\'c5", "解放"),
        (r"\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 A;}{\f3\fcharset2 Symbol;}}", r"{\f3 \'b7}\tab Karsk", "Karsk"),
        (r"\mac", r"\'8e", "é"),
        (r"\ansi ", "raw \x93quoted\x94", "raw “quoted”"),
    ],
)
def test_code_pages_of_the_file_and_of_its_fonts_are_obeyed(tmp_path: Path, head: str, body: str, text: str) -> None:
    assert one(tmp_path, "a.txt", rtf(body, head)).text == text


@pytest.mark.parametrize("name", ["a.rtf", "a.doc", "a.txt", "a"])
def test_an_article_in_rtf_is_read_whatever_its_name(tmp_path: Path, name: str) -> None:
    assert one(tmp_path, name, rtf(rf"{written(BODY)}\par {written(MORE)}\par")).text == f"{BODY}\n\n{MORE}"


def test_an_export_of_nexis_in_rtf_is_read_as_the_export(tmp_path: Path) -> None:
    lines = [line if isinstance(line, str) else line[0] for line in exports.UNI]
    draft = one(tmp_path, "a.rtf", rtf("".join(rf"\pard {written(line)}\par" "\n" for line in lines)))
    assert draft.metadata["archive"] == "Nexis" and draft.title == "Velo falls after nine days"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (rb"{\rtf1\ansi Velo fell.\par", "ends within its text"),
        (rb"{\rtf1\ansi }", "no text"),
        (rb"{\rtf1\ansi\ansicpg1252 \'81}", "not cp1252"),
        (rb"{\rtf1\ansi\ansicpg99999 \'81}", "not cp99999"),
    ],
)
def test_damaged_rtf_is_refused(tmp_path: Path, data: bytes, why: str) -> None:
    assert why in refused(tmp_path, "a.rtf", data)


def test_reading_takes_time_in_proportion_to_the_length(tmp_path: Path) -> None:
    for body in (
        "{" * 200_000 + "x" + "}" * 200_000,
        r"\u233?" * 200_000,
        r"\'e9" * 200_000,
        r"{\footnote x}" * 50_000,
        "\\par " * 200_000,
    ):
        started = time.process_time()
        one(tmp_path, "a.rtf", rtf(f"Velo {body}"))
        assert time.process_time() - started < 10


@pytest.mark.parametrize(("encoding", "named"), [("windows-1251", "cp1251"), ("utf-8", "utf-8")])
def test_letters_decide_where_the_code_page_is_wrong(tmp_path: Path, encoding: str, named: str) -> None:
    text = "Войска заняли Вело в понедельник после девяти дней осады. «Город освобождён», – сказал мэр."
    codes = "".join(rf"\'{byte:02x}" for byte in text.encode(encoding))
    found = read(tmp_path, "a.rtf", rtf(codes, r"\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 A;}}\f0 "))
    assert [draft.text for draft in found.drafts] == [text]
    assert [f"its letters are {named}" in why for _, why in found.warnings] == [True]
    right = read(
        tmp_path, "b.rtf", rtf("".join(rf"\'{byte:02x}" for byte in text.encode("cp1251")), r"\ansi\ansicpg1251 ")
    )
    assert ([draft.text for draft in right.drafts], right.warnings) == ([text], [])
