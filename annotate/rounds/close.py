"""Close a round: hand the coders' answers in, so that their first answers count."""

from __future__ import annotations

from dataclasses import dataclass

from corpus.errors import BadRound
from corpus.result import Result
from corpus.study import Study
from corpus.study.history.handing_in import close_parts
from corpus.study.history.log import logged

from . import rounds


@dataclass(frozen=True)
class ClosedRound(Result):
    """A round that is closed: for the coders `closed` now, and for those whose part was `closed_before`.

    `open` is the number of these coders' assignments without an answer; a first answer to one of them still counts.
    """

    round: str
    closed: tuple[str, ...]
    closed_before: tuple[str, ...]
    open: int


@logged("round close")
def close_round(study: Study, round: str, *, coder: str | None = None) -> ClosedRound:
    """Hand a round in, for one coder or for all: later changes of answers are kept, and the first answers count.

    Raises BadRound for an unknown round, or for a coder without assignments in it.
    """
    rounds.get_round(study, round)
    coders = rounds.coders(study, round)
    if coder is not None and coder not in coders:
        raise BadRound(f"{coder} has no assignments in {round}; its coders: {', '.join(coders)}", coder=coder)
    wanted = [coder] if coder is not None else coders
    with study.store.writing() as connection:
        new = {name for _, name in close_parts(connection, [(round, name) for name in wanted])}
    assigned = study.assignments()
    assigned = assigned[(assigned["round"] == round) & assigned["coder"].isin(wanted)]
    open_ = int((~assigned["state"].isin(["answered", "skipped"])).sum())
    before = tuple(name for name in wanted if name not in new)
    return ClosedRound(round, tuple(name for name in wanted if name in new), before, open_)
