"""Answers that one coder gives several times in one import: equal ones count once, contradictory ones are refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from corpus.annotation import Annotation
from corpus.draft import Refusal

MOST_NAMED = 3  # other places that a refusal names


class Given(NamedTuple):
    """An answer with its number in the import and its place in the file."""

    number: int
    where: str
    answer: Annotation


def one_answer(given: Sequence[Given]) -> Annotation | None:
    """Return the answer that is given several times, with all its memos; None if the answers contradict each other.

    Of equal answers the time of the latest counts, so that their order does not matter.
    """
    answers = [one.answer for one in given]
    if any(_facts(answer) != _facts(answers[0]) for answer in answers):
        return None
    latest = max(answers, key=lambda answer: (answer.made_at or "", answer.seconds or 0.0))
    return replace(latest, memo="; ".join(sorted({answer.memo for answer in answers if answer.memo})))


def contradictions(given: Sequence[Given]) -> list[tuple[int, Refusal]]:
    """Return a refusal for each of a coder's contradictory answers, with the number of the answer in the import.

    None of them is stored: which one is meant cannot be known.
    """
    differing = [name for name in _facts(given[0].answer) if len({_facts(one.answer)[name] for one in given}) > 1]
    said = [", ".join(_facts(one.answer)[name] for name in differing) for one in given]
    refusals = []
    for one, own in zip(given, said, strict=True):
        others = [f"{words} ({place.where})" for place, words in zip(given, said, strict=True) if words != own]
        more = f" and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
        refusals.append(
            (one.number, Refusal(
                one.where,
                f"{one.answer.coder} answers {one.answer.variable} of {one.answer.span} with {own} here and with "
                f"{', '.join(others[:MOST_NAMED])}{more}; none of them was stored: keep the right one and import again",
            ))
        )  # fmt: skip
    return refusals


def _facts(answer: Annotation) -> Mapping[str, str]:
    """Return what two answers must have in common to be the same answer, in words."""
    return {
        "code": answer.code,
        "arm": answer.arm,
        "codebook_version": f"codebook {answer.codebook_version}",
        "simulated": "simulated" if answer.simulated else "not simulated",
    }
