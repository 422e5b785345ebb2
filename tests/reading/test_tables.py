"""Tables: columns by any common name, missing values, separators, damaged rows, and cells that are not as they should be."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from corpus.draft import ReadResult
from corpus.events.table import read_event_table
from corpus.readers import read_file
from corpus.readers.manifest import Manifest
from corpus.readers.table import read_frame
from corpus.readers.tables.columns import FIELDS, SYNONYMS

CASES = Path(__file__).parents[1] / "data/cases"
COLUMNS, MISSING = CASES / "22-table-columns", CASES / "09-na-of-r"


def read(folder: Path, content: str, name: str = "a.csv") -> ReadResult:
    (folder / name).write_text(content, encoding="utf-8", newline="")
    return read_file(folder / name)


def told(reading: ReadResult) -> list[str]:
    """Return the rows of refusals and warnings, with the beginnings of their reasons."""
    return [
        f"{where.rpartition(', ')[2]}: {why.partition(';')[0]}" for where, why in reading.refusals + reading.warnings
    ]


# missing values


def test_na_of_r_is_missing_in_every_column() -> None:
    reading = read_file(MISSING / "r.csv")
    assert [(d.outlet, d.title, d.text, d.published, d.language) for d in reading.drafts] == [
        ("Herald", None, "Northland captured Velo on Monday.", date(2025, 1, 3), "en"),
        ("Herald", "Bridge seized", "Bridge seized", date(2025, 1, 4), "en"),
        (None, "Port retaken", "The port was retaken by marines.", date(2025, 1, 4), None),
        ("Herald", "Karsk", "Southland liberated Karsk.", None, None),
    ]
    assert told(reading) == ["row 2: the row has no text, so its title is all that was stored"]


def test_nan_of_python_is_missing_in_json_lines_manifests_and_events() -> None:
    reading = read_file(MISSING / "nan.jsonl")
    assert [(d.outlet, d.title) for d in reading.drafts] == [("Courier", None), ("Courier", "Bridge"), (None, None)]
    assert "nan" not in [d.text for d in reading.drafts]
    manifest = Manifest(MISSING / "manifest/manifest.csv")
    assert (manifest.rows, len(manifest.refusals)) == ({}, 2)
    rows, refusals = read_event_table(MISSING / "events.csv")
    assert [(row.place, row.title) for row in rows] == [("Velo", None)]
    assert len(refusals) == 4


@pytest.mark.parametrize(
    "value", ["NA", "nan", "NaN", "None", "null", "NULL", "N/A", "n/a", "<NA>", "#N/A", "-", ".", " NA "]
)
def test_each_way_of_writing_nothing_is_missing(tmp_path: Path, value: str) -> None:
    (draft,) = read(tmp_path, f"id,outlet,title,text,desk\n{value},{value},{value},Velo fell at dawn.,{value}\n").drafts
    assert (draft.key, draft.outlet, draft.title, draft.metadata) == ("a.csv:1", None, None, {})
    assert told(read(tmp_path, f"outlet,text\nHerald,{value}\n")) == ["row 1: the row has no text"]


def test_na_is_namibia_among_codes_of_countries(tmp_path: Path) -> None:
    codes = read(tmp_path, "country,text\nNA,Velo fell at dawn.\nDE,It burned.\n").drafts
    names = read(tmp_path, "country,text\nNA,Velo fell at dawn.\nGermany,It burned.\n").drafts
    assert [draft.metadata.get("country") for draft in codes + names] == ["NA", "DE", None, "Germany"]


def test_missing_values_of_data_frames() -> None:
    frame = pd.DataFrame({"id": [1, None, "NA"], "Text": ["Velo fell.", "It burned.", "Karsk held."], "outlet": "nan"})
    reading = read_frame(frame)
    assert [(draft.key, draft.outlet) for draft in reading.drafts] == [("1", None)]
    assert len(reading.refusals) == 2


# columns


@pytest.mark.parametrize("name", ["upper.csv", "cap.csv", "pipe.csv", "sep.csv", "pub.csv"])
def test_names_of_columns_and_separators_are_known(name: str) -> None:
    (draft,) = read_file(COLUMNS / name).drafts
    assert (draft.outlet, draft.title, draft.published) == ("Herald", "Velo falls", date(2025, 1, 3))
    assert draft.text.startswith("Northland captured Velo")


@pytest.mark.parametrize(
    "header",
    [
        "Outlet,Pub Date,Headline,Full Text", "media_name,publication-date,TITLE,body", "Medium,Datum,Überschrift,Volltext",
        "Zeitung,Erscheinungsdatum,Titel,Inhalt", "\ufeffSource,pubDate,heading,article_text", "источник,дата,заголовок,текст",
    ],
)  # fmt: skip
def test_common_synonyms_are_known(tmp_path: Path, header: str) -> None:
    (draft,) = read(tmp_path, f"{header}\nHerald,2025-01-03,Velo falls,Northland captured Velo.\n").drafts
    assert (draft.outlet, draft.title, draft.published, draft.metadata) == (
        "Herald",
        "Velo falls",
        date(2025, 1, 3),
        {},
    )


def test_two_columns_of_one_name_are_refused() -> None:
    (refusal,) = read_file(COLUMNS / "dupcol.csv").refusals
    assert refusal.why == "two columns are named text; rename one of them"


def test_two_columns_of_one_name_are_refused_whatever_their_letters(tmp_path: Path) -> None:
    assert "two columns are named date" in told(read(tmp_path, "Date,text,date\n1,Velo fell.,2\n"))[0]
    lines = json.dumps({"text": "Velo fell at dawn.", "Text": "It burned at dusk."})
    assert told(read(tmp_path, lines, "a.jsonl")) == ["row 1: two columns are named text ('text' and 'Text')"]


def test_two_columns_of_one_field_that_differ_are_told_and_nothing_is_lost(tmp_path: Path) -> None:
    reading = read(tmp_path, "outlet,source,text\nHerald,Reuters,Velo fell at dawn.\nPost,Post,It burned.\n")
    assert [(draft.outlet, draft.metadata) for draft in reading.drafts] == [
        ("Herald", {"source": "Reuters"}),
        ("Post", {}),
    ]
    assert told(reading) == ["row 1: the columns outlet and source differ ('Herald' and 'Reuters')"]


def test_a_note_above_the_header_is_told(tmp_path: Path) -> None:
    reading = read(
        tmp_path, "Articles, as exported, in May\noutlet;title;text\nHerald;Velo falls;Velo fell, at dawn.\n"
    )
    assert [(draft.outlet, draft.text) for draft in reading.drafts] == [("Herald", "Velo fell, at dawn.")]
    assert "'Articles, as exported, in May' above the names of the columns" in reading.warnings[0].why


# damaged rows


def test_a_torn_quote_costs_its_own_row_only() -> None:
    reading = read_file(COLUMNS / "quote.csv")
    assert [draft.outlet for draft in reading.drafts] == ["Courier", "Daily"]
    assert told(reading)[0].startswith("row 1: the table is damaged here")


def test_a_quote_that_is_never_closed_swallows_no_rows(tmp_path: Path) -> None:
    rows = ['Herald,"Velo fell,2025-01-03', "Courier,It burned.,2025-01-04", 'Daily,"Karsk held.",2025-01-05']
    reading = read(tmp_path, "\n".join(["outlet,text,date", *rows]) + "\n")
    assert [draft.outlet for draft in reading.drafts] == ["Courier", "Daily"]
    assert "line 2 of the file was not read" in reading.refusals[0].why


def test_a_short_row_is_told() -> None:
    reading = read_file(COLUMNS / "short.csv")
    assert [draft.outlet for draft in reading.drafts] == ["Courier"]
    assert told(reading) == ["row 1: the row has 2 of the 3 cells of the first row (without date)"]


def test_line_ends_of_old_macintoshes_and_commas_in_quoted_numbers(tmp_path: Path) -> None:
    reading = read(tmp_path, 'outlet,share,text\rHerald,"3,5","Velo fell.\r\rIt burned."\r')
    assert [(d.text, d.metadata) for d in reading.drafts] == [("Velo fell.\r\rIt burned.", {"share": "3,5"})]


# cells


def test_markup_is_removed_and_told() -> None:
    reading = read_file(COLUMNS / "html.csv")
    assert reading.drafts[0].text == 'Northland captured Velo.\n\nIt was "liberated" & lost.\n\nThen nothing.'
    assert told(reading) == ["row 1: the text had tags or entities of HTML, which were removed"]


def test_numbers_lists_and_objects_are_told_with_their_rows() -> None:
    reading = read_file(COLUMNS / "huge.jsonl")
    assert [where.rpartition(" ")[2] for where, _ in reading.refusals] == ["2", "3", "4", "5", "7"]
    assert (reading.drafts[0].key, reading.drafts[0].published) == ("12345678901234567890123", date(2025, 1, 5))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("text\n\"['Velo fell.', 'It burned.']\"\n", "its text is a list, written as text"),
        ('text\n"c(""Velo fell."", ""It burned."")"\n', "its text is a list, written as text"),
        ("id,text\n1.23E+15,Velo fell at dawn.\n", "its id is 1.23E+15; a spreadsheet has shortened it"),
        ("id,text\n1,TRUE\n", "its text is true or false"),
        ("id,text\n1,#NAME?\n", "its text is #NAME?, an error of a formula"),
        ("id,text\n1," + "x" * 32_767 + "\n", "the text ends at 32,767 characters"),
        ("date,text\n45000,Velo fell at dawn.\n", "a number by which spreadsheets store days"),
        ("date,text\n5/3/2024,Velo fell at dawn.\n", "it may be 2024-03-05 or 2024-05-03"),
    ],
)
def test_what_is_not_as_it_should_be_is_told_with_its_row(tmp_path: Path, content: str, why: str) -> None:
    reading = read(tmp_path, content)
    ((where, said),) = reading.refusals + reading.warnings
    assert where.endswith("row 1") and why in said


def test_whole_numbers_that_became_fractions_are_whole_again(tmp_path: Path) -> None:
    reading = read(tmp_path, "id,text\n17.0,Velo fell at dawn.\n,It burned at dusk.\n18.0,Karsk held on.\n")
    assert [draft.key for draft in reading.drafts] == ["17", "a.csv:2", "18"]


def test_the_names_of_columns_are_those_that_the_documentation_lists() -> None:
    page = (Path(__file__).parents[2] / "docs/texts.md").read_text(encoding="utf-8")
    section = page.partition("## Names of columns")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.split("\n") if line.startswith("| `")]
    listed = {FIELDS[name.strip("`")]: {name.strip("`"), *others.split(", ")} for name, others in rows}
    assert listed == {field: set(names) for field, names in SYNONYMS.items() if len(names) > 1}


def test_a_line_of_a_text_that_looks_a_little_like_a_row_stays_in_its_text(tmp_path: Path) -> None:
    """In a table without damage: one line has as many commas as the header, and a date in the date's place."""
    line = "On Friday, 24 soldiers, 2 May 2024, the town of Velo fell"
    text = f"Velo falls.\n\n{line}, its mayor said.\n{line}\n\nNobody was hurt."
    rows = "".join(f'{n},{("Herald", "Courier")[n % 2]},2024-05-01,"{text} {n}"\n' for n in range(20))
    reading = read(tmp_path, f"id,outlet,published,text\n{rows}")
    assert reading.refusals == [] and [draft.outlet for draft in reading.drafts] == ["Herald", "Courier"] * 10
