"""Migrate answers from an earlier version of the codebook, as the codebook's `migration:` defines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, delete, func, select

from corpus.annotation import code_text, codes_of
from corpus.codebook import Codebook
from corpus.codebook.migration import Migration, migrate_answer
from corpus.errors import BadCodebook
from corpus.result import Result, printed_as
from corpus.study import Study
from corpus.study import database as db
from corpus.study.history.log import logged


@dataclass(frozen=True)
class MigratedAnswer:
    """An answer's variable and code under the earlier version and under the new one, and how many answers there are."""

    variable: str
    code: str
    as_variable: str
    as_code: str
    answers: int


@dataclass(frozen=True)
class RemainingAnswer:
    """An answer that must be coded again, and why, and how many answers there are."""

    variable: str
    code: str
    why: str
    answers: int


@dataclass(frozen=True)
class MigrationOutcome(Result):
    """The answers under one earlier version: those that are migrated, and those that keep their version."""

    earlier: str = printed_as("from")
    version: str = printed_as("to")
    migrated: tuple[MigratedAnswer, ...] = printed_as("read")
    unchanged: tuple[RemainingAnswer, ...] = printed_as("stay")
    rows = "migrated"


@dataclass(frozen=True)
class MigrationResult(Result):
    """The result of a codebook's migrations; a preview of it if nothing was `stored`."""

    stored: bool
    migrations: tuple[MigrationOutcome, ...]
    rows = "migrated"

    @property
    def migrated(self) -> list[MigratedAnswer]:
        """The answers that were migrated, or would be, from all versions."""
        return [answer for migration in self.migrations for answer in migration.migrated]

    @property
    def unchanged(self) -> list[RemainingAnswer]:
        """The answers that keep their version."""
        return [answer for migration in self.migrations for answer in migration.unchanged]


def answers_by_version(study: Study) -> dict[str, int]:
    """Return the number of answers under each version of the codebook."""
    t = db.annotations.c
    with study.store.reading() as connection:
        rows = connection.execute(select(t.codebook_version, func.count()).group_by(t.codebook_version)).tuples().all()
    return dict(sorted(rows))


@logged("codebook migrate")
def migrate_answers(study: Study, *, earlier: str | None = None, yes: bool = False) -> MigrationResult:
    """Carry answers over from earlier versions of the codebook, or from one, as its `migration:` states.

    Without `yes` nothing is stored, and the result is a preview. A migrated answer belongs to the codebook's current
    version from then on; the original answer stays in the store (`raw_annotations`). An answer that must be coded again
    stays under its version, and one that the same coder has given again under the current version is not replaced.
    Raises BadCodebook if the codebook states no migration.
    """
    migrations = _stated_migrations(study, earlier)
    return MigrationResult(yes, tuple(_migrate(study, migration, store=yes) for migration in migrations))


def _migrate(study: Study, migration: Migration, *, store: bool) -> MigrationOutcome:
    migrated: Counter[tuple[str, str, str, str]] = Counter()
    unchanged: Counter[tuple[str, str, str]] = Counter()
    of_version, s = db.annotations.c.codebook_version == migration.earlier, db.annotations.c.span
    with study.store.reading() as connection:
        spans = list(connection.execute(select(s).where(of_version).distinct().order_by(s)).scalars())
    for batch in db.batches(spans):  # others may write in between; the same command continues what was interrupted
        with study.store.writing() if store else study.store.reading() as connection:
            rows = connection.execute(select(db.annotations).where(of_version, s.in_(batch))).mappings().all()
            _migrate_rows(connection, study.codebook, migration, rows, (migrated, unchanged), store=store)
    return MigrationOutcome(
        migration.earlier,
        study.codebook.version,
        tuple(MigratedAnswer(*answer, n) for answer, n in sorted(migrated.items())),
        tuple(RemainingAnswer(*answer, n) for answer, n in sorted(unchanged.items())),
    )


def _migrate_rows(
    connection: Connection,
    book: Codebook,
    migration: Migration,
    rows: Sequence[Mapping[Any, Any]],
    counts: tuple[Counter[tuple[str, str, str, str]], Counter[tuple[str, str, str]]],
    *,
    store: bool,
) -> None:
    """Migrate stored answers, and count those that are migrated and those that stay."""
    t, (migrated, unchanged) = db.annotations, counts
    raw, new = [], []
    for row in sorted(rows, key=lambda row: tuple(row[column.name] for column in t.primary_key.columns)):
        target = migrate_answer(book.by_name, migration, row["variable"], codes_of(row["code"]))
        if isinstance(target, str):
            unchanged[row["variable"], row["code"], target] += 1
            continue
        variable, code = target[0], code_text(target[1])
        migrated[row["variable"], row["code"], variable, code] += 1
        raw.append(dict(row))
        new.append({**row, "variable": variable, "code": code, "codebook_version": book.version})
    if store:
        db.put(connection, db.raw_annotations, raw)
        for answer in raw:
            keys = [c == answer[c.name] for c in t.primary_key.columns]
            connection.execute(delete(t).where(and_(*keys)))
        db.put(connection, t, new)


def _stated_migrations(study: Study, earlier: str | None = None) -> list[Migration]:
    """Return the migrations that the study's codebook defines, or the one from an earlier version.

    Raises BadCodebook if there is none; the message says how to write one.
    """
    book = study.codebook
    migrations = [migration for migration in book.migration if earlier in (None, migration.earlier)]
    if migrations:
        return migrations
    stated = ", ".join(migration.earlier for migration in book.migration) or "none"
    answers = ", ".join(
        f"{n} under {version}" for version, n in answers_by_version(study).items() if version != book.version
    )
    raise BadCodebook(
        f"{book.name} {book.version} states no migration from {earlier or 'any earlier version'} (stated: {stated}; "
        f"answers: {answers or 'none under other versions'}). Write into codebook.yaml what became of its codes: "
        "migration: [{from: VERSION, codes: {VARIABLE: {OLD: NEW}}, split: {VARIABLE: {OLD: [NEW, NEW]}}}]"
    )
