"""Titles and texts of others turn no direction and steer no terminal where they are shown; they are stored as they are."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from command_line import slantwise
from stores import study_in

from annotate import report, write_codebook_page
from corpus import Study, add

TITLE = "Velo \u202ellef\u202c falls \u2066today"
OUTLET = "Herald \u202eevil"
TEXT = "Northland’s army took \u202eeht nwot\u202c of Velo at dawn on Monday, its ministry said.\n\nThey took Karsk \u2067too\u2069."
STEERING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x1b\x9b"


@pytest.fixture
def study(tmp_path: Path) -> Study:
    made = study_in(tmp_path / "study")
    add(made, pd.DataFrame([{"id": "1", "outlet": OUTLET, "title": TITLE, "text": TEXT, "date": "2025-01-03"}]))
    return made


def test_they_are_stored_as_they_are(study: Study) -> None:
    (row,) = study.articles().to_dict("records")
    assert row["title"] == TITLE and row["outlet"] == OUTLET and "\u202eeht nwot\u202c" in row["text"]


@pytest.mark.parametrize(
    "command", ["status", "kwic took", "terms took", "article show ID", "copies list", "events list"]
)
def test_terminals_show_codes_and_json_escapes(study: Study, command: str) -> None:
    words = [study.articles()["article"][0] if word == "ID" else word for word in command.split()]
    done = slantwise(*words, cwd=study.folder)
    assert done.returncode == 0 and not set(done.stdout + done.stderr) & set(STEERING)
    if command in ("status", "kwic took", "article show ID"):
        assert "⟨U+202E⟩" in done.stdout
    printed = slantwise(*words, "--json", cwd=study.folder)
    assert not set(printed.stdout) & set(STEERING)
    if command == "article show ID":
        assert TITLE in json.dumps(json.loads(printed.stdout), ensure_ascii=False)


def test_an_escape_sequence_in_a_message_is_shown(study: Study) -> None:
    done = slantwise("feeds", "add", "https://h.example/\x1b]0;x\x07", "--outlet", "Herald", cwd=study.folder)
    assert done.returncode == 2 and "\x1b" not in done.stderr


def test_pages_show_codes(study: Study) -> None:
    for page in (report.write(study).report, write_codebook_page(study).page):
        words = Path(page).read_text(encoding="utf-8")
        assert not set(words) & set(STEERING)
    assert "⟨U+202E⟩" in Path(report.write(study).report).read_text(encoding="utf-8")
