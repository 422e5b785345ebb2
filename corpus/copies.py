"""Copies: articles that carry one text, such as wire copy and reposts, form copy groups."""

from __future__ import annotations

import re
from collections.abc import Mapping

SHINGLE = 4  # words; long enough that two reports of one event share few of them
CANDIDATE = 0.2  # estimated Jaccard similarity from which two articles are compared in full
COPY = 0.4  # of the shorter article's shingles found in the other: a fifth of the words changed leaves about .41

_WORD = re.compile(r"\w+")


def shingles(text: str) -> set[str]:
    """Return the runs of four words of a text, in lower case.

    >>> sorted(shingles("Northland took Velo at dawn."))
    ['northland took velo at', 'took velo at dawn']
    """
    words = _WORD.findall(text.lower())
    return {" ".join(words[i : i + SHINGLE]) for i in range(max(1, len(words) - SHINGLE + 1))} if words else set()


def containment(one: set[str], other: set[str]) -> float:
    """Return which share of the smaller set lies in the other, 0 where one is empty.

    >>> containment({"a b", "b c"}, {"b c", "c d", "d e"})
    0.5
    """
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0


def copy_groups(texts: Mapping[str, str]) -> dict[str, str]:
    """Return for each article's id its copy group: the least id among the articles that are its copies.

    Candidates are found by MinHash, then each pair's containment is computed; copies of copies are one group.

    >>> wire = "Northland took the town of Velo at dawn on Monday, its ministry said."
    >>> copy_groups({"b": wire, "a": "Breaking: " + wire, "c": "Rain is expected in the south until the weekend."})
    {'b': 'a', 'a': 'a', 'c': 'c'}
    """
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=CANDIDATE, num_perm=128)
    sets = {article: shingles(text) for article, text in texts.items()}
    group = {article: article for article in texts}

    def root(article: str) -> str:
        while group[article] != article:
            group[article] = group[group[article]]
            article = group[article]
        return article

    for article, words in sets.items():
        if not words:
            continue
        signature = MinHash(num_perm=128, seed=1)
        signature.update_batch([shingle.encode() for shingle in words])
        for other in index.query(signature):
            if containment(words, sets[other]) >= COPY:
                first, second = sorted((root(article), root(other)))
                group[second] = first
        index.insert(article, signature)
    return {article: root(article) for article in texts}
