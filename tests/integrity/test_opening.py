"""A store that is missing, empty or damaged is refused in a sentence; it never becomes a new empty study."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from command_line import slantwise
from sqlalchemy import text
from stores import BOOK, FILES, postgres, study_in, valley_in, write

from corpus import Study, add, check_study
from corpus.errors import BadStudy

COMMANDS = (["status"], ["kwic", "took"], ["agree"], ["export", "out"], ["report"], ["respan"], ["round", "list"])


def gone(file: Path) -> None:
    file.unlink()


def empty(file: Path) -> None:
    file.write_bytes(b"")


def text_file(file: Path) -> None:
    file.write_text("no database, " * 100)


def without_header(file: Path) -> None:
    file.write_bytes(bytes(100) + file.read_bytes()[100:])


def cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 3])


def another(file: Path) -> None:
    """An empty database, as another program makes one."""
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version=1")


def of_another_program(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE events (day)")


def without_a_table(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("DROP TABLE draws")


def without_a_version(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("DELETE FROM meta WHERE key = 'schema'")
        connection.commit()


def odd_version(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE meta SET value = 't' WHERE key = 'schema'")
        connection.commit()


def odd_schema(file: Path) -> None:
    data = file.read_bytes()
    at = data.index(b"CREATE TABLE articles")
    file.write_bytes(data[:at] + b"CREATE TIBLE" + data[at + 12 :])


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """The folder of a study with articles that nobody has open."""
    study = valley_in(tmp_path / "study")
    study.close()
    return study.folder


@pytest.mark.parametrize(
    "damage",
    [
        gone,
        empty,
        text_file,
        without_header,
        cut_off,
        another,
        of_another_program,
        without_a_table,
        without_a_version,
        odd_version,
        odd_schema,
    ],
)
def test_a_damaged_store_is_refused_and_left_as_it_is(closed: Path, damage: Callable[[Path], None]) -> None:
    file = closed / "study.db"
    damage(file)
    before = file.read_bytes() if file.exists() else None
    with pytest.raises(
        BadStudy, match=r"(?si)store.*(nothing (in it )?was changed|went no further).*slantwise study (restore|repair)"
    ):
        _ = Study.open(closed).store
    for command in COMMANDS[:2]:
        said = slantwise(*command, cwd=closed)
        assert said.returncode == 2 and "slantwise study restore" in said.stderr, said
        assert "nothing is lost" not in said.stderr and "bug" not in said.stderr
    assert (file.read_bytes() if file.exists() else None) == before
    assert slantwise("study", "check", cwd=closed).returncode == 3


def test_every_command_refuses_a_missing_store(closed: Path) -> None:
    (closed / "study.db").unlink()
    for command in COMMANDS:
        said = slantwise(*command, cwd=closed)
        assert said.returncode == 2 and "study.db is missing" in said.stderr, command
    assert not (closed / "study.db").exists()


def test_a_new_study_has_its_store_at_once(tmp_path: Path) -> None:
    assert slantwise("init", "new", cwd=tmp_path).returncode == 0
    assert (tmp_path / "new" / "study.db").stat().st_size > 0
    assert check_study(Study.open(tmp_path / "new")).whole


def test_a_stopped_init_can_be_typed_again_and_a_store_without_settings_is_not_taken_over(tmp_path: Path) -> None:
    study = study_in(tmp_path / "study")
    study.close()
    (study.folder / "study.toml").unlink()
    again = study_in(tmp_path / "study")
    add(again, [write(tmp_path / "in", FILES)], outlet="Herald")
    again.close()
    (study.folder / "study.toml").unlink()
    with pytest.raises(BadStudy, match=r"holds articles, and there is no study\.toml"):
        Study.create(tmp_path / "study", BOOK)


def test_a_damaged_page_becomes_a_sentence_in_every_command(closed: Path) -> None:
    """Of the pages with rows one after the other is overwritten; whatever a command then meets is said in words."""
    whole = (closed / "study.db").read_bytes()
    size = int.from_bytes(whole[16:18], "big")
    met = set()
    for page in range(size, len(whole), size):
        if whole[page] != 0x0D or whole[page + 3 : page + 5] == b"\0\0":  # no rows of a table
            continue
        data = bytearray(whole)
        data[page : page + 1] = b"\x00"
        (closed / "study.db").write_bytes(data)
        for command in COMMANDS[:4]:
            said = slantwise(*command, cwd=closed)
            assert "nothing is lost" not in said.stderr and "Traceback" not in said.stderr, (page, command)
            if said.returncode == 2 and "is damaged" in said.stderr:
                assert "slantwise study restore" in said.stderr
                met.add(command[0])
        shutil.rmtree(closed / "out", ignore_errors=True)
    assert met >= {"status", "kwic"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as url:
        yield url


def test_an_empty_database_is_no_new_study_where_there_was_one(tmp_path: Path, server: str) -> None:
    study = valley_in(tmp_path / "study")
    (study.folder / "checkpoints").mkdir()
    study.close()
    settings = study.folder / "study.toml"
    url = server.replace("/NAME", "/postgres")
    settings.write_text(settings.read_text().replace('url = "sqlite"', f'url = "{url}"'))
    with pytest.raises(BadStudy, match="damaged or was replaced: it has no table"):
        _ = Study.open(study.folder).store
    (study.folder / "checkpoints").rmdir()
    opened = Study.open(study.folder)
    with opened.store.writing() as connection:
        connection.execute(text("DROP TABLE draws CASCADE"))
    opened.close()
    with pytest.raises(BadStudy, match="it has no table draws"):
        _ = Study.open(study.folder).store


def test_the_store_of_another_study_is_found_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folders = []
    for name in ("one", "other"):
        study = valley_in(tmp_path / name)
        study.close()
        folders.append(study.folder)
    for folder in folders:
        whole = Study.open(folder)
        assert check_study(whole).whole and not caplog.records
        whole.close()
    shutil.copy(folders[1] / "study.db", folders[0] / "study.db")
    mixed = Study.open(folders[0])
    (found,) = check_study(mixed).findings
    assert "two studies' files were mixed" in found.means and "made for another study" in caplog.text
    settings = folders[0] / "study.toml"
    id = found.todo.partition('id = "')[2].strip('"')
    settings.write_text(settings.read_text().replace(str(mixed.settings.id), id))
    assert check_study(Study.open(folders[0])).whole
