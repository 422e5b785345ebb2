"""Whose answers agreement pools: rounds, coders and dates, and what is mixed in them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import select

from annotate.rounds import rounds
from corpus.result import Result
from corpus.study import Study
from corpus.study import database as db
from corpus.study.counting import Answers
from corpus.study.history.log import note_if_possible

LOOK = "agree"  # in the study's log
MOST_NAMES = 6  # of coders in a line; a crowd has hundreds
FEW = 10  # answers: a coder with fewer makes no group


@dataclass(frozen=True)
class Pool(Result):
    """The answers of one round, "" for those of no round; `first` and `last` are dates, `open` its open assignments.

    `looks` counts how often agreement was looked at before, while the round was in progress, with fewer answers.
    """

    round: str
    purpose: str | None
    answers: int
    coders: tuple[str, ...]
    first: str | None
    last: str | None
    open: int = 0
    looks: int = 0


def pools(study: Study, answers: Answers) -> tuple[Pool, ...]:
    """Return whose answers are pooled, by round."""
    listed = {one.round: one for one in rounds.list_rounds(study).rounds}
    seen = _earlier_looks(study)
    found = []
    for name, rows in answers.frame.groupby("round", sort=True):
        times = [str(time)[:10] for time in rows["made_at"] if isinstance(time, str) and time]
        drawn = listed.get(str(name))
        found.append(
            Pool(
                str(name),
                drawn.purpose if drawn else None,
                len(rows),
                tuple(sorted(set(rows["coder"]))),
                min(times, default=None),
                max(times, default=None),
                drawn.open if drawn else 0,
                len(seen.get(str(name), set()) - {len(rows)}),
            )
        )
    return tuple(found)


def pool_sentence(pool: Pool) -> str:
    """Return whose answers a pool has, in a line.

    >>> pool_sentence(Pool("main", "main", 240, ("jon", "mira"), "2026-03-02", "2026-03-09"))
    'main (main): 240 answers by jon, mira, 2026-03-02 to 2026-03-09'
    >>> pool_sentence(Pool("", None, 1999, ("ada",), None, None))
    'of no round: 1,999 answers by ada'
    """
    name = f"{pool.round} ({pool.purpose or 'imported'})" if pool.round else "of no round"
    named = ", ".join(pool.coders[:MOST_NAMES]) + (
        f" and {len(pool.coders) - MOST_NAMES} more" if len(pool.coders) > MOST_NAMES else ""
    )
    days = f", {pool.first}" + (f" to {pool.last}" if pool.last != pool.first else "") if pool.first else ""
    return f"{name}: {pool.answers:,} answers by {named}{days}"


def note_looks(study: Study, pooled: Sequence[Pool]) -> None:
    """Note in the study's log that agreement was looked at in a round in progress, once for each number of answers.

    Whoever looks often and stops when agreement is high enough finds more of it than there is.
    """
    seen = _earlier_looks(study)
    for pool in pooled:
        if pool.open and pool.answers not in seen.get(pool.round, set()):
            outcome = {"answers": pool.answers, "open": pool.open}
            note_if_possible(study, LOOK, [("round", pool.round)], outcome)


def _earlier_looks(study: Study) -> dict[str, set[int]]:
    """Return for each round the numbers of answers with which agreement was looked at while it was in progress."""
    t = db.log.c
    seen: dict[str, set[int]] = {}
    with study.store.reading() as connection:
        rows = connection.execute(select(t.arguments, t.outcome).where(t.command == LOOK)).all()
    for row in rows:
        seen.setdefault(json.loads(row.arguments)["round"], set()).add(json.loads(row.outcome)["answers"])
    return seen


def mixtures(pooled: Sequence[Pool], answers: Answers) -> list[str]:
    """Return a sentence for each mixture that one alpha hides: of rounds, of codebook versions, of groups of coders."""
    sentences = []
    purposes = sorted({pool.purpose for pool in pooled if pool.purpose})
    if len(purposes) > 1:
        sentences.append(f"rounds of different purposes are pooled: {' and '.join(purposes)}")
    if len(pooled) > 1:
        names = ", ".join(pool.round or "answers of no round" for pool in pooled)
        sentences.append(f"{len(pooled)} rounds are pooled: {names}; slantwise agree ROUND measures one")
    others = [version for version in answers.versions if version != answers.version]
    if others:
        n = answers.left_out.get("other version", 0)
        sentences.append(
            f"{n} answers under other versions of the codebook ({', '.join(others)}) are left out; "
            "--codebook-version measures one"
        )
    groups = coder_groups(answers.frame)
    if len(groups) > 1:
        named = " and ".join(", ".join(group[:4]) + (" …" if len(group) > 4 else "") for group in groups[:4])
        sentences.append(f"{len(groups)} groups of coders share no span ({named}), so nobody compared them")
    teams = {pool.coders for pool in pooled}
    if len(teams) > 1 and len(groups) < 2:
        sentences.append("the rounds were coded by different coders; alpha is that of neither team")
    for pool in pooled:
        if pool.open:
            times = f"{pool.looks} time{'s' * (pool.looks != 1)}"
            seen = f"; agreement was looked at {times} before, with fewer answers" if pool.looks else ""
            sentences.append(f"{pool.round} is in progress, {pool.open} assignments are open{seen}")
        elif pool.looks:
            times = f"{pool.looks} time{'s' * (pool.looks != 1)}"
            sentences.append(f"agreement in {pool.round} was looked at {times} while it was coded")
    return sentences


def coder_groups(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    """Return the groups of coders who are connected by spans that both answered, the largest first.

    >>> rows = [("s1", "ada"), ("s1", "ben"), ("s2", "ben"), ("s2", "cem"), ("s3", "dora")]
    >>> coder_groups(pd.DataFrame(rows * 10, columns=["span", "coder"]))
    [('ada', 'ben', 'cem'), ('dora',)]
    """
    frequent = frame["coder"].value_counts()
    pairs = frame[frame["coder"].isin(frequent[frequent >= FEW].index)][["span", "coder"]].drop_duplicates()
    leader: dict[str, str] = {coder: coder for coder in pairs["coder"].unique()}

    def head(coder: str) -> str:
        while leader[coder] != coder:
            coder = leader[coder]
        return coder

    previous: tuple[str, str] | None = None
    ordered: Iterable[tuple[str, str]] = pairs.sort_values(["span", "coder"]).itertuples(index=False, name=None)
    for span, coder in ordered:
        if previous and previous[0] == span:
            leader[head(coder)] = head(previous[1])
        previous = (span, coder)
    members: dict[str, list[str]] = {}
    for coder in sorted(leader):
        members.setdefault(head(coder), []).append(coder)
    return sorted((tuple(group) for group in members.values()), key=lambda group: (-len(group), group))
