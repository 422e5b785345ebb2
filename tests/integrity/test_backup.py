"""Backups: one file, of one state while others write; what is lost is restored as it was, or refused."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import slantwise
from sqlalchemy import Boolean, Column, Float, Integer, create_engine, func, literal, not_, select, text
from stores import BODY, code, postgres, study_in, valley_in, write

import annotate
from annotate.report import write as write_report
from corpus import Study, add, backup_study, check_study, copy_study, export, restore_study, status
from corpus.errors import BadFile, BadStudy
from corpus.integrity.answer_checks import check_row_digests
from corpus.integrity.findings import Look
from corpus.study import database as db
from corpus.study.history.handing_in import LATE, keep_changes
from corpus.study.row_digests import is_sealed, values_of

ROOT = Path(__file__).parents[2]
CLOCK = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(\+00:00|Z)?")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database: a file in the study, or one on a real server."""
    return "sqlite" if request.param == "sqlite" else new_database(request.getfixturevalue("server"), request.node.name)


def new_database(server: str, name: str) -> str:
    name = re.sub(r"\W", "_", name).lower()[:50]
    engine = create_engine(server.replace("NAME", "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}"'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return server.replace("NAME", name)


def lived_in(folder: Path, url: str) -> Study:
    """A study with a round, answers, a fetched page, a model's folder and a report."""
    study = study_in(folder, url=url)
    texts = {
        f"{n}.txt": f"Velo falls {n}\n\n{BODY} Day {n}.\n\nThey took it and liberated {n} towns." for n in range(4)
    }
    add(study, [write(folder.with_name("texts"), texts)], outlet="Herald")
    annotate.draw(study, "main-1", "mira,jon", spans=4)
    for coder in ("mira", "jon"):
        code(study, "took", "plain", coder)
    body = b"<p>Velo fell.</p>"
    digest = hashlib.sha256(body).hexdigest()
    write(study.pages / digest[:2], {f"{digest}.gz": gzip.compress(body, mtime=0)})
    write(study.checkpoints / "v-1", {"slantwise.json": "{}"})
    write_report(study)
    return study


def figures(study: Study, out: Path) -> dict[str, object]:
    """All that the study says: report, agreement, status and exported tables, apart from clocks."""
    export(study, out, format="csv")
    tables = {file.name: file.read_bytes() for file in sorted(out.iterdir())}
    page = CLOCK.sub("", write_report(study).report.read_text(encoding="utf-8"))
    return {
        "report": page,
        "agree": json.dumps(annotate.agree(study).json(), default=str),
        "status": status(study).json(),
        **tables,
    }


def test_backup_loss_of_the_folder_restore_the_same_report(tmp_path: Path, url: str) -> None:
    study = lived_in(tmp_path / "study", url)
    before = figures(study, tmp_path / "before")
    made = backup_study(study, tmp_path / "kept" / "valley.backup")
    assert (made.articles, made.models, made.findings) == (4, 1, ()) and made.bytes == made.file.stat().st_size
    study.close()
    shutil.rmtree(study.folder)
    restored = restore_study(made.file, tmp_path / "again")
    again = Study.open(tmp_path / "again")
    assert figures(again, tmp_path / "after") == before
    assert (restored.articles, restored.annotations) == (4, 2)
    assert again.settings.store.url == "sqlite" and [f.name for f in again.pages.rglob("*.gz")]
    assert [f.what for f in check_study(again).findings] == []
    again.close()


WRITER = """
import sys
from corpus import Study, add
study, n = Study.open(sys.argv[1]), 0
print("ready", flush=True)
while True:
    n += 1
    rows = [{"text": f"Troops took {n} towns and {m} more at dawn on Monday.", "outlet": "Herald", "id": f"{n}-{m}"} for m in range(3)]
    add(study, __import__("pandas").DataFrame(rows))
"""


def test_a_backup_is_one_state_while_others_write(tmp_path: Path, url: str) -> None:
    """Each call of the writer adds three articles at once: a backup has all three of a call or none."""
    study = study_in(tmp_path / "study", url=url)
    _ = study.store
    command = [sys.executable, "-c", WRITER, str(study.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}) as writer:
        assert writer.stdout is not None and writer.stdout.readline() == b"ready\n"
        made = []
        try:
            while len(made) < 4 or (made[-1].articles == made[0].articles and len(made) < 100):
                made.append(backup_study(study, tmp_path / f"{len(made)}.backup"))
        finally:
            writer.kill()
    assert made[-1].articles > made[0].articles
    for number, one in enumerate(made[-3:]):
        folder = restore_study(one.file, tmp_path / f"restored-{number}").study
        again = Study.open(folder)
        assert [f for f in check_study(again).findings if f.what != "texts with spans, or noted to be split"] == []
        assert len(again.articles()) == one.articles
        again.close()
    study.close()


def test_a_backup_replaces_nothing_and_is_private(tmp_path: Path) -> None:
    study = valley_in(tmp_path / "study")
    write(study.checkpoints / "v-1", {"slantwise.json": "{}"})
    file = backup_study(study, tmp_path / "a.backup", without_models=True).file
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with zipfile.ZipFile(file) as pack:
        assert sorted(pack.namelist()) == ["backup.json", "codebook.yaml", "study.db", "study.toml"]
    whole = file.read_bytes()
    with pytest.raises(BadFile, match="is there already and was not replaced"):
        backup_study(study, file)
    assert file.read_bytes() == whole and not list(tmp_path.glob(".*"))
    said = slantwise("study", "restore", file, study.folder, cwd=tmp_path)
    assert said.returncode == 2 and "is there already and is not empty" in said.stderr
    study.close()


def test_a_damaged_backup_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    study = valley_in(tmp_path / "study")
    file = backup_study(study, tmp_path / "a.backup").file
    study.close()
    whole = file.read_bytes()
    bad = tmp_path / "bad.backup"
    refused = 0
    for at in range(0, len(whole), len(whole) // 40):
        data = bytearray(whole)
        data[at] ^= 0x55
        bad.write_bytes(data)
        try:
            restore_study(bad, tmp_path / "out")
        except BadFile as error:
            refused += 1
            assert (
                "damaged" in str(error) or "no whole backup" in str(error) or "does not belong to a study" in str(error)
            )
            assert not (tmp_path / "out").exists()
        else:  # a byte that nothing depends on, such as a time in the archive's directory
            again = Study.open(tmp_path / "out")
            assert check_study(again).whole
            again.close()
            shutil.rmtree(tmp_path / "out")
    assert refused > 30
    for cut in (0, 10, len(whole) // 2, len(whole) - 5):
        bad.write_bytes(whole[:cut])
        with pytest.raises(BadFile, match="no whole backup"):
            restore_study(bad, tmp_path / "out")
    with pytest.raises(BadFile, match="there is no file"):
        restore_study(tmp_path / "none", tmp_path / "out")
    assert not list(tmp_path.glob(".*"))


def test_a_backup_writes_into_its_own_folder_only(tmp_path: Path) -> None:
    study = valley_in(tmp_path / "study")
    file = backup_study(study, tmp_path / "a.backup").file
    study.close()
    for name in ("../outside.txt", "/tmp/outside.txt", "checkpoints/../../outside.txt", "other.txt"):
        bad = tmp_path / "bad.backup"
        with zipfile.ZipFile(file) as old, zipfile.ZipFile(bad, "w") as new:
            about = json.loads(old.read("backup.json"))
            about["files"][name] = {"bytes": 1, "sha256": hashlib.sha256(b"x").hexdigest()}
            for known in old.namelist():
                new.writestr(known, json.dumps(about) if known == "backup.json" else old.read(known))
            new.writestr(name, b"x")
        with pytest.raises(BadFile, match="which does not belong to a study; nothing was written"):
            restore_study(bad, tmp_path / "out")
        assert not (tmp_path / "out").exists() and not (tmp_path / "outside.txt").exists()


def test_a_damaged_study_is_backed_up_as_it_is_and_said_to_be_damaged(tmp_path: Path) -> None:
    import sqlite3
    from contextlib import closing

    study = valley_in(tmp_path / "study")
    study.close()
    with closing(sqlite3.connect(study.folder / "study.db")) as connection:
        connection.execute("UPDATE articles SET published = '2001-01-01'")
        connection.commit()
    said = slantwise("study", "backup", "../a.backup", cwd=study.folder)
    assert said.returncode == 3 and "keep your earlier backups" in said.stderr


# from one database to the other


def with_all_sealed_rows(study: Study) -> Study:
    """Add decisions, original and changed answers and suggestions, which `lived_in` leaves out."""
    annotate.adjudicate(study, "")
    answer = study.annotations().iloc[0]
    key = {"span": answer["span"], "variable": "wording"}
    chances = {"probabilities": '{"plain": 1.0, "liberation": 0.0}', "model": "v-1", "fold": ""}
    with study.store.writing() as connection:
        original = {"coder": "mira", "round": "", "codebook_version": "0", "code": "plain", "arm": "blind"}
        db.put(connection, db.raw_annotations, [key | original])
        keep_changes(connection, LATE, [key | original])
        db.put(connection, db.suggestions, [key | chances])
        db.put(connection, db.round_suggestions, [key | chances | {"round": "main-1"}])
    return study


def changed(column: Column[Any]) -> Any:
    if isinstance(column.type, Boolean):
        return not_(column)
    return func.coalesce(column, 0) + 1 if isinstance(column.type, Integer | Float) else literal("other")


def test_a_value_that_another_program_changed_is_found_by_its_rows_digest(tmp_path: Path, url: str) -> None:
    """In every column of every table whose rows have one, apart from the sums over all rows."""
    study, tried = with_all_sealed_rows(lived_in(tmp_path / "study", url)), 0
    for table in filter(is_sealed, db.metadata.sorted_tables):
        for column in (one for one in values_of(table) if not one.primary_key):
            look = Look(study)
            with pytest.raises(ZeroDivisionError), study.store.writing() as connection:
                assert connection.execute(table.update().values({column: changed(column)})).rowcount, table.name
                check_row_digests(look, connection)
                raise ZeroDivisionError  # as it was
            assert [one.what for one in look.findings] == [f"digests of {table.name.replace('_', ' ')}"], column
            tried += 1
    assert tried > 25
    study.close()


def test_a_study_moves_to_postgresql_and_back(tmp_path: Path, server: str) -> None:
    study = lived_in(tmp_path / "study", "sqlite")
    before = figures(study, tmp_path / "before")
    url = new_database(server, "moved")
    there = copy_study(study, url)
    assert there.rows_copied > 50 and there.kept == study.folder / "study-copied-1.db"
    moved = Study.open(study.folder)
    assert moved.store.engine.dialect.name == "postgresql" and figures(moved, tmp_path / "there") == before
    assert [f.what for f in check_study(moved).findings] == []
    other = valley_in(tmp_path / "other")
    with pytest.raises(BadStudy, match="holds a study already"):
        copy_study(other, url)
    other.close()
    back = slantwise("study", "copy", "sqlite", cwd=study.folder)
    assert back.returncode == 0, back.stderr
    again = Study.open(study.folder)
    assert again.store.engine.dialect.name == "sqlite" and figures(again, tmp_path / "back") == before
    assert check_study(again).findings == () and (study.folder / "study-copied-1.db").is_file()
    again.close()
    moved.close()


def test_what_changes_a_moved_study_is_logged_after_what_changed_it_before(tmp_path: Path, server: str) -> None:
    study = lived_in(tmp_path / "study", "sqlite")
    copy_study(study, new_database(server, "logged"))
    moved = Study.open(study.folder)
    assert add(moved, [write(tmp_path / "more", {"z.txt": f"Later\n\n{BODY}"})], outlet="Herald").refusals == []
    with moved.store.reading() as connection:
        lines = connection.execute(select(db.log.c.id, db.log.c.command).order_by(db.log.c.id)).all()
    assert [line.id for line in lines] == list(range(1, len(lines) + 1)) and lines[-1].command == "add"
    moved.close()


def test_a_copy_that_fails_leaves_the_study_where_it_is(
    tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = valley_in(tmp_path / "study")
    settings = (study.folder / "study.toml").read_text()
    url = new_database(server, "failing")
    real = __import__("corpus.integrity.copy", fromlist=["summed"]).summed
    monkeypatch.setattr(
        "corpus.integrity.copy.summed",
        lambda connection, table: (0, 0) if connection.dialect.name == "sqlite" else real(connection, table),
    )
    with pytest.raises(BadStudy, match="was not copied faithfully"):
        copy_study(study, url)
    monkeypatch.undo()
    assert (study.folder / "study.toml").read_text() == settings and len(study.articles()) == 3
    copy_study(study, url)  # nothing had been stored there
    study.close()


def test_a_copy_that_was_killed_before_the_settings_were_written_goes_on(
    tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = lived_in(tmp_path / "study", "sqlite")
    url = new_database(server, "goes_on")
    monkeypatch.setattr("corpus.integrity.copy.write_whole", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        copy_study(study, url)
    monkeypatch.undo()
    assert study.settings.store.url == "sqlite" and Study.open(study.folder).settings.store.url == "sqlite"
    there = copy_study(study, url)
    assert there.rows_copied > 50 and "goes_on" in (study.folder / "study.toml").read_text()
    moved = Study.open(study.folder)
    assert check_study(moved).findings == () and len(moved.annotations()) == 2
    with pytest.raises(BadStudy, match="holds a study already"):  # it is its own store
        copy_study(moved, f"{url}&application_name=other")
    code(moved, "took", "liberation", "kim")
    moved.close()
    study.close()


def test_no_password_is_printed(tmp_path: Path) -> None:
    study = valley_in(tmp_path / "study")
    study.close()
    url = "postgresql+psycopg://mira:hunter2@127.0.0.1:9/valley"
    for command in (
        ["study", "copy", url],
        ["study", "copy", f"{url}?x=%zz"],
        ["study", "copy", "mysql://a:hunter2@b/c"],
    ):
        said = slantwise(*command, cwd=study.folder)
        assert said.returncode == 2 and "hunter2" not in said.stderr + said.stdout, said
    assert Study.open(study.folder).settings.store.url == "sqlite"
