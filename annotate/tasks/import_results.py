"""The result of importing the answers of a round, from a file or from Label Studio."""

from __future__ import annotations

from dataclasses import dataclass

from corpus.annotations.record import RecordResult


@dataclass(frozen=True)
class ImportedRound(RecordResult):
    """The answers to rounds, of which some were `removed`; `answered` to `waiting` count assignments by their state."""

    removed: int = 0
    answered: int = 0
    skipped: int = 0
    empty: int = 0
    deleted: int = 0
    waiting: int = 0
    printed = ()  # what was read are tasks and rows, of which one holds several answers


@dataclass(frozen=True)
class PulledAnswers(ImportedRound):
    """The answers to these rounds in Label Studio."""

    rounds: tuple[str, ...] = ()
