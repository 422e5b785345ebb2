"""Many write to one study at once: one after the other, with a word where that takes a while, and nothing is lost."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select, text
from stores import BODY, FILES, postgres, study_in, valley_in, write
from together import Together, together

from annotate.rounds import draw as drawing
from annotate.rounds.rounds import list_rounds
from benchmarks import kill_anywhere
from benchmarks.kill_anywhere import opened
from benchmarks.ten_writers import inconsistencies
from corpus import Study, add
from corpus.articles import spans
from corpus.copies import groups
from corpus.errors import BadRound, BadStudy
from corpus.integrity import copy
from corpus.integrity.copy import copy_study
from corpus.study import database as db
from corpus.study.keeping import sqlite_connections

ROOT = Path(__file__).parents[2]
STATES = (f"{BODY} Officials denied it.", f"{BODY} Officials denied it. Later they said nothing.")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty store."""
    if request.param == "sqlite":
        return "sqlite"
    server = request.getfixturevalue("server")
    name = f"one_{abs(hash(request.node.nodeid))}"
    engine = create_engine(server.replace("NAME", "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return str(server.replace("NAME", name))


@pytest.fixture(scope="module")
def processes() -> Iterator[Together]:
    with together() as one:
        yield one


@pytest.fixture
def two(tmp_path: Path, url: str) -> Iterator[tuple[Study, Study]]:
    """One study with three articles, opened twice."""
    study = study_in(tmp_path / "study", url=url)
    add(study, [write(tmp_path / "in", FILES)], outlet="Herald")
    other = Study.open(study.folder)
    stores = study.store, other.store
    yield study, other
    for store in stores:
        store.close()


def numbers(study: Study) -> list[tuple[str, int]]:
    with study.store.reading() as connection:
        r = db.revisions.c
        return [(row.article, row.number) for row in connection.execute(select(r.article, r.number))]


def test_two_states_of_one_new_article_added_at_once_are_two_states(
    tmp_path: Path, url: str, processes: Together
) -> None:
    study = study_in(tmp_path / "study", url=url)
    files = [
        write(tmp_path / f"in{n}", {"a.jsonl": json.dumps({"id": "new", "outlet": "Herald", "text": state})})
        for n, state in enumerate(STATES)
    ]
    said = processes.at_once(*((study.folder, ["add", file]) for file in files))
    assert [code for code, _ in said] == [0, 0], said
    assert sorted(number for _, number in numbers(study)) == [0, 1]
    study.store.close()


def test_a_round_that_is_drawn_twice_at_once_is_drawn_once(tmp_path: Path, url: str, processes: Together) -> None:
    study = study_in(tmp_path / "study", url=url)
    texts = {f"{n}.txt": f"Report {n} of the day\n\nNorthland’s army took town {n}." for n in range(30)}
    add(study, [write(tmp_path / "in", texts)], outlet="Herald")
    words = ["round", "draw", "one", "--coders", "mira,jon", "--spans"]
    said = processes.at_once((study.folder, [*words, 10]), (study.folder, [*words, 20]))
    assert sorted(code for code, _ in said) == [0, 2], said
    assert "a round one exists already" in next(words for code, words in said if code == 2)
    draws = study.draws().query("round == 'one'")
    assert len(draws) in (10, 20) and draws["pi"].nunique() == 1
    assert list_rounds(study).names == ["one", "one.no-term"]
    study.store.close()


def test_a_round_is_never_stored_without_its_term_audit(
    two: tuple[Study, Study], monkeypatch: pytest.MonkeyPatch
) -> None:
    study, other = two

    def stopped(*_: object) -> None:
        assert list_rounds(study).names == ["one"]  # as its own transaction sees it
        assert list_rounds(other).names == []
        raise KeyboardInterrupt

    monkeypatch.setattr(drawing, "draw_without_terms", stopped)
    with pytest.raises(KeyboardInterrupt):
        drawing.draw(study, "one", "mira")
    monkeypatch.undo()
    assert list_rounds(other).names == []
    assert drawing.draw(other, "one", "mira").no_term is not None


def test_who_waits_is_told_so_and_after_long_that_it_was_in_vain(
    two: tuple[Study, Study], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    study, other = two
    for module in (db, sqlite_connections):
        monkeypatch.setattr(module, "LOOK", 0.05)
    monkeypatch.setattr(db, "WORD", 0.1)
    other.store.patience = 0.3
    with study.store.writing():
        assert len(other.articles()) == 2  # who reads does not wait
        Study.open(study.folder).store.close()
        assert caplog.messages == []
        why = r"another command has been writing .* run it again when the other one"
        with pytest.raises(BadStudy, match=why), other.store.writing():
            pass
    assert [(record.levelno, record.message) for record in caplog.records] == [
        (logging.WARNING, "another command is writing to this study; waiting")
    ]
    with other.store.writing() as connection:
        db.set_meta(connection, "note", "written")


def test_who_waits_goes_on_when_the_other_has_ended_and_reads_what_it_wrote(two: tuple[Study, Study]) -> None:
    study, other = two
    read: list[str | None] = []

    def late() -> None:
        with other.store.writing() as connection:
            read.append(db.get_meta(connection, "note"))

    with study.store.writing() as connection:
        waiting = threading.Thread(target=late)
        waiting.start()
        db.set_meta(connection, "note", "first")
        waiting.join(0.3)
        assert waiting.is_alive() and read == []
    waiting.join(10)
    assert read == ["first"]


def test_what_is_written_inside_is_read_inside_and_an_error_takes_back_its_own_part(two: tuple[Study, Study]) -> None:
    study, other = two
    with study.store.writing() as connection:
        db.set_meta(connection, "note", "outer")
        with pytest.raises(BadRound), study.store.writing() as inner:
            db.set_meta(inner, "note", "inner")
            raise BadRound("no")
        with study.store.reading() as reading, other.store.reading() as elsewhere:
            assert (db.get_meta(reading, "note"), db.get_meta(elsewhere, "note")) == ("outer", None)
    with other.store.reading() as connection:
        assert db.get_meta(connection, "note") == "outer"


def test_a_reader_sees_the_store_as_it_was_when_it_began(two: tuple[Study, Study]) -> None:
    study, other = two
    count = select(func.count()).select_from(db.articles)
    with other.store.reading() as connection:
        before = connection.execute(count).scalar()
        add(study, [write(study.folder.with_name("more"), {"c.txt": "They took Karsk."})], outlet="Herald")
        assert connection.execute(count).scalar() == before
    with other.store.reading() as connection:
        assert connection.execute(count).scalar() == before + 1


def test_two_trainings_at_once_make_one_model_and_two_suggests_score_each_span_once(
    tmp_path: Path, processes: Together
) -> None:
    study = study_in(tmp_path / "study", kill_anywhere.BOOK)
    kill_anywhere.with_few_answers(study, tmp_path)
    for words in (["train"], ["suggest"]):
        said = processes.at_once((study.folder, words), (study.folder, words))
        assert [code for code, _ in said] == [0, 0], said
        if words == ["train"]:
            assert sum("another command is training in this study; waiting" in text for _, text in said) == 1, said
    assert [path.name for path in study.checkpoints.iterdir()] == [study.model]
    assert inconsistencies(study) == []
    study.store.close()


def test_long_work_lets_others_write_in_between(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study, longest, begun = valley_in(tmp_path / "study"), 5, 0
    texts = {f"{n}.txt": f"Report {n}\n\nNorthland’s army took town {n}, said a witness of day {n}." for n in range(23)}
    for module, name in ((spans, "BATCH"), (groups, "_PORTION")):
        monkeypatch.setattr(module, name, longest)
    monkeypatch.setattr("corpus.articles.ingest.BATCH", longest)
    inside = type(study.store)._beginning_to_write

    def counted(store: db.Store):  # type: ignore[no-untyped-def]
        nonlocal begun
        begun += 1
        return inside(store)

    monkeypatch.setattr(type(study.store), "_beginning_to_write", counted)
    rows = [{"id": n, "text": words, "outlet": "Herald"} for n, words in texts.items()]
    add(study, write(tmp_path / "in", {"a.jsonl": "\n".join(map(json.dumps, rows))}) / "a.jsonl")
    assert begun >= 3 * (23 // longest) and len(study.articles()) == 26  # stored, compared, split
    study.store.close()


@pytest.mark.parametrize(
    "words",
    [
        ["kill_anywhere.py", "--kills", "12", "--acts", "draw,import,migrate,poll,add,remove"],
        ["ten_writers.py", "--seconds", "2"],
    ],
    ids=["killed anywhere and given again", "ten writers"],
)
def test_nothing_is_lost(words: list[str], tmp_path: Path) -> None:
    """A twentieth of the long runs in benchmarks."""
    run_benchmark(*words, "--results", tmp_path / "results")


def test_nothing_is_lost_of_what_is_pulled(label_studio: Path, tmp_path: Path) -> None:
    words = ["kill_anywhere.py", "--kills", "1", "--acts", "pull", "--studio", label_studio]
    run_benchmark(*words, "--results", tmp_path / "results")


def run_benchmark(script: str, *options: object) -> None:
    command = [sys.executable, str(ROOT / "benchmarks" / script), *map(str, options)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_who_waits_while_the_store_is_copied_elsewhere_does_not_write_into_the_old_one(
    tmp_path: Path, two: tuple[Study, Study], monkeypatch: pytest.MonkeyPatch
) -> None:
    study, other = two
    refused: list[BadStudy] = []

    def late() -> None:
        try:
            add(other, [write(tmp_path / "more", {"c.txt": "They took Karsk."})], outlet="Herald")
        except BadStudy as error:
            refused.append(error)

    waiting = threading.Thread(target=late)
    inside = copy.copy_rows

    def copied(*arguments: object) -> int:
        waiting.start()
        waiting.join(0.3)
        return inside(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(copy, "copy_rows", copied)
    copy_study(study, f"sqlite:///{tmp_path}/moved.db")
    waiting.join(20)
    assert [str(error).partition(" to ")[0] for error in refused] == ["the study's store has just moved"]
    with opened(study.folder) as moved:
        assert len(moved.articles()) == 2
        assert len(add(moved, [tmp_path / "more"], outlet="Herald").new) == 1
