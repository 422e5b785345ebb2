"""A store in PostgreSQL: what others changed or deleted there is found, as in a file; what Slantwise does is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import slantwise
from sqlalchemy import create_engine, text
from stores import code, postgres, study_in, valley_in, write

from annotate import adjudicate, draw
from corpus import Study, add, check_study, copy_study, repair_study
from corpus.study import database as db
from corpus.study.keeping import server_sums
from corpus.study.keeping.table_sums import summed_tables


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture
def there(server: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Study]:
    """A study with a round, answers and decisions, moved to a server."""
    name = re.sub(r"\W", "_", request.node.name).lower()[:50]
    engine = create_engine(server.replace("NAME", "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    study = valley_in(tmp_path / "study")
    draw(study, "main-1", "mira,jon", spans=2)
    for coder, answer in (("mira", "plain"), ("jon", "liberation")):
        code(study, "took", answer, coder)
    adjudicate(study, "")
    copy_study(study, server.replace("NAME", name))
    moved = Study.open(study.folder)
    yield moved
    moved.close()


def by_hand(study: Study, statement: str) -> None:
    """Change the database as its administrator does."""
    engine = create_engine(study.store.engine.url)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        assert connection.execute(text(statement)).rowcount
    engine.dispose()


def test_a_row_that_was_changed_or_deleted_is_found_in_every_table(there: Study) -> None:
    engine, tried = create_engine(there.store.engine.url), 0
    with engine.connect() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        assert server_sums.changed_parts(connection) == {}
        connection.commit()
        for table in summed_tables():
            one = f'(SELECT min(ctid) FROM "{table.name}")'
            changes = [f'DELETE FROM "{table.name}" WHERE ctid = {one}']
            changes += [
                f'UPDATE "{table.name}" SET "{column.name}" = \'x\' WHERE ctid = {one}'
                for column in table.columns
                if column.type.python_type is str and (column.type.length or 9) > 8  # type: ignore[attr-defined]
            ]
            for change in changes:
                if connection.execute(text(change)).rowcount:
                    assert table.name in server_sums.changed_parts(connection), change
                    tried += 1
                connection.rollback()
                connection.execute(text("SET session_replication_role = replica"))
    engine.dispose()
    assert tried > 60


def test_check_says_so_and_repair_lets_the_rows_count_as_they_are(there: Study) -> None:
    assert check_study(there).findings == ()
    by_hand(there, "DELETE FROM annotations WHERE coder = 'jon'")
    by_hand(there, "UPDATE rounds SET purpose = 'audit' WHERE name = 'main-1'")
    found = {f.what: f.where for f in check_study(there).findings}["sums over the rows of tables"]
    assert "annotations: rows are gone" in found and "rounds: " in found and "main-1" in found
    repaired = repair_study(there)
    assert "annotations: rows are gone" in repaired.unsure[0] and repaired.findings == ()


def test_no_sum_is_upset_by_what_slantwise_does(there: Study, tmp_path: Path) -> None:
    texts = {f"{n}.txt": f"They took Velo {n} times.\n\nThey liberated {n} towns." for n in range(5)}
    add(there, [write(tmp_path / "more", texts)], outlet="Herald")
    texts["1.txt"] += "\n\nCorrection: it was Karsk."
    add(there, [write(tmp_path / "more", texts)], outlet="Herald")
    code(there, "liberated", "plain", "kim")
    code(there, "liberated", "liberation", "kim")
    draw(there, "main-2", "mira", spans=2)
    with pytest.raises(ZeroDivisionError), there.store.writing() as connection:
        db.set_meta(connection, "note", "taken back")
        raise ZeroDivisionError
    assert check_study(there).findings == ()
    assert check_study(there).checked["sums over the rows of tables"] > 50


def test_a_store_that_was_moved_is_not_written_to_by_who_missed_it(there: Study, tmp_path: Path) -> None:
    settings = there.folder / "study.toml"
    new = settings.read_text()
    (there.folder / "study-copied-1.db").rename(there.folder / "study.db")
    settings.write_text(re.sub(r'(?m)^url = ".*"', 'url = "sqlite"', new))
    old = Study.open(there.folder)
    text_file = write(tmp_path / "late", {"late.txt": "They took Karsk late."}) / "late.txt"
    said = slantwise("add", str(text_file), "--outlet", "Herald", cwd=there.folder)
    assert said.returncode == 2 and "was moved to postgresql" in said.stderr and "[store]" in said.stderr
    assert len(old.articles()) == 3  # it can be read
    assert "was moved" in repair_study(old).rebuilt[0]
    assert len(add(old, [text_file], outlet="Herald").new) == 1
    old.close()


def test_who_may_not_make_triggers_works_without(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_sums, "_FUNCTION", "CREATE FUNCTION nobody_may()")
    engine = create_engine(server.replace("NAME", "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE without"))
    engine.dispose()
    study = study_in(tmp_path / "study", url=server.replace("NAME", "without"))
    assert len(add(study, [write(tmp_path / "in", {"a.txt": "They took Velo."})], outlet="Herald").new) == 1
    checked = check_study(study)
    assert checked.findings == () and "triggers" in checked.unchecked["sums over the rows of tables"]
    study.close()
