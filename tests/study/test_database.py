"""The store: the same study in SQLite and in PostgreSQL, whatever stops a command on its way."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Engine, create_engine, inspect, select, text
from stores import BODY, FILES, code, postgres, study_in, write

from corpus import example
from corpus.annotation import stored_row
from corpus.annotations.export import export
from corpus.annotations.rows import add_annotations
from corpus.articles.ingest import add
from corpus.codebook import read_yaml
from corpus.copies.groups import update_copy_groups
from corpus.errors import BadStudy
from corpus.study import Study
from corpus.study import database as db
from corpus.study.status import status
from corpus.study.upgrading.upgrade import upgrade

ROOT = Path(__file__).parents[2]
NewUrl = Callable[[], str]


@pytest.fixture(autouse=True)
def engines(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let go of every connection at a test's end."""
    opened: list[Engine] = []

    def opening(url: str) -> Engine:
        opened.append(create_engine(url))
        return opened[-1]

    monkeypatch.setattr(db, "create_engine", opening)
    yield
    for engine in opened:
        engine.dispose()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest) -> NewUrl:
    """A function that gives the URL of an empty store: SQLite in the study's folder, or a new PostgreSQL database."""
    if request.param == "sqlite":
        return lambda: "sqlite"
    server = request.getfixturevalue("server")
    names = (f"{request.node.name.partition('[')[0][:40]}_{n}" for n in itertools.count())

    def new() -> str:
        name = next(names)
        engine = create_engine(server.replace("NAME", "postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        engine.dispose()
        return server.replace("NAME", name)

    return new


def example_in(folder: Path, url: str) -> Study:
    study = study_in(folder, read_yaml(example.CODEBOOK), url=url)
    add(study, [example.files() / "articles"], manifest=example.files() / "manifest.csv")
    return study


def answers_of(folder: Path, study: Study) -> Path:
    """Write every mention's simulated answers as JSON lines."""
    lines = [json.dumps(stored_row(answer)) for _, answer in example._answers(study)]
    return write(folder, {"answers.jsonl": "\n".join(lines)}) / "answers.jsonl"


def frames(study: Study) -> dict[str, pd.DataFrame]:
    return {name: getattr(study, name)() for name in ("articles", "spans", "annotations", "suggestions")}


def digest(study: Study) -> dict[str, list[str]]:
    """What each table holds, without order."""
    with study.store.reading() as connection:
        return {
            name: sorted(repr(tuple(row)) for row in connection.execute(select(table)))
            for name, table in db.metadata.tables.items()
            if name not in ("log", "row_sums")  # a log tells times; sums are kept in SQLite only
        }


def test_the_example_is_the_same_study_in_every_database(tmp_path: Path, new_url: NewUrl) -> None:
    study = example_in(tmp_path / "here", new_url())
    file = answers_of(tmp_path, study)
    first = add_annotations(study, file)
    assert (first.total, first.refusals) == (first.new, [])
    again = add_annotations(study, file)
    assert (again.new, again.changed, again.unchanged) == (0, 0, first.new)
    plain = example_in(tmp_path / "plain", "sqlite")
    add_annotations(plain, file)
    for name, frame in frames(study).items():
        pd.testing.assert_frame_equal(frame, frames(plain)[name])
    assert status(study) == status(plain)
    for place, one in (("a", study), ("b", plain)):
        export(one, str(tmp_path / place), format="jsonl")
    assert (tmp_path / "a/annotations.jsonl").read_bytes() == (tmp_path / "b/annotations.jsonl").read_bytes()


def test_names_and_dates_lie_in_one_order_in_every_database(tmp_path: Path, new_url: NewUrl) -> None:
    study = study_in(tmp_path / "study", url=new_url())
    rows = [
        {"text": f"{BODY} {n}", "outlet": outlet, "id": n, "date": day}
        for n, (outlet, day) in enumerate(
            [
                ("zeta", None),
                ("Éire", None),
                ("Alpha", "2024-03-05"),
                ("Alpha", None),
                ("alpha", None),
                ("Al pha", None),
            ]
        )
    ]
    add(study, [write(tmp_path, {"a.jsonl": "\n".join(map(json.dumps, rows))}) / "a.jsonl"])
    dates = study.articles()[["outlet", "date"]].astype(object).where(study.articles()["date"].notna(), None)
    assert study.articles()["outlet"].tolist() == ["Al pha", "Alpha", "Alpha", "alpha", "zeta", "Éire"]
    assert dates["date"].tolist() == [None, None, "2024-03-05", None, None, None]
    span = study.spans().query("unit == 'mention'")["span"].iloc[0]
    coders = ["b", "A", "a", "B-2", "é"]
    lines = [json.dumps({"span": span, "variable": "wording", "code": "plain", "coder": coder}) for coder in coders]
    add_annotations(study, write(tmp_path, {"b.jsonl": "\n".join(lines)}) / "b.jsonl")
    assert study.annotations()["coder"].tolist() == ["A", "B-2", "a", "b", "é"]
    assert status(study).coders == ("A", "B-2", "a", "b", "é")


def test_texts_keep_every_character_and_lose_what_no_database_holds(tmp_path: Path, new_url: NewUrl) -> None:
    study = study_in(tmp_path / "study", url=new_url())
    row = {"text": "Вело 👩‍🚒 took\x00 it.", "outlet": "Zé\x00lo", "note": "a\x00b", "title": "\x00"}
    add(study, [write(tmp_path, {"a.jsonl": json.dumps(row)}) / "a.jsonl"])
    (article,) = study.articles().to_dict("records")
    assert (article["text"], article["outlet"], article["metadata"]) == ("Вело 👩‍🚒 took it.", "Zélo", '{"note": "ab"}')
    answer = {"span": {"article": article["article"], "start": 5, "end": 8}, "variable": "wording", "code": "plain"}
    lines = [json.dumps(answer | {"coder": coder, "memo": "\x00"}) for coder in ("mira", "j\x00on")]
    added = add_annotations(study, write(tmp_path, {"b.jsonl": "\n".join(lines)}) / "b.jsonl")
    assert added.new == 1 and [where.rpartition(" ")[2] for where, _ in added.refusals] == ["2"], "no name with a NUL"
    assert study.annotations()[["text", "coder", "memo"]].values.tolist() == [["👩‍🚒", "mira", ""]]


# stopped

KILLED = """
import sys
from pathlib import Path
from corpus import example; from corpus.articles import ingest as intake
from corpus.study import Study
study, files = Study.open(sys.argv[1]), 0
def progress(path):
    global files
    files += 1
    print(files, flush=True)
intake.add(study, [example.files() / "articles"], manifest=example.files() / "manifest.csv", progress=progress)
print("done", flush=True)
"""


def killed_after(study: Study, files: int) -> None:
    """Add the example in another process and kill it when it has begun so many files."""
    command = [sys.executable, "-c", KILLED, str(study.folder)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}
    ) as adding:
        assert adding.stdout is not None
        for line in adding.stdout:
            assert line.strip() != "done", "adding had ended before it could be killed"
            if int(line) == files:
                break
        adding.send_signal(signal.SIGKILL)
    assert adding.returncode == -signal.SIGKILL


def test_adding_can_be_killed_anywhere_and_run_again(tmp_path: Path, new_url: NewUrl) -> None:
    whole = example_in(tmp_path / "whole", "sqlite")
    study = study_in(tmp_path / "killed", read_yaml(example.CODEBOOK), url=new_url())
    killed_after(study, 7)
    killed_after(study, 30)
    assert 0 < status(study).articles < status(whole).articles
    add(study, [example.files() / "articles"], manifest=example.files() / "manifest.csv")
    assert digest(study) == digest(whole)


def test_adding_killed_between_the_last_file_and_the_spans_can_be_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "in", FILES)
    whole, study = study_in(tmp_path / "whole"), study_in(tmp_path / "killed")
    add(whole, [folder], outlet="Herald")
    for step in ("update_copy_groups", "split_again"):
        monkeypatch.setattr(f"corpus.articles.spans.{step}", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            add(study, [folder], outlet="Herald")
        monkeypatch.undo()
    assert len(add(study, [folder], outlet="Herald").unchanged) == 2
    assert digest(study) == digest(whole)


def test_making_a_store_can_be_stopped_at_any_table(tmp_path: Path, new_url: NewUrl) -> None:
    study = study_in(tmp_path / "study", url=new_url())
    study.store.close()
    url = study.store.engine.url
    for gone in ("DROP TABLE suggestions", "DELETE FROM meta", "DROP TABLE meta"):
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM meta"))
            connection.execute(text(gone))
        engine.dispose()
        again = Study.open(study.folder)
        assert len(again.suggestions()) == len(again.articles()) == 0
        again.store.close()
    add(again, [write(tmp_path / "in", FILES) / "a.txt"], outlet="Herald")


# refused


def test_a_store_of_an_earlier_version_is_refused_with_what_to_do(tmp_path: Path, new_url: NewUrl) -> None:
    study = study_in(tmp_path / "study", url=new_url())
    with study.store.writing() as connection:
        db.set_meta(connection, "schema", "1")
        connection.execute(text("ALTER TABLE feed_entries RENAME TO entries"))
    study.store.close()
    with pytest.raises(BadStudy, match=r"version 1 .* reads version 6; .* earlier Slantwise, .* slantwise import DIR/"):
        _ = Study.open(study.folder).store
    engine = create_engine(study.store.engine.url)
    with engine.connect() as connection:  # left as it is
        assert not engine.dialect.has_table(connection, "feed_entries")
    engine.dispose()


def test_a_store_of_the_version_before_is_brought_up_to_date(tmp_path: Path, new_url: NewUrl) -> None:
    """It lacks the tables that make small changes cheap; a text whose splitting had been stopped is split."""
    study = study_in(tmp_path / "study", url=new_url())
    footer = "Subscribe to our newsletter for the latest news from the whole valley."
    texts = {f"{n}.txt": f"{BODY} {n}\n\n{footer}" for n in range(4)}
    add(study, [write(tmp_path / "in", texts)], outlet="Herald")
    code(study, "took")
    before = {name: rows for name, rows in contents(study).items() if name in NEW_TABLES}
    assert all(before[name] for name in ("shingles", "paragraph_counts", "tallies"))
    with study.store.writing() as connection:
        for name in NEW_TABLES:
            connection.execute(text(f"DROP TABLE {name}"))
        connection.execute(text("DROP INDEX ix_studio_tasks_task"))
        connection.execute(text("ALTER TABLE revisions DROP COLUMN published"))
        db.set_meta(connection, "schema", "2")
        connection.execute(text("DELETE FROM meta WHERE key = 'copies'"))
    study.store.close()
    again = Study.open(study.folder)
    upgrade(again.store)  # as somebody who opened it at the same moment
    assert [index["name"] for index in inspect(again.store.engine).get_indexes("studio_tasks")] == [
        "ix_studio_tasks_task"
    ]
    assert add(again, [tmp_path / "in"], outlet="Herald").new == []
    update_copy_groups(again)
    after = contents(again)
    assert {name: after[name] for name in NEW_TABLES if name not in FOR_SCORING} == {
        name: rows for name, rows in before.items() if name not in FOR_SCORING
    }
    assert ("schema", "6") in after["meta"] and len(again.annotations()) == 1
    (copy,) = add(again, [write(tmp_path / "more", {"copy.txt": texts["1.txt"]})], outlet="Courier").new
    assert copy in again.copies()["article"].tolist()
    again.store.close()


NEW_TABLES = ("shingles", "paragraph_counts", "pending_revisions", "tallies", "scored_revisions")
FOR_SCORING = ("pending_revisions", "scored_revisions")


def contents(study: Study) -> dict[str, list[tuple[object, ...]]]:
    with study.store.reading() as connection:
        tables = {
            name: connection.execute(select(table)).fetchall()
            for name, table in db.metadata.tables.items()
            if name not in ("log", "row_sums")  # a server's sums hold its own times
        }
    return {name: sorted((tuple(row) for row in rows if row[0] != "lock"), key=repr) for name, rows in tables.items()}


def test_a_store_of_version_3_learns_days_and_whose_paragraphs_are_repeated(tmp_path: Path, new_url: NewUrl) -> None:
    study = study_in(tmp_path / "study", url=new_url())
    footer = "Follow the valley's news on all channels that you like to read."
    rows = "".join(f'"{BODY} {n}\n\n{footer}",Herald,2024-03-0{n}\n' for n in (1, 2, 3))
    head, *_ = write(tmp_path / "in", {"a.csv": "text,outlet,published\n" + rows.rpartition('"Nor')[0]}).iterdir()
    add(study, head)
    before = contents(study)
    with study.store.writing() as connection:
        connection.execute(text("ALTER TABLE revisions DROP COLUMN published"))
        connection.execute(text("DROP TABLE paragraph_owners"))
        db.set_meta(connection, "schema", "3")
    study.store.close()
    again = Study.open(study.folder)
    assert contents(again) == before and {row[-1] for row in before["revisions"]} == {"2024-03-01", "2024-03-02"}
    add(again, write(tmp_path / "more", {"b.csv": f"text,outlet,published\n{rows}"}))
    assert (again.spans().query("unit == 'furniture'")["text"] == footer).sum() == len(again.articles()) == 5
    again.store.close()


def test_a_store_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path, new_url: NewUrl) -> None:
    study = study_in(tmp_path / "study", url=new_url())
    with study.store.writing() as connection:
        db.set_meta(connection, "schema", str(db.SCHEMA + 1))
        connection.execute(text("DROP TABLE suggestions"))
    study.store.close()
    with pytest.raises(
        BadStudy, match=r"store has version 7 .* reads version 6; it was made by a newer Slantwise: update"
    ):
        _ = Study.open(study.folder).store
    engine = create_engine(study.store.engine.url)
    with engine.connect() as connection:
        assert not engine.dialect.has_table(connection, "suggestions")
    engine.dispose()


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("format = 1", "format = 2", r"the study has format 2 .* reads format 1; it was made by a newer Slantwise: update"),
        ("format = 1", "format = ", r"this is not TOML .*line 2.*; correct that line"),
        ("seed = 1", "sead = 1", r"model\.sead: there is no such key; expected one of"),
        ("seed = 1", 'seed = "one"', r"model\.seed: Input should be a valid integer"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_used_are_refused(tmp_path: Path, old: str, new: str, why: str) -> None:
    study = study_in(tmp_path / "study")
    settings = study.folder / "study.toml"
    assert settings.read_text().count(old) == 1
    settings.write_text(settings.read_text().replace(old, new))
    with pytest.raises(BadStudy, match=why):
        Study.open(study.folder)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (
            "postgresql+psycopg://nobody@/none?host=/nowhere",
            r"(?s)the store cannot be opened \(.*check the folder, or `store`",
        ),
        (
            "oracle+nothing://here",
            r"expected `store\.url` in study\.toml to be sqlite, or postgresql\+psycopg://user@host/name",
        ),
        ("my database", r"expected `store\.url` in study\.toml to be sqlite"),
        ("sqlite:////nowhere/study.db", r"the store cannot be opened \(unable to open database file\)"),
    ],
)
def test_a_store_that_cannot_be_opened_is_said(tmp_path: Path, url: str, why: str) -> None:
    with pytest.raises(BadStudy, match=why):
        _ = study_in(tmp_path / "study", url=url).store


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    study = study_in(tmp_path / "study")
    write(study.folder, {"study.db": "no database, " * 100})
    with pytest.raises(
        BadStudy, match=r"the store cannot be opened: .*study\.db is damaged, .*its beginning was overwritten"
    ):
        _ = study.store


def test_a_study_may_have_any_name_and_any_sides(tmp_path: Path) -> None:
    folder = tmp_path / 'who? "100 %" #1 é'
    study = Study.create(
        folder, (ROOT / "corpus/codebook/shipped/lexical-bias.yaml").read_text(), sides={"side a.b": 'Ors"enia'}
    )
    add(study, [write(tmp_path / "in", FILES)], outlet="Herald")
    again = Study.open(folder)
    assert (again.settings.name, again.settings.sides) == ('who? "100 %" #1 é', {"side a.b": 'Ors"enia'})
    assert (folder / "study.db").is_file()
    assert len(again.articles()) == 2
