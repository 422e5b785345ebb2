"""A byte flipped in study.db is found by `study check`, or changes no value that a figure could read."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select, text
from stores import code, valley_in

from annotate import adjudicate, draw
from corpus import Study, check_study
from corpus.annotation import Design
from corpus.integrity.database_checks import read_only
from corpus.study import database as db

FLIPS = 60  # benchmarks/flipped_bytes.py tries more, in a larger study, and compares reports and exports


@pytest.fixture
def coded(tmp_path: Path) -> Path:
    """The folder of a closed study with a round, answers, a decision and suggestions."""
    study = valley_in(tmp_path / "study")
    draw(study, "main-1", "mira,jon", spans=2, design=Design(no_term=0))
    for coder, answer in (("mira", "plain"), ("jon", "liberation")):
        code(study, "took", answer, coder)
    adjudicate(study, "")
    spans = study.eligible()["span"]
    rows = [
        {"span": s, "variable": "wording", "model": "v-1", "fold": "", "probabilities": '{"plain": 0.25, "liberation": 0.75}'}
        for s in spans
    ]  # fmt: skip
    with study.store.writing() as connection:
        db.put(connection, db.suggestions, rows)
        connection.execute(text("INSERT INTO tallies VALUES ('suggestions', 'v-1', :n)"), {"n": len(rows)})
    assert check_study(study).findings == ()
    study.close()
    return study.folder


def contents(file: Path) -> dict[str, list[str]]:
    """All rows of all tables, as the tables have them."""
    with read_only(file) as connection:
        return {
            table.name: sorted(map(repr, connection.execute(f'SELECT * FROM "{table.name}"')))
            for table in db.metadata.sorted_tables
        }


def test_a_flipped_byte_is_found_or_changes_nothing(coded: Path) -> None:
    file, random = coded / "study.db", Random(16)
    whole = file.read_bytes()
    before, used = contents(file), [at for at, byte in enumerate(whole) if byte]
    found = harmless = 0
    for number in range(FLIPS):
        data = bytearray(whole)
        at = random.choice(used) if number % 2 else random.randrange(len(whole))
        data[at] ^= random.randrange(1, 256)
        file.write_bytes(data)
        study = Study.open(coded)
        if check_study(study).findings:
            found += 1
        else:
            study.close()
            assert contents(file) == before, f"the byte {at} changed a value and was not found"
            harmless += 1
        study.close()
    assert found > FLIPS / 4 and harmless


COLUMNS = [(table.name, column.name) for table in db.metadata.sorted_tables for column in table.columns]


def test_a_changed_value_is_found_in_every_column_of_every_table(coded: Path) -> None:
    """By the sums over the rows, or because it is computed again; rows that are gone, too."""
    file = coded / "study.db"
    whole, changed = file.read_bytes(), 0
    for table, column in COLUMNS:
        with closing(sqlite3.connect(file)) as connection:
            key = "rowid" if table not in ("shingles", "paragraph_counts", "paragraph_owners") else "digest"
            key = "hash" if table == "shingles" else key
            first = f'(SELECT {key} FROM "{table}" LIMIT 1)'
            n = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
            if not n or table in ("row_sums", "feed_hosts"):
                continue
            value = f"CASE WHEN typeof(\"{column}\") IN ('integer', 'real') THEN \"{column}\" + 1000 ELSE 'x' END"
            connection.execute(f'UPDATE "{table}" SET "{column}" = {value} WHERE {key} = {first}')
            connection.commit()
        study = Study.open(coded)
        assert check_study(study).findings, f"{table}.{column} was changed and not found"
        study.close()
        file.write_bytes(whole)
        changed += 1
    assert changed > 90


def test_lost_rows_are_found_in_every_table(coded: Path) -> None:
    file = coded / "study.db"
    whole = file.read_bytes()
    for table in db.metadata.sorted_tables:
        if table.name in ("row_sums", "feed_hosts"):
            continue
        with closing(sqlite3.connect(file)) as connection:
            if connection.execute(f'DELETE FROM "{table.name}"').rowcount == 0:
                continue
            connection.commit()
        study = Study.open(coded)
        assert check_study(study).findings, f"the rows of {table.name} were lost and not missed"
        study.close()
        file.write_bytes(whole)


def test_a_sum_is_not_upset_by_anything_that_slantwise_does(coded: Path) -> None:
    """Rows that are put again, replaced, counted up, taken back and written in several processes' transactions."""
    study = Study.open(coded)
    code(study, "liberated", "plain", "kim")
    code(study, "liberated", "liberation", "kim")
    with pytest.raises(ZeroDivisionError), study.store.writing() as connection:
        db.set_meta(connection, "note", "taken back")
        raise ZeroDivisionError
    with study.store.writing() as connection:
        db.set_meta(connection, "note", "kept")
        with pytest.raises(ZeroDivisionError), study.store.writing() as inner:
            db.set_meta(inner, "note", "an inner one is taken back")
            raise ZeroDivisionError
    with study.store.reading() as connection:
        assert connection.execute(select(db.meta.c.value).where(db.meta.c.key == "note")).scalar() == "kept"
    assert check_study(study).findings == ()
    study.close()


def test_upkeep_by_other_programs_is_no_damage(coded: Path) -> None:
    for statement in ("VACUUM", "REINDEX", "ANALYZE", "PRAGMA journal_mode=DELETE"):
        with closing(sqlite3.connect(coded / "study.db", isolation_level=None)) as connection:
            connection.execute(statement)
        study = Study.open(coded)
        assert check_study(study).findings == (), statement
        code(study, "liberated", "plain", statement.lower().partition(" ")[0])
        assert check_study(study).findings == (), statement
        study.close()
