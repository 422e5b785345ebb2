"""Stores that earlier versions of Slantwise made are brought up to date, with all that is in them.

`tests/data/stores` has such stores as SQL, made by the commands of those versions: five articles, one of them with a
later state, answers of two coders, a round, an adjudication, a suggestion and a feed.
"""

from __future__ import annotations

import itertools
import logging
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect, select, text
from stores import postgres, write

from corpus.annotations.rows import add_annotations
from corpus.articles.ingest import add
from corpus.articles.spans import respan
from corpus.errors import BadStudy
from corpus.study import Study
from corpus.study import database as db
from corpus.study.keeping import server_sums, table_sums
from corpus.study.keeping.sqlite_connections import driver
from corpus.study.row_digests import digest_of, is_sealed
from corpus.study.upgrading.upgrade import upgrade

ROOT = Path(__file__).parents[2]
STORES = ROOT / "tests/data/stores"
BOOK = """\
name: valley
version: "1"
unit: mention
mention:
  terms: [took, liberat*]
variables:
  - name: wording
    question: Which wording?
    codes: [{name: plain}, {name: liberation}]
"""
Old = Callable[[str], Study]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Old]:
    """A function that makes a study whose store an earlier version made."""
    opened: list[Study] = []

    def study(name: str) -> Study:
        folder = tmp_path / f"study-{len(opened)}"
        made = Study.create(folder, BOOK)
        script = (STORES / f"{name}.{request.param}.sql").read_text(encoding="utf-8")
        if request.param == "sqlite":
            run_sql(folder / "study.db", script)
        else:
            url = new_database(request.getfixturevalue("server"))
            engine = create_engine(url)
            with engine.begin() as connection:
                connection.connection.cursor().execute(script)
            engine.dispose()
            settings = folder / "study.toml"
            settings.write_text(settings.read_text().replace('url = "sqlite"', f'url = "{url}"'))
        opened.append(Study.open(made.folder))
        return opened[-1]

    yield study
    for each in opened:
        if "store" in each.__dict__:
            each.store.close()


numbers = itertools.count()


def new_database(server: str) -> str:
    name = f"old_{next(numbers)}"
    engine = create_engine(server.replace("NAME", "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return server.replace("NAME", name)


def run_sql(file: Path, script: str) -> None:
    for one in file.parent.glob(f"{file.name}*"):
        one.unlink()
    connection = sqlite3.connect(file)
    connection.executescript(script)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()


def sql(study: Study, *statements: str) -> None:
    """Change an old store before it is opened."""
    url = study.settings.store.url
    engine = create_engine(f"sqlite:///{study.folder / 'study.db'}" if url == "sqlite" else url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def rows(study: Study, table: str, *columns: str) -> list[dict[str, Any]]:
    url = study.settings.store.url
    engine = create_engine(f"sqlite:///{study.folder / 'study.db'}" if url == "sqlite" else url)
    with engine.connect() as connection:
        found = [dict(row) for row in connection.execute(text(f'SELECT * FROM "{table}"')).mappings()]
        kept = sorted(column["name"] for column in inspect(connection).get_columns(table))
    engine.dispose()
    assert found == [] or sorted(found[0]) == kept
    return sorted(found, key=repr)


KEPT = (
    *("outlets", "articles", "revisions", "spans", "annotations", "adjudications", "suggestions", "rounds"),
    *("draws", "assignments", "outcomes", "feeds", "feed_entries"),
)  # fmt: skip


@pytest.mark.parametrize("name", ["schema-2", "schema-3", "schema-4", "schema-5"])
def test_a_store_of_an_earlier_version_is_brought_up_to_date(old: Old, name: str, tmp_path: Path) -> None:
    study = old(name)
    before = {table: rows(study, table) for table in KEPT}
    assert all(before[table] for table in ("annotations", "draws", "assignments", "adjudications", "suggestions"))
    store = study.store
    for table in KEPT:
        after = rows(study, table)
        assert [{c: row[c] for c in before[table][0]} for row in after] == before[table] if after else not before[table]
    with store.reading() as connection:
        for table in filter(is_sealed, db.metadata.sorted_tables):
            for row in connection.execute(select(table)).mappings():
                assert row["digest"] == digest_of(table, dict(row))
        assert db.get_meta(connection, "schema") == str(db.SCHEMA)
        is_file = store.engine.dialect.name == "sqlite"
        assert (
            table_sums.changed_parts(driver(connection)) == {} if is_file else not server_sums.changed_parts(connection)
        )
    fresh = Study.create(tmp_path / "fresh", BOOK)
    if store.engine.dialect.name == "sqlite":
        assert shape(store) == shape(fresh.store)
    fresh.store.close()
    # and everything goes on
    answer = {"span": before["annotations"][0]["span"], "variable": "wording", "coder": "eva", "code": "plain"}
    assert add_annotations(study, [answer]).new == 1
    assert len(study.annotations()) == len(before["annotations"]) + 1 and len(study.draws()) == 2
    texts = [text for text in study.articles()["text"] if "Ardun" in text]
    copy = write(tmp_path / "more", {"copy.txt": texts[0]})
    (new,) = add(study, [copy], outlet="Gazette").new
    respan(study)
    assert new in study.copies()["article"].tolist()
    assert any(n == 4 for n in [row["articles"] for row in rows(study, "paragraph_counts")]), "of the Herald's footer"


def shape(store: db.Store) -> dict[str, Any]:
    """What the tables have: columns, whether they may be empty, keys, links and indexes."""
    looked = inspect(store.engine)
    return {
        table: (
            sorted((c["name"], c["nullable"], bool(c.get("default"))) for c in looked.get_columns(table)),
            looked.get_pk_constraint(table)["constrained_columns"],
            sorted((link["constrained_columns"], link["referred_table"]) for link in looked.get_foreign_keys(table)),
            sorted((index["name"], index["column_names"], index["unique"]) for index in looked.get_indexes(table)),
        )
        for table in looked.get_table_names()
    }


def test_two_states_with_one_number_are_numbered_anew_and_named(old: Old, caplog: pytest.LogCaptureFixture) -> None:
    study = old("schema-4")
    article, first = next((row["article"], row) for row in rows(study, "revisions") if row["number"] == 1)
    twin = f"{article}-00000000"
    sql(
        study,
        "INSERT INTO revisions (id, article, number, text, digest, reason, published) "
        f"SELECT '{twin}', article, 0, 'Another state took Velo.', '00000000', 'changed', '2024-01-01' FROM revisions "
        f"WHERE article = '{article}' AND number = 1",
        "UPDATE tallies SET n = n + 1 WHERE what = 'articles' AND name = 'Herald'",  # both were counted
    )
    with caplog.at_level(logging.WARNING):
        _ = study.store
    assert article in caplog.text and "two states of the text had one number" in caplog.text
    with study.store.reading() as connection:
        r = db.revisions.c
        numbered = connection.execute(select(r.id, r.number).where(r.article == article).order_by(r.number)).all()
    # the state that coders answered stays the first, though the other is dated earlier
    assert [number for _, number in numbered] == [0, 1, 2] and numbered[1].id == twin and first["id"] == numbered[2].id
    respan(study)
    assert study.articles().groupby("outlet").size().to_dict() == {"Courier": 1, "Herald": 4}
    from corpus.study.status import status

    assert (status(study).articles, status(study).copy_groups) == (5, 5)
    twice = {"article": article, "number": 0, "text": "t", "digest": "d", "reason": "r", "id": "x"}
    with pytest.raises(Exception, match=r"(?i)unique"), study.store.writing() as connection:
        connection.execute(db.revisions.insert(), [twice])


def test_the_store_before_is_kept_and_can_be_opened_again(old: Old, caplog: pytest.LogCaptureFixture) -> None:
    study = old("schema-4")
    before = {table: rows(study, table) for table in KEPT}
    with caplog.at_level(logging.WARNING):
        url = study.store.engine.url
    backup = study.folder / "study.db.schema-4.bak"
    if url.drivername != "sqlite":
        assert "pg_dump" in caplog.text and not backup.exists()
        return
    assert str(backup) in caplog.text
    assert sorted(file.name for file in study.folder.iterdir() if ".part" in file.name) == []
    study.store.close()
    for file in study.folder.glob("study.db*"):
        if file != backup:
            file.unlink()
    shutil.copy(backup, study.folder / "study.db")
    again = Study.open(study.folder)
    assert {table: rows(again, table) for table in KEPT} == before
    assert len(again.annotations()) == len(before["annotations"])
    again.store.close()


def test_a_store_of_version_4_that_knew_repeated_paragraphs_keeps_what_it_knew(tmp_path: Path) -> None:
    study = Study.create(tmp_path / "study", BOOK)
    run_sql(study.folder / "study.db", (STORES / "schema-4-later.sqlite.sql").read_text(encoding="utf-8"))
    before = rows(study, "paragraph_owners"), rows(study, "paragraph_counts"), rows(study, "tallies")
    _ = study.store
    assert before[0] and before == tuple(
        rows(study, table) for table in ("paragraph_owners", "paragraph_counts", "tallies")
    )
    study.store.close()


STOPPED = """
import os, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from corpus.study import Study
stop, count = int(sys.argv[2]), 0
@event.listens_for(Engine, "before_cursor_execute")
def counted(connection, cursor, statement, *_):
    global count
    if statement.startswith("UPDATE meta"): count = 1
    elif count: count += 1
    if count == stop: os.kill(os.getpid(), 9)
Study.open(sys.argv[1]).store
"""


def test_an_upgrade_that_is_killed_anywhere_changes_nothing_and_can_be_typed_again(old: Old) -> None:
    study, whole = old("schema-2"), old("schema-2")
    before = {table: rows(study, table) for table in KEPT}
    for stop in itertools.count(1, 17):
        command = [sys.executable, "-c", STOPPED, str(study.folder), str(stop)]
        done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
        if {"key": "schema", "value": str(db.SCHEMA)} in rows(study, "meta"):
            break  # stored already, and stopped before the sums over its rows were: the next opening makes them
        assert {table: rows(study, table) for table in KEPT} == before
    assert stop > 60, "it was stopped at several places"
    timed = {"log", "row_sums"}  # the log has a clock, and its rows have a sum
    tables = study.store and whole.store and [name for name in db.metadata.tables if name not in timed]
    assert {table: rows(study, table) for table in tables} == {table: rows(whole, table) for table in tables}


def test_of_two_who_open_an_old_store_one_upgrades_it(old: Old) -> None:
    study = old("schema-3")
    command = [sys.executable, "-c", "import sys; from corpus.study import Study; Study.open(sys.argv[1]).store"]
    opening = [
        subprocess.Popen([*command, study.folder], env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    said = [process.communicate()[1].decode() for process in opening]
    assert [process.returncode for process in opening] == [0] * 4, said
    assert sum("has now version" in words for words in said) == 1, said
    if backup := list(study.folder.glob("study.db.schema-*.bak")):
        copy = sqlite3.connect(backup[0])
        assert copy.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone() == ("3",)
        copy.close()
    assert upgrade(study.store) is None


@pytest.mark.parametrize(
    ("version", "why"),
    [
        ("1", r"has version 1 .* reads version 6; it was made by an earlier Slantwise"),
        ("0", r"has version 0 .* it was made by an earlier Slantwise"),
        ("99", r"has version 99 .* it was made by a newer Slantwise: update"),
        ("garbage", r"has the version 'garbage', expected a number such as 6; it is damaged"),
        ("", r"has the version '', expected a number"),
        ("-1", r"has the version '-1', expected a number"),
        ("²", r"has the version '²', expected a number"),
        ("9" * 5000, r"has the version '9{40}', expected a number"),
    ],
)
def test_a_version_that_cannot_be_used_is_refused_in_a_sentence(old: Old, version: str, why: str) -> None:
    study = old("schema-4")
    sql(study, f"UPDATE meta SET value = '{version}' WHERE key = 'schema'")
    before = rows(study, "feed_entries")
    with pytest.raises(BadStudy, match=why):
        _ = study.store
    assert rows(study, "feed_entries") == before


def test_an_old_store_is_not_upgraded_where_no_copy_of_it_can_be_kept(tmp_path: Path) -> None:
    study = Study.create(tmp_path / "study", BOOK)
    run_sql(study.folder / "study.db", (STORES / "schema-4.sqlite.sql").read_text(encoding="utf-8"))
    (study.folder / "study.db.schema-4.bak").mkdir()
    (study.folder / "study.db.schema-4.bak/file").touch()
    with pytest.raises(BadStudy, match=r"only once a copy of it is kept, which cannot be written to .*schema-4\.bak"):
        _ = study.store
    assert {"key": "schema", "value": "4"} in rows(study, "meta")
    shutil.rmtree(study.folder / "study.db.schema-4.bak")
    assert len(Study.open(study.folder).annotations()) == 6
