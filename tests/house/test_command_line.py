"""The command line is a doorway: plain messages, exit codes, JSON for machines, help that teaches."""

import contextlib
import json
import resource
import sqlite3
from pathlib import Path

import pytest
from command_line import ROOT, commands, process, slantwise
from timing import processor_time


@pytest.mark.perf
def test_help_comes_in_less_than_three_tenths_of_a_second() -> None:
    times = []
    for _ in range(5):
        with processor_time(resource.RUSAGE_CHILDREN) as used:
            assert process("--help", cwd=ROOT).returncode == 0
        times.append(used.seconds)
    assert min(times) < 0.3


@pytest.mark.parametrize("command", sorted({command[0] for command in commands()}))
def test_each_command_starts_in_a_process_of_its_own(command: str) -> None:
    said, here = process(command, "--help", cwd=ROOT), slantwise(command, "--help", cwd=ROOT)
    assert (said.returncode, said.stderr) == (here.returncode, here.stderr) == (0, "")
    assert (
        said.stdout.partition("\n\n")[2] == here.stdout.partition("\n\n")[2] != ""
    )  # they differ in the program's name


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_each_command_has_json_and_help_that_ends_in_a_line_to_paste(command: tuple[str, ...]) -> None:
    said = slantwise(*command, "--help", cwd=ROOT)
    assert said.returncode == 0 and "--json" in said.stdout
    assert said.stdout.rstrip().splitlines()[-1].strip().startswith("Example:  slantwise " + " ".join(command))


def test_the_help_names_all_commands_of_the_design() -> None:
    found = {command[0] for command in commands()}
    assert found >= {
        "init", "add", "status", "kwic", "codebook", "import", "agree", "train", "evaluate", "suggest", "report", "export", "demo",
    }  # fmt: skip
    assert {c[1] for c in commands() if c[0] == "codebook"} == {"check", "show", "list", "diff", "migrate", "page"}


def test_status_has_the_agreed_fields_and_no_clock(example_copy: Path) -> None:
    first = slantwise("status", "--json", cwd=example_copy)
    found = json.loads(first.stdout)
    assert first.returncode == 0 and slantwise("status", "--json", cwd=example_copy).stdout == first.stdout
    assert found["outlets"]["Northern Lamp"] == 7 and sum(found["outlets"].values()) == found["articles"] == 50
    assert found["revisions"] == 51 and found["copy_groups"] == 47 and found["coders"][0] == "authors"
    assert found["suggestions"] == 0 and found["model"] is None and found["spans"]["mention"] >= 300


def test_commands_work_from_a_folder_inside_the_study_and_with_study_before_or_after(
    example_copy: Path, tmp_path: Path
) -> None:
    inside = example_copy / "notes" / "models"  # a folder named like one of our packages does no harm
    inside.mkdir(parents=True)
    (inside / "corpus.py").write_text("raise SystemExit('the wrong corpus')")
    wanted = process("status", "--json", cwd=example_copy).stdout
    assert process("status", "--json", cwd=inside).stdout == wanted
    assert process("status", "--json", "--study", example_copy, cwd=tmp_path).stdout == wanted
    assert process("--study", example_copy, "status", "--json", cwd=tmp_path).stdout == wanted


def test_kwic_shows_hits_by_outlet_and_date_with_whose_words_they_are(example_copy: Path) -> None:
    hits = json.loads(slantwise("kwic", "liberat*", "--json", cwd=example_copy).stdout)["hits"]
    assert set(hits[0]) == {"outlet", "date", "article", "span", "left", "match", "right", "attribution"}
    assert all(hit["match"].lower().startswith("liberat") for hit in hits) and len(hits) > 30
    assert {hit["attribution"] for hit in hits} >= {"outlet", "direct", None}
    assert [hit["outlet"] for hit in hits] == sorted(hit["outlet"] for hit in hits)
    only = json.loads(slantwise("kwic", "liberat*", "--outlet", "Free Marn", "--json", cwd=example_copy).stdout)["hits"]
    assert only == [hit for hit in hits if hit["outlet"] == "Free Marn"]
    table = slantwise("kwic", "liberat*", cwd=example_copy)
    assert "Lantry Courier" in table.stdout and f"{len(hits)} hits" in table.stderr


def test_export_and_import_go_round_and_importing_twice_changes_nothing(example_copy: Path, tmp_path: Path) -> None:
    said = slantwise("export", tmp_path / "out", "--json", cwd=example_copy)
    rows = [json.loads(line) for line in (tmp_path / "out" / "annotations.jsonl").read_text().splitlines()]
    assert json.loads(said.stdout)["rows"] == {
        "annotations": len(rows),
        "adjudicated": 0,
        "suggestions": 0,
        "spans": 519,
    }
    answer = {
        **{k: rows[0][k] for k in ("span", "variable", "code")},
        "coder": "mara",
        "made_at": "2026-01-05T10:00:00",
    }
    other = next(row for row in rows if row["variable"] != rows[0]["variable"])
    second = {
        "span": {"article": other["article"], "start": other["start"], "end": other["end"]},
        **{"variable": other["variable"], "code": other["code"], "coder": "mara", "arm": "assisted"},
    }
    file = tmp_path / "answers.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in (answer, second)))
    assert json.loads(slantwise("import", file, "--json", cwd=example_copy).stdout)["new"] == 2
    assert json.loads(slantwise("import", file, "--json", cwd=example_copy).stdout)["unchanged"] == 2
    assert "mara" in json.loads(slantwise("status", "--json", cwd=example_copy).stdout)["coders"]


@pytest.mark.parametrize("format", ["csv", "parquet", "datasets"])
def test_each_export_format_holds_the_same_rows(example_copy: Path, tmp_path: Path, format: str) -> None:
    import pandas as pd
    from datasets import load_from_disk

    from corpus import Study

    assert slantwise("export", tmp_path / "out", "--format", format, cwd=example_copy).returncode == 0
    wanted = Study.open(example_copy).annotations()
    if format == "datasets":
        found = load_from_disk(str(tmp_path / "out"))["annotations"].to_pandas()
    else:
        found = {"csv": pd.read_csv, "parquet": pd.read_parquet}[format](tmp_path / "out" / f"annotations.{format}")
    assert list(found.columns) == list(wanted.columns)
    for column in ("span", "variable", "code", "coder", "start", "text"):
        assert found[column].tolist() == wanted[column].tolist()


def test_codebooks_are_listed_shown_and_checked(example_copy: Path, tmp_path: Path) -> None:
    listed = json.loads(slantwise("codebook", "list", "--json", cwd=tmp_path).stdout)["codebooks"]
    assert [book["name"] for book in listed] == [
        "kinds-of-bias",
        "lexical-bias",
        "stance-present",
        "territorial-control",
        "ukraine-crisis",
    ]
    assert slantwise("codebook", "check", cwd=example_copy).returncode == 0
    shown = slantwise("codebook", "show", "territorial-control", cwd=tmp_path)
    assert "Which wording?" in shown.stdout and "asked when mention is" in shown.stdout


def test_an_article_is_shown_and_a_paragraph_marked(example_copy: Path) -> None:
    from corpus import Study

    article = Study.open(example_copy).articles().query("outlet == 'Northern Lamp'")["article"].iloc[0]
    rows = json.loads(slantwise("article", "show", article, "--json", cwd=example_copy).stdout)["paragraphs"]
    assert rows[0]["kind"] == "headline"
    place = (rows[1]["revision"], rows[1]["start"], rows[1]["end"])
    assert slantwise("article", "mark", *place, "teaser", cwd=example_copy).returncode == 0
    again = json.loads(slantwise("article", "show", article, "--json", cwd=example_copy).stdout)["paragraphs"]
    assert again[1]["kind"] == "teaser" and again[2:] == rows[2:]


BAD = {
    "no study": (("status",), "is not inside a study"),
    "a study that is none": (("status", "--study", "nowhere"), "is not a study"),
    "a missing file": (("add", "nowhere.txt", "--outlet", "X"), "there is no such file"),
    "no outlet": (("add", "good.txt"), "no outlet is named"),
    "an empty file": (("add", "empty.txt", "--outlet", "X"), "the file is empty"),
    "a binary file": (("add", "binary.txt", "--outlet", "X"), "binary file"),
    "broken UTF-8": (("add", "broken.txt", "--outlet", "X"), "is not UTF-8"),
    "a table without text": (("add", "table.csv", "--outlet", "X"), "no column named text"),
    "a line that is no object": (("add", "rows.jsonl", "--outlet", "X"), "expected an object"),
    "a missing manifest": (("add", "good.txt", "--manifest", "nowhere.csv"), "the manifest cannot be opened"),
    "a broken codebook": (("codebook", "check", "broken.yaml"), "broken.yaml, line 5: this is not YAML"),
    "an unknown codebook": (("codebook", "show", "biass"), "there is no codebook"),
    "no model": (("suggest",), "no model yet"),
    "nothing coded": (("train",), "no span is coded"),
    "nothing to hold out": (("evaluate",), "no span is coded"),
    "nothing to compare": (("agree",), "nobody has coded anything yet"),
    "an unknown round": (("agree", "main"), "no answer belongs to a round 'main'"),
    "an unknown format": (("export", "out", "--format", "docx"), "--format docx: this is not a format"),
    "annotations that are missing": (("import", "nowhere.jsonl"), "cannot be opened"),
    "a study in the way": (("init", "."), "is already a study"),
    "an unknown data set": (("init", "new", "--from", "bible", "rows.jsonl"), "is not a known data set"),
    "a wrong option": (("status", "--jason"), "No such option"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_said_in_plain_words_and_ends_with_exit_code_2(case: str, tmp_path: Path) -> None:
    words, expected = BAD[case]
    folder = tmp_path / "study"
    folder.mkdir()
    if case not in ("no study", "a study that is none"):
        assert slantwise("init", folder, cwd=tmp_path).returncode == 0
    (folder / "good.txt").write_text("Velo fell.")
    (folder / "empty.txt").write_text(" \n")
    (folder / "binary.txt").write_bytes(b"PK\x03\x04\x00\x00")
    (folder / "broken.txt").write_bytes(b"Ardun \xff\x81\x8d fell")  # in no encoding a text
    (folder / "table.csv").write_text("headline,day\nVelo falls,Monday\n")
    (folder / "rows.jsonl").write_text("[1, 2]\n")
    (folder / "broken.yaml").write_text("name: x\nversion: 1\nunit: sentence\nvariables: [\n")
    said = slantwise(*words, cwd=folder)
    assert said.returncode == 2, said.stderr
    assert expected in " ".join(said.stderr.split()) and "Traceback" not in said.stderr and said.stdout == ""


def test_one_bad_file_among_many_stops_none_and_ends_with_exit_code_3(tmp_path: Path) -> None:
    slantwise("init", tmp_path / "s", cwd=tmp_path)
    texts = tmp_path / "texts"
    texts.mkdir()
    for n in range(3):
        (texts / f"{n}.txt").write_text(f"Velo fell on day {n}. Its council fled to Karsk.")
    (texts / "bad.txt").write_bytes(b"\xff\x00\x01")
    said = slantwise("add", texts, "--outlet", "Herald", "--json", cwd=tmp_path / "s")
    found = json.loads(said.stdout)
    assert said.returncode == 3 and found["new"] == 3 and "bad.txt" in found["refused"][0]["where"]
    assert json.loads(slantwise("status", "--json", cwd=tmp_path / "s").stdout)["articles"] == 3


def test_a_study_of_a_newer_version_is_refused_and_left_alone(example_copy: Path) -> None:
    file = example_copy / "study.toml"
    text = file.read_text()
    file.write_text(text.replace("format = 1", "format = 99"))
    said = slantwise("status", cwd=example_copy)
    assert said.returncode == 2 and "newer Slantwise" in said.stderr
    file.write_text(text)
    with sqlite3.connect(example_copy / "study.db") as connection:
        connection.execute("update meta set value = '99' where key = 'schema'")
    connection.close()
    said = slantwise("status", cwd=example_copy)
    assert said.returncode == 2 and "newer Slantwise" in said.stderr


def test_a_store_that_is_no_database_is_said_in_plain_words(example_copy: Path) -> None:
    (example_copy / "study.db").write_bytes(b"this is no database, and nobody thought of it" * 100)
    said = slantwise("status", cwd=example_copy)
    assert said.returncode == 2 and "the store cannot be opened" in said.stderr and "Traceback" not in said.stderr


def test_a_fault_of_ours_is_no_traceback_on_the_screen(
    example_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with contextlib.closing(sqlite3.connect(example_copy / "study.db")) as connection, connection:
        connection.execute("update tallies set n = 'many' where what = 'articles'")  # which nobody thought of
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    said = process("status", cwd=example_copy, columns=400)
    assert said.returncode == 2 and "Traceback" not in said.stdout + said.stderr
    (log,) = tmp_path.glob("slantwise-*.log")
    assert said.stderr == (
        "slantwise: this is a bug in Slantwise, not a mistake of yours (the study is unchanged). "
        f"Please report it with the file {log}, which shows where it happened. If the study was damaged, that may be "
        "the reason: slantwise study check\n"
    )
    text = log.read_text(encoding="utf-8")
    assert text.startswith("slantwise ") and "\ncommand: slantwise status\n" in text
    assert "Traceback" in text and "TypeError" in text
    assert log.stat().st_mode & 0o77 == 0


def test_messages_that_go_to_a_file_keep_a_command_in_one_line(tmp_path: Path) -> None:
    said = slantwise("init", "s", cwd=tmp_path, columns=40)
    assert said.stderr.splitlines()[-1] == "Next:  cd s && slantwise add FOLDER --outlet NAME"
    asked = slantwise("export", "out", "--round", "pilot", cwd=tmp_path / "s", columns=40)
    assert len(asked.stderr.splitlines()) == 1 and len(asked.stderr) > 100


def test_edited_terms_find_new_mentions_at_the_next_command_that_changes_the_study(tmp_path: Path) -> None:
    """A command that only shows something says that they are due, and changes nothing."""
    slantwise("init", "s", cwd=tmp_path)
    study = tmp_path / "s"
    (study / "a.txt").write_text("Northland gobbled up Velo. It took Karsk too.", encoding="utf-8")
    slantwise("add", "a.txt", "--outlet", "Herald", cwd=study)
    assert json.loads(slantwise("status", "--json", cwd=study).stdout)["spans"]["mention"] == 1
    book = study / "codebook.yaml"
    book.write_text(
        book.read_text(encoding="utf-8").replace('terms: ["liberat*"', 'terms: ["gobbl*", "liberat*"', 1),
        encoding="utf-8",
    )
    for command in (("status", "--json"), ("kwic", "took"), ("terms",), ("copies", "list")):
        said = slantwise(*command, cwd=study)
        assert said.returncode == 0 and "spans are out of date" in said.stderr and "slantwise respan" in said.stderr
    assert json.loads(slantwise("status", "--json", cwd=study).stdout)["spans"]["mention"] == 1
    assert json.loads(slantwise("respan", "--json", cwd=study).stdout)["split"] == 1
    assert json.loads(slantwise("respan", "--json", cwd=study).stdout)["split"] == 0
    said = slantwise("status", "--json", cwd=study)
    assert json.loads(said.stdout)["spans"]["mention"] == 2 and said.stderr == ""
    book.write_text(book.read_text(encoding="utf-8").replace('"gobbl*", ', ""), encoding="utf-8")
    said = slantwise("add", "a.txt", "--outlet", "Herald", cwd=study)
    assert "1 uncoded revisions were split again" in said.stderr
