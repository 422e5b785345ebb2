"""Rereading: answers under an earlier version of the codebook, read along the migration that the codebook states."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, delete, func, select

from corpus.codebook.migration import Migration, migrate_answer
from corpus.errors import BadCodebook
from corpus.study import Study
from corpus.study import database as db


@dataclass
class MigrationResult:
    """What re-reading does, or would do: answers by (variable, code, as variable, as code), and those that stay."""

    earlier: str
    version: str
    read: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    stay: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # variable, code, why

    def json(self) -> dict[str, Any]:
        """Return it as `codebook migrate --json` prints it."""
        read = [
            {"variable": v, "code": c, "as_variable": nv, "as_code": nc, "answers": n}
            for (v, c, nv, nc), n in sorted(self.read.items())
        ]
        stay = [{"variable": v, "code": c, "why": why, "answers": n} for (v, c, why), n in sorted(self.stay.items())]
        return {"from": self.earlier, "to": self.version, "read": read, "stay": stay}


def answers_by_version(study: Study) -> dict[str, int]:
    """Return how many answers lie under each version of the codebook."""
    t = db.annotations.c
    with study.store.reading() as connection:
        rows = connection.execute(select(t.codebook_version, func.count()).group_by(t.codebook_version)).tuples().all()
    return dict(sorted(rows))


def migrate_answers(study: Study, migration: Migration, *, store: bool) -> MigrationResult:
    """Read the answers under an earlier version along a migration; with `store` they are taken over.

    What is taken over stands under the codebook's version from then on; as it was given it stays in the store beside
    it (`raw_annotations`). An answer that only a coder can re-read stays under its version, and one that the same coder
    has given anew under this version is not replaced.
    """
    book = study.codebook
    done = MigrationResult(migration.earlier, book.version)
    t = db.annotations
    with study.store.writing() as connection:
        mine = select(t).where(t.c.codebook_version == migration.earlier)
        raw, new = [], []
        for row in connection.execute(mine).mappings():
            found = migrate_answer(book.by_name, migration, row["variable"], row["code"])
            if isinstance(found, str):
                done.stay[row["variable"], row["code"], found] += 1
                continue
            done.read[row["variable"], row["code"], *found] += 1
            raw.append(dict(row))
            new.append({**row, "variable": found[0], "code": found[1], "codebook_version": book.version})
        if store:
            db.put(connection, db.raw_annotations, raw)
            for old in raw:
                keys = [c == old[c.name] for c in t.primary_key.columns]
                connection.execute(delete(t).where(and_(*keys)))
            db.put(connection, t, new)
    return done


def stated_migrations(study: Study, earlier: str | None = None) -> list[Migration]:
    """Return the migrations that the study's codebook states; only one where an earlier version is named.

    Raises BadCodebook where there is none, and says how one is written.
    """
    book = study.codebook
    found = [one for one in book.migration if earlier in (None, one.earlier)]
    if found:
        return found
    stated = ", ".join(one.earlier for one in book.migration) or "none"
    there = ", ".join(
        f"{n} under {version}" for version, n in answers_by_version(study).items() if version != book.version
    )
    raise BadCodebook(
        f"{book.name} {book.version} states no migration from {earlier or 'any earlier version'} (stated: {stated}; "
        f"answers: {there or 'none under other versions'}). Write into codebook.yaml what became of its codes: "
        "migration: [{from: VERSION, codes: {VARIABLE: {OLD: NEW}}, split: {VARIABLE: {OLD: [NEW, NEW]}}}]"
    )
