"""Give a coder another name, also where both names are one person's and their answers are put together."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select, tuple_, update

from corpus.errors import BadRound, BadText
from corpus.result import Result
from corpus.study import Study
from corpus.study import database as db
from corpus.study.history.handing_in import CORRECTED, LATE, keep_changes
from corpus.study.history.log import logged
from corpus.study.row_digests import reseal, values_of

from .coder_names import clean_coder, forget_coder

_QUESTION = ("span", "variable", "round")
_FACTS = ("code", "arm", "codebook_version", "simulated")  # in which two answers of one person must not differ


@dataclass(frozen=True)
class RenamedCoder(Result):
    """A coder who has another name now: how many answers were renamed, and how many the new name had already."""

    old: str
    new: str
    renamed: int
    repeated: int


@logged("round rename-coder")
def rename_coder(study: Study, old: str, new: str) -> RenamedCoder:
    """Give a coder's imported answers another name; all of them are renamed, or nothing changes.

    If the new name has answers, both are one person's: equal answers to one question become one. Raises BadRound if the
    old name has no answers, if it has assignments in a round, or if the two names contradict each other.
    """
    a, s = db.annotations.c, db.assignments.c
    try:
        new = clean_coder(new)
    except BadText as error:
        raise BadRound(str(error), new=new) from None
    if not new or new == old:
        raise BadRound(f"expected another name for the coder {old}")
    with study.store.writing() as connection:
        if not connection.execute(select(a.span).where(a.coder == old).limit(1)).first():
            known = ", ".join(connection.execute(select(a.coder).distinct().order_by(a.coder)).scalars())
            raise BadRound(f"{old!r} has no answers; coders with answers: {known or 'nobody yet'}")
        if round := connection.execute(select(s.round).where(s.coder == old).limit(1)).scalar():
            raise BadRound(
                f"{old} has assignments in the round {round}, which keep the name; rename the other one: "
                f'slantwise round rename-coder "{new}" "{old}"'
            )
        repeated = _repeated(connection, old, new)
        for batch in db.batches(repeated):
            mine = tuple_(*(a[name] for name in _QUESTION)).in_(batch)
            connection.execute(delete(db.annotations).where(a.coder == old, mine))
        renamed = connection.execute(update(db.annotations).where(a.coder == old).values(coder=new)).rowcount
        reseal(connection, db.annotations, a.coder == new)
        _rename_originals(connection, old, new)
        _rename_changes(connection, old, new)
        forget_coder(connection, old, new)
    return RenamedCoder(old, new, renamed, len(repeated))


def _repeated(connection: Connection, old: str, new: str) -> list[tuple[str, str, str]]:
    """Return the questions that both names answer alike. Raises BadRound if they contradict each other."""
    mine, theirs = db.annotations.alias(), db.annotations.alias()
    same = [mine.c[name] == theirs.c[name] for name in _QUESTION]
    columns = [mine.c[name] for name in (*_QUESTION, *_FACTS)] + [theirs.c[name] for name in _FACTS]
    rows = connection.execute(select(*columns).where(mine.c.coder == old, theirs.c.coder == new, *same)).tuples().all()
    differing = [row for row in rows if row[3:7] != row[7:]]
    if differing:
        span, variable, _, code, *_ = differing[0]
        raise BadRound(
            f"{old} and {new} answer {len(differing)} questions differently, for example {variable} of {span}: {old} "
            f"{code}, {new} {differing[0][7]}; import the right answers under both names first, or keep both names"
        )
    return [(row[0], row[1], row[2]) for row in rows]


def _rename_changes(connection: Connection, old: str, new: str) -> None:
    """Rename changes of answers; they get the numbers after those that the new name has."""
    c = db.answer_changes.c
    rows = connection.execute(select(*values_of(db.answer_changes)).where(c.coder == old).order_by(c.number)).mappings()
    changes = [{**row, "coder": new} for row in rows]
    connection.execute(delete(db.answer_changes).where(c.coder == old))
    for state in (CORRECTED, LATE):
        keep_changes(connection, state, [row for row in changes if row["state"] == state])


def _rename_originals(connection: Connection, old: str, new: str) -> None:
    """Rename answers as they were given before a migration; the new name's own original stays."""
    raw = db.raw_annotations
    theirs = raw.alias()
    keys = (*_QUESTION, "codebook_version")
    taken = select(func.count()).where(theirs.c.coder == new, *(theirs.c[name] == raw.c[name] for name in keys))
    free = taken.scalar_subquery() == 0
    connection.execute(update(raw).where(raw.c.coder == old, free).values(coder=new))
    reseal(connection, raw, raw.c.coder == new)
    connection.execute(delete(raw).where(raw.c.coder == old))
