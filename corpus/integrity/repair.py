"""Repair a study: find again everything that follows from other data, keep rows that can be read, list lost ones."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, delete, func, select, text

from corpus import codebook as codebooks
from corpus.articles.spans import add_missing_spans, link_coded_spans, respan
from corpus.codebook import Codebook
from corpus.copies.groups import update_copy_groups
from corpus.errors import BadCodebook, BadStudy, NewerStudy
from corpus.result import Result
from corpus.span import Span
from corpus.study import Study
from corpus.study import database as db
from corpus.study.bookkeeping import note_pending, recount
from corpus.study.database import Store
from corpus.study.files import write_whole
from corpus.study.keeping import server_sums
from corpus.study.keeping.opening import check_file
from corpus.study.paragraph_counts import count_paragraphs
from corpus.study.study import CODEBOOK, CODEBOOK_KEY
from corpus.study.upgrading.open_store import sqlite_url

from .check import check_study, sqlite_file
from .database_checks import SUMS, check_postgresql, check_sqlite
from .derived_checks import unsplit
from .findings import Finding, Look
from .salvage import Salvaged, lost_as_lines, salvage

_PATIENCE = 30.0  # seconds to wait for others who write
_NAMED = 20  # lost rows of a table that are named; all whose values are known are in the file


@dataclass(frozen=True)
class RepairedStudy(Result):
    """The result of `repair_study`: what was found again, what is lost by name, and what cannot be known to be right.

    `kept` is the damaged database, `lost_rows` a file with the values of lost rows that are known; `findings` remain.
    """

    rebuilt: tuple[str, ...]
    lost: tuple[str, ...]
    unsure: tuple[str, ...]
    kept: Path | None
    lost_rows: Path | None
    findings: tuple[Finding, ...]
    rows = "rebuilt"


@dataclass
class _Repair:
    rebuilt: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)
    kept: Path | None = None
    lost_rows: Path | None = None


def repair_study(study: Study) -> RepairedStudy:
    """Repair what `check_study` finds, as far as it can be done; a damaged database is kept.

    Values that were changed in the file cannot be known again: they are listed as unsure and count from then on. A
    backup is better than a repair. Raises BadStudy if nothing is left to repair.
    """
    done = _Repair()
    file = sqlite_file(study)
    if file is not None:
        _repair_file(study, file, done)
    else:
        _trust_server(study, done)
    if place := study.store.stay():
        done.rebuilt.append(f"the store, which was moved to {place}, can be written to here again")
    _repair_codebook(study, done)
    if check_study(study).findings or done.kept:
        _rebuild(study, done)
    return RepairedStudy(
        tuple(done.rebuilt),
        tuple(done.lost),
        tuple(done.unsure),
        done.kept,
        done.lost_rows,
        check_study(study).findings,
    )


def _repair_file(study: Study, file: Path, done: _Repair) -> None:
    if not file.is_file() or file.stat().st_size == 0:
        if any(folder.is_dir() and any(folder.iterdir()) for folder in (study.checkpoints, study.reports, study.pages)):
            check_file(f"sqlite:///{file}")  # says what is lost
        file.unlink(missing_ok=True)
        with closing(Store(sqlite_url(file))) as store:
            store.keep_sums()
        done.rebuilt.append("an empty store, since none was there and nothing in the folder came from one")
        return
    look = Look(study)
    readable = check_sqlite(look, file)
    wrong = {finding.what: finding for finding in look.findings}
    broken = not readable or "pages and indexes of the database" in wrong or "references between tables" in wrong
    try:
        _ = study.store
    except NewerStudy:  # nothing says that it is damaged
        raise
    except BadStudy:
        broken = True
    study.close()
    if broken:
        with _others_waiting(file):
            if not _reindex(study, file, done, look):
                _salvage(study, file, done)
    elif SUMS in wrong:
        done.kept = done.kept or _copy_aside(file)
        done.unsure.append(wrong[SUMS].where)
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA user_version = 0")
        study.store.keep_sums()


def _trust_server(study: Study, done: _Repair) -> None:
    """Let the rows of a store in PostgreSQL count as they are from now on, where some were changed by others."""
    look = Look(study)
    with study.store.writing() as connection:
        check_postgresql(look, connection)
        for finding in look.findings:
            if finding.what == SUMS:
                done.unsure.append(finding.where)
                server_sums.sum_all(connection)


def _reindex(study: Study, file: Path, done: _Repair, look: Look) -> bool:
    """Make the indexes again, on a copy; return whether nothing else was wrong with the file."""
    faults = [finding.where for finding in look.findings if finding.what == "pages and indexes of the database"]
    if not faults or "index" not in faults[0]:
        return False
    trial = file.with_name(f".{file.name}.trial")
    try:
        for end in ("", "-wal"):
            if file.with_name(file.name + end).exists():
                shutil.copy2(file.with_name(file.name + end), trial.with_name(trial.name + end))
        with closing(sqlite3.connect(trial)) as connection:
            connection.execute("REINDEX")
            connection.commit()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        again = Look(study)
        if not check_sqlite(again, trial) or again.findings:
            return False
        done.kept = _replace(file, trial)
        done.rebuilt.append("the database's indexes")
        return True
    except sqlite3.Error:
        return False
    finally:
        for end in ("", "-wal", "-shm"):
            trial.with_name(trial.name + end).unlink(missing_ok=True)


def _salvage(study: Study, file: Path, done: _Repair) -> None:
    new = file.with_name(f".{file.name}.new")
    new.unlink(missing_ok=True)
    try:
        result = salvage(file, new)
    except (sqlite3.Error, BadStudy) as error:
        new.unlink(missing_ok=True)
        raise BadStudy(
            f"nothing can be read out of {file} ({error}); it was left as it is. Bring back a backup: slantwise study "
            "restore FILE DIR"
        ) from None
    done.kept = _replace(file, new)
    for end in ("-wal", "-shm"):
        new.with_name(new.name + end).unlink(missing_ok=True)
    rows = sum(result.read.values())
    done.rebuilt.append(f"the database, with {rows} rows that could be read")
    done.lost += _lost(result)
    if lines := lost_as_lines(result):
        done.lost_rows = done.kept.with_suffix(".lost.jsonl")
        write_whole(done.lost_rows, lines)


def _lost(result: Salvaged) -> list[str]:
    named = []
    for table, names in ((table, names) for table, names in result.lost.items() if names):
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        named.append(f"{table.replace('_', ' ')}: {', '.join(names[:_NAMED])}{more}")
    return named


def _free_name(file: Path) -> Path:
    number = 1
    while (kept := file.with_name(f"{file.stem}-damaged-{number}{file.suffix}")).exists():
        number += 1
    return kept


def _replace(file: Path, new: Path) -> Path:
    """Put a new database in the place of a damaged one, and return the copy of that; its name says what it is.

    Stopped anywhere, there is a database in its place: the damaged one, to be repaired again, or the new one.
    """
    kept = _free_name(file)
    try:
        for end in ("-wal", ""):
            if file.with_name(file.name + end).exists():
                shutil.copy2(file.with_name(file.name + end), kept.with_name(kept.name + end))
    except OSError:  # no room: half a copy is none
        for end in ("-wal", ""):
            kept.with_name(kept.name + end).unlink(missing_ok=True)
        raise
    for end in ("-wal", "-shm"):  # SQLite would take them for the new one's
        file.with_name(file.name + end).unlink(missing_ok=True)
    new.replace(file)
    return kept


@contextmanager
def _others_waiting(file: Path) -> Iterator[None]:
    """Let nobody write to a database while it is read out, if it still can be locked. Raises BadStudy if one does."""
    with closing(sqlite3.connect(file, timeout=_PATIENCE, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.DatabaseError as error:
            if "locked" in str(error):
                raise BadStudy(
                    "another command is writing to this study; repair it when that one has ended, or was ended"
                ) from None
        yield


def _copy_aside(file: Path) -> Path:
    kept = _free_name(file)
    with closing(sqlite3.connect(file)) as old, closing(sqlite3.connect(kept)) as new:
        old.backup(new)
    return kept


def _repair_codebook(study: Study, done: _Repair) -> None:
    """Write codebook.yaml as the store has it, if the file is missing or cannot be read."""
    file = study.folder / CODEBOOK
    if _parsed(file) is not None:
        return
    with study.store.reading() as connection:
        m = db.meta.c
        stored = connection.execute(select(m.value).where(m.key.startswith(CODEBOOK_KEY))).scalars().all()
    books = {text: book for text in stored if (book := _parse(text)) is not None}
    if not books:
        raise BadStudy(f"{file} cannot be read and the store has no text of it; bring it back from a copy of the study")
    latest = max(books, key=lambda text: [int(part) for part in books[text].version.split(".") if part.isdigit()])
    if file.exists():
        file.rename(_free_name(file))
    write_whole(file, latest)
    study.__dict__.pop("codebook", None)
    done.rebuilt.append(f"codebook.yaml, as the store has version {books[latest].version}")


def _parsed(file: Path) -> Codebook | None:
    try:
        return _parse(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        return None


def _parse(text: str) -> Codebook | None:
    try:
        return codebooks.parse(text)
    except BadCodebook:
        return None


def _rebuild(study: Study, done: _Repair) -> None:
    """Find again what follows from texts and answers."""
    with study.store.writing() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("REINDEX"))
        _drop_wrong_spans(connection)
        a, r = db.articles.c, db.revisions.c
        connection.execute(delete(db.paragraph_owners))
        connection.execute(delete(db.paragraph_counts))
        texts = select(a.outlet, a.id, r.text).join(db.articles, a.id == r.article).where(r.number == 0)
        for outlet, article, words in connection.execute(texts).tuples().all():
            count_paragraphs(connection, outlet, article, words)
        connection.execute(delete(db.shingles))
        connection.execute(delete(db.shingle_signatures))
        connection.execute(delete(db.meta).where(db.meta.c.key.in_([db.COPIES, db.SCORED])))
        note_pending(connection, "split", unsplit(connection))
        recount(connection)
    update_copy_groups(study)
    respan(study)
    with study.store.writing() as connection:
        if done.kept:
            add_missing_spans(connection, study.codebook)
        connection.execute(delete(db.span_links))
        link_coded_spans(connection)
        recount(connection)
    done.rebuilt.append("indexes, running counts, shingles, copy groups, repeated paragraphs, spans and their links")


def _drop_wrong_spans(connection: Connection) -> None:
    """Take out uncoded spans that do not fit their ids or texts; their texts are split again."""
    r, s = db.revisions.c, db.spans.c
    lengths = dict(connection.execute(select(r.id, func.length(r.text))).tuples().all())
    wrong = [
        (row.id, row.revision)
        for row in connection.execute(select(db.spans)).all()
        if Span(row.revision, row.start, row.end, row.unit).id != row.id
        or not 0 <= row.start < row.end <= lengths.get(row.revision, 0)
    ]
    fixed = select(db.annotations.c.span).union(select(db.draws.c.span), select(db.answer_changes.c.span))
    kept = set(connection.execute(fixed).scalars())
    for id, revision in wrong:
        if id not in kept:
            connection.execute(delete(db.suggestions).where(db.suggestions.c.span == id))
            links = db.span_links.c
            connection.execute(delete(db.span_links).where((links.span == id) | (links.same_span == id)))
            connection.execute(delete(db.spans).where(s.id == id))
            note_pending(connection, "split", [revision])
