"""Conditions on answers: which spans a share counts, by coders' answers and by a classifier's probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from corpus.codebook import Codebook

Conditions = Mapping[str, tuple[str, ...]]  # for each variable the codes of which one must be given


def conditions_for(book: Codebook, variable: str, domain: Conditions) -> dict[str, tuple[str, ...]]:
    """Return all conditions under which a variable is asked within a domain, such as the outlet's own words.

    The answers that lead to a question are conditions too, for the variable and for those of the domain.

    >>> from corpus.codebook import load
    >>> book = load("territorial-control")
    >>> sorted(conditions_for(book, "wording", {"attribution": ("outlet",)}))
    ['attribution', 'mention']
    """
    found: dict[str, tuple[str, ...]] = {}

    def need(name: str, codes: tuple[str, ...]) -> None:
        found[name] = tuple(code for code in found.get(name, codes) if code in codes)
        for earlier, wanted in book.by_name[name].asked_when.items():
            need(earlier, wanted)

    for earlier, wanted in book.by_name[variable].asked_when.items():
        need(earlier, wanted)
    for name, codes in domain.items():
        need(name, codes)
    return found


def is_met(conditions: Conditions, answers: Conditions) -> bool:
    """Return whether a coder's answers to a span meet all conditions.

    >>> is_met({"mention": ("change", "state")}, {"mention": ("change",)}), is_met({"mention": ("change",)}, {})
    (True, False)
    """
    return all(set(answers.get(name, ())) & set(codes) for name, codes in conditions.items())


def probability(
    conditions: Conditions, probabilities: Mapping[str, Mapping[str, float]], *, several: frozenset[str] = frozenset()
) -> float:
    """Return the probability that all conditions are met, as if the variables were independent.

    It is a predictor, and what it gets wrong is corrected by the coded spans. The codes of variables in `several`
    exclude each other not.

    >>> probability({"mention": ("change", "state")}, {"mention": {"change": 0.5, "state": 0.25, "none": 0.25}})
    0.75
    """

    def of_one(name: str, codes: tuple[str, ...]) -> float:
        chances = [probabilities.get(name, {}).get(code, 0.0) for code in codes]
        return 1 - prod(1 - chance for chance in chances) if name in several else sum(chances)

    return prod(of_one(name, codes) for name, codes in conditions.items())
