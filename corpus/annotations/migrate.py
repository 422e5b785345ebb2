"""Migrate answers from an earlier version of the codebook, following the migration that the codebook states."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, delete, func, select

from corpus.annotation import code_text, codes_of
from corpus.codebook.migration import Migration, migrate_answer
from corpus.errors import BadCodebook
from corpus.study import Study
from corpus.study import database as db


@dataclass
class MigrationResult:
    """What a migration does, or would do: answers by (variable, code, as variable, as code), and those it leaves."""

    earlier: str
    version: str
    migrated: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    unchanged: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # variable, code, why

    def json(self) -> dict[str, Any]:
        """Return it as `codebook migrate --json` prints it."""
        read = [
            {"variable": v, "code": c, "as_variable": nv, "as_code": nc, "answers": n}
            for (v, c, nv, nc), n in sorted(self.migrated.items())
        ]
        stay = [
            {"variable": v, "code": c, "why": why, "answers": n} for (v, c, why), n in sorted(self.unchanged.items())
        ]
        return {"from": self.earlier, "to": self.version, "read": read, "stay": stay}


def answers_by_version(study: Study) -> dict[str, int]:
    """Return the number of answers under each version of the codebook."""
    t = db.annotations.c
    with study.store.reading() as connection:
        rows = connection.execute(select(t.codebook_version, func.count()).group_by(t.codebook_version)).tuples().all()
    return dict(sorted(rows))


def migrate_answers(study: Study, migration: Migration, *, store: bool) -> MigrationResult:
    """Migrate the answers under an earlier version; without `store` the result is only reported.

    A migrated answer belongs to the codebook's current version from then on; the original answer stays in the store
    (`raw_annotations`). An answer that must be coded again stays under its version, and one that the same coder has
    given again under the current version is not replaced.
    """
    book = study.codebook
    result = MigrationResult(migration.earlier, book.version)
    t = db.annotations
    with study.store.writing() as connection:
        raw, new = [], []
        for row in connection.execute(select(t).where(t.c.codebook_version == migration.earlier)).mappings():
            target = migrate_answer(book.by_name, migration, row["variable"], codes_of(row["code"]))
            if isinstance(target, str):
                result.unchanged[row["variable"], row["code"], target] += 1
                continue
            variable, code = target[0], code_text(target[1])
            result.migrated[row["variable"], row["code"], variable, code] += 1
            raw.append(dict(row))
            new.append({**row, "variable": variable, "code": code, "codebook_version": book.version})
        if store:
            db.put(connection, db.raw_annotations, raw)
            for answer in raw:
                keys = [c == answer[c.name] for c in t.primary_key.columns]
                connection.execute(delete(t).where(and_(*keys)))
            db.put(connection, t, new)
    return result


def stated_migrations(study: Study, earlier: str | None = None) -> list[Migration]:
    """Return the migrations that the study's codebook states, or the one from an earlier version.

    Raises BadCodebook where there is none, and says how to write one.
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
