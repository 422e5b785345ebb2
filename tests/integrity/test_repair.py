"""Repair: what follows from other data is found again, rows that can be read are kept, what is lost is named."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from command_line import slantwise
from sqlalchemy import select
from stores import code, rewritten, valley_in

from annotate import draw
from annotate.rounds import rounds
from corpus import Study, check_study, repair_study
from corpus.annotation import Design
from corpus.errors import BadStudy
from corpus.integrity import repair
from corpus.study import database as db


@pytest.fixture
def coded(tmp_path: Path) -> Path:
    """The folder of a closed study with a round and answers."""
    study = valley_in(tmp_path / "study")
    draw(study, "main-1", "mira,jon", spans=2, design=Design(no_term=0))
    code(study, "took", "plain", "mira")
    code(study, "liberated", "liberation", "jon")
    assert check_study(study).findings == ()
    study.close()
    return study.folder


def contents(folder: Path) -> dict[str, list[str]]:
    study = Study.open(folder)
    with study.store.reading() as connection:
        rows = {
            table.name: sorted(map(repr, connection.execute(select(table)).tuples()))
            for table in db.metadata.sorted_tables
            if table.name not in ("row_sums", "pending_revisions", "log")
        }
    study.close()
    return rows


def hurt(file: Path) -> None:
    """Overwrite the page with the outlets, which are known from the articles too."""
    with closing(sqlite3.connect(file)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'outlets'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    data = bytearray(file.read_bytes())
    data[(root - 1) * size : root * size] = Random(3).randbytes(size)
    file.write_bytes(data)


DERIVED = {
    "tallies": "UPDATE tallies SET n = n + 5 WHERE what != 'lock'",
    "lost tallies": "DELETE FROM tallies",
    "shingles": "DELETE FROM shingles",
    "signatures": "UPDATE shingle_signatures SET signature = x'00000000'",
    "paragraphs": "UPDATE paragraph_counts SET articles = articles + 3",
    "copy groups": "UPDATE articles SET copy_group = 'none'",
    "spans": "DELETE FROM spans WHERE id NOT IN (SELECT span FROM annotations UNION SELECT span FROM draws)",
    "changed spans": 'UPDATE spans SET "end" = "end" + 1 WHERE id NOT IN (SELECT span FROM annotations UNION SELECT span FROM draws)',
}


@pytest.mark.parametrize("damage", DERIVED)
def test_what_follows_from_texts_is_found_again(coded: Path, damage: str) -> None:
    before = contents(coded)
    with closing(sqlite3.connect(coded / "study.db")) as connection:
        connection.execute(DERIVED[damage])
        connection.commit()
    said = slantwise("study", "check", "--json", cwd=coded)
    assert said.returncode == 3 and json.loads(said.stdout)["findings"]
    study = Study.open(coded)
    done = repair_study(study)
    assert done.rebuilt and done.findings == () and done.lost == ()
    study.close()
    assert contents(coded) == before


def test_an_index_is_made_again(coded: Path) -> None:
    before = contents(coded)
    with closing(sqlite3.connect(coded / "study.db")) as connection:
        connection.execute("PRAGMA writable_schema=ON")
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_spans_revision'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    data = bytearray((coded / "study.db").read_bytes())
    at = (page - 1) * size + size - 30
    data[at : at + 20] = bytes(b ^ 1 for b in data[at : at + 20])
    (coded / "study.db").write_bytes(data)
    study = Study.open(coded)
    assert check_study(study).findings
    done = repair_study(study)
    study.close()
    assert done.lost == () and done.findings == () and done.kept is not None and done.kept.is_file()
    assert contents(coded) == before


def test_rows_are_read_out_of_a_damaged_file_and_lost_ones_are_named(coded: Path) -> None:
    """Every page with rows of answers, draws, texts or articles is overwritten once; nothing is lost without a word."""
    before = contents(coded)
    file = coded / "study.db"
    whole, tried = file.read_bytes(), 0
    with closing(sqlite3.connect(file)) as connection:
        roots = dict(connection.execute("SELECT name, rootpage FROM sqlite_master WHERE type = 'table'"))
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    for table in ("annotations", "revisions", "outlets", "spans"):
        data = bytearray(whole)
        data[(roots[table] - 1) * size : roots[table] * size] = Random(3).randbytes(size)
        file.write_bytes(data)
        study = Study.open(coded)
        done = repair_study(study)
        study.close()
        assert done.kept is not None and done.kept.read_bytes() == bytes(data), table
        after, named = contents(coded), " ".join(done.lost)
        for name in ("annotations", "draws", "revisions", "articles"):
            missing = len(before[name]) - len(after[name])
            assert missing == 0 or name in named, (table, name, missing)
        if table == "outlets":
            # known from the articles; a country that it may have had is not
            assert after["outlets"] == before["outlets"] and done.lost == ("outlets: Herald",)
        if table == "spans":
            assert len(after["annotations"]) == 2 and len(after["spans"]) == len(before["spans"])
        again = Study.open(coded)
        assert check_study(again).findings == done.findings
        again.close()
        file.write_bytes(whole)
        tried += 1
    assert tried == 4


def test_rows_are_found_on_their_pages_where_the_page_above_them_is_lost(tmp_path: Path) -> None:
    """Many texts take many pages, and one page leads to them all: without it SQLite finds none."""
    texts = {f"{n}.txt": f"Troops took {n} towns.\n\n" + f"They held the town {n} for a day. " * 60 for n in range(12)}
    study = valley_in(tmp_path / "study", texts=texts)
    code(study, "took", "plain", "mira")
    study.close()
    before, file = contents(study.folder), study.folder / "study.db"
    with closing(sqlite3.connect(file)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'revisions'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    data = bytearray(file.read_bytes())
    assert data[(root - 1) * size] == 5  # a page that leads to others
    data[(root - 1) * size : root * size] = bytes(size)
    file.write_bytes(data)
    again = Study.open(study.folder)
    done = repair_study(again)
    again.close()
    assert (done.lost, done.findings) == ((), ()) and contents(study.folder) == before


def test_a_lost_first_page_is_replaced(coded: Path) -> None:
    before = contents(coded)
    file = coded / "study.db"
    for damage in (bytes(100), Random(5).randbytes(4096)):
        whole = file.read_bytes()
        file.write_bytes(damage + whole[len(damage) :])
        with pytest.raises(BadStudy, match="its beginning was overwritten"):
            _ = Study.open(coded).store
        said = slantwise("study", "repair", cwd=coded)
        assert said.returncode == 0, said.stderr
        assert contents(coded) == before


def test_a_changed_value_is_said_to_be_unsure_and_the_file_is_kept(coded: Path) -> None:
    with closing(sqlite3.connect(coded / "study.db")) as connection:
        connection.execute("UPDATE articles SET published = '2001-01-01'")
        connection.commit()
    said = slantwise("study", "repair", cwd=coded)
    assert said.returncode == 3 and "unsure" in said.stderr and "articles" in said.stderr
    assert (coded / "study-damaged-1.db").is_file()
    assert slantwise("study", "check", cwd=coded).returncode == 0


def test_the_codebook_comes_back_from_the_store(coded: Path) -> None:
    study = Study.open(coded)
    study.remember_codebook()
    study.close()
    file = coded / "codebook.yaml"
    whole = file.read_text()
    for damage in (None, "name: [", "\x00\x01"):
        if damage is None:
            file.unlink()
        else:
            file.write_text(damage)
        assert slantwise("study", "check", cwd=coded).returncode == 3
        said = slantwise("study", "repair", cwd=coded)
        assert said.returncode == 0, said.stderr
        assert file.read_text() == whole
    assert len(list(coded.glob("codebook-damaged-*.yaml"))) == 2


def test_a_lost_store_is_not_repaired_into_an_empty_one(coded: Path) -> None:
    (coded / "reports").mkdir(exist_ok=True)
    (coded / "reports" / "report.html").write_text("<p>")
    (coded / "study.db").unlink()
    said = slantwise("study", "repair", cwd=coded)
    assert said.returncode == 2 and "is missing, and with it everything" in said.stderr
    assert not (coded / "study.db").exists()


def test_a_whole_study_is_left_as_it_is(coded: Path) -> None:
    before = (coded / "study.db").read_bytes()
    said = slantwise("study", "repair", cwd=coded)
    assert said.returncode == 0 and "nothing had to be repaired" in said.stderr
    assert (coded / "study.db").read_bytes() == before


# what a check finds between tables, also where the sums are right because a program wrote the rows


def broken_frame(study: Study) -> None:
    with study.store.writing() as connection:
        connection.execute(db.rounds.update().values(frame="[]"))


def broken_pi(study: Study) -> None:
    with study.store.writing() as connection:
        connection.execute(db.round_designs.update().values(pi="[0.1]"))


def broken_number(study: Study) -> None:
    with study.store.writing() as connection:
        connection.execute(db.revisions.update().values(number=db.revisions.c.number + 1))


def broken_assignment(study: Study) -> None:
    with study.store.writing() as connection:
        connection.execute(db.draws.delete())


def broken_code(study: Study) -> None:
    study.remember_codebook()
    rewritten(study, "{name: plain}", "{name: other}")


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        (broken_frame, "draws in their frames"),
        (broken_pi, "rounds with their designs"),
        (broken_number, "numbers of an article's texts"),
        (broken_assignment, "assignments of draws"),
        (broken_code, "codes of annotations"),
    ],
)
def test_tables_that_contradict_each_other_are_found(coded: Path, damage: Callable[[Study], None], what: str) -> None:
    study = Study.open(coded)
    assert len(rounds.assignments(study, "main-1", "mira")) == 2
    damage(study)
    study.close()
    found = {finding.what: finding for finding in check_study(Study.open(coded)).findings}
    assert what in found and found[what].means and found[what].todo


def test_a_repair_that_is_killed_leaves_a_database_in_its_place(coded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = contents(coded)["annotations"]
    hurt(coded / "study.db")
    whole = (coded / "study.db").read_bytes()

    def killed(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "replace", killed)
        repair_study(Study.open(coded))
    assert (coded / "study.db").read_bytes() == whole == (coded / "study-damaged-1.db").read_bytes()
    assert repair_study(Study.open(coded)).kept == coded / "study-damaged-2.db"
    assert contents(coded)["annotations"] == answers


def test_nobody_writes_into_a_store_that_is_repaired_or_was_replaced(
    coded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repair, "_PATIENCE", 0.1)
    early = Study.open(coded)
    assert len(early.annotations()) == 2
    hurt(coded / "study.db")
    writer = sqlite3.connect(coded / "study.db", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with pytest.raises(BadStudy, match="another command is writing to this study; repair it when"):
        repair_study(Study.open(coded))
    writer.close()
    repair_study(Study.open(coded))
    with pytest.raises(BadStudy, match="was replaced meanwhile, as by a repair"):
        code(early, "took", "plain", "ann")
    early.close()


def test_rows_are_read_out_of_a_file_that_is_cut_off(tmp_path: Path) -> None:
    study = valley_in(tmp_path / "study", texts={f"{n}.txt": f"They took {n} towns." for n in range(300)})
    study.close()
    file = study.folder / "study.db"
    data = file.read_bytes()
    file.write_bytes(data[: len(data) * 2 // 3])
    done = repair_study(study)
    assert done.kept is not None and done.lost and len(study.articles()) > 20
    assert {f.what for f in check_study(study).findings} <= {"articles with a text"}
    study.close()


def test_a_store_of_a_newer_version_is_not_repaired(coded: Path) -> None:
    file = coded / "study.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")
        connection.commit()
    before = file.read_bytes()
    with pytest.raises(BadStudy, match="newer Slantwise: update this one"):
        repair_study(Study.open(coded))
    assert file.read_bytes() == before and not list(coded.glob("study-damaged*"))
    assert {f.todo for f in check_study(Study.open(coded)).findings if f.what == "the store"} == {"update Slantwise"}
