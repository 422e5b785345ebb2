"""Faithfulness: whether the words with the largest shares of a span's score are those that the score hangs on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from models.measures.bootstrap import BOOTSTRAPS, percentile_interval
from models.suggestions.word_shares import word_shares

if TYPE_CHECKING:
    from datasets import Dataset

    from models.classifiers.span_classifier import SpanClassifier

MINIMUM_WORDS = 4  # words of a span, below which deleting any leaves too little
DELETED_SHARE = 0.2  # of a span's words are deleted, one at least
RANDOM_DELETIONS = 5  # random deletions of as many words
MOST_SPANS = 60  # spans of one fold

DeletionDrop = tuple[str, float, float]


def deletion_drops(
    classifier: SpanClassifier, data: Dataset, variable: str, most: int = MOST_SPANS, seed: int = 0
) -> list[DeletionDrop]:
    """Return for a sample of spans (article, drop by the top words, drop by as many random ones).

    A drop is how far the log-odds of the most probable code fall when the words are deleted from the text (DeYoung et
    al. 2020, ERASER: comprehensiveness). Words are ranked by their share of the span's score; spans with fewer than
    LEAST words are left out.
    """
    from datasets import Dataset

    chance = np.random.default_rng(seed)
    sample = data.select(chance.permutation(len(data))[: 3 * most])
    shares = word_shares(classifier, sample, variable)
    changed: list[dict[str, Any]] = []
    kept: list[int] = []
    for number, (row, found) in enumerate(zip(sample, shares, strict=True)):
        words = [word for word in found if any(map(str.isalnum, row["passage"][word[0] : word[1]]))]
        if len(words) < MINIMUM_WORDS or len(kept) == most:
            continue
        kept.append(number)
        size = max(1, round(DELETED_SHARE * len(words)))
        top = sorted(range(len(words)), key=lambda w: -words[w][2])[:size]
        changed.append(delete_words(row, [words[w][:2] for w in top]))
        for _ in range(RANDOM_DELETIONS):
            changed.append(delete_words(row, [words[w][:2] for w in chance.permutation(len(words))[:size]]))
    if not kept:
        return []
    whole = classifier.predict_proba(sample.select(kept))[variable]
    best = whole.argmax(axis=1)
    after = classifier.predict_proba(Dataset.from_list(changed, features=data.features))[variable]
    fell = _log_odds(whole[np.arange(len(kept)), best])[:, None] - _log_odds(
        after.reshape(len(kept), 1 + RANDOM_DELETIONS, -1)[np.arange(len(kept)), :, best]
    )
    articles = [sample[number]["article"] or sample[number]["span"] for number in kept]
    return [(article, float(top), float(np.mean(rest))) for article, (top, *rest) in zip(articles, fell, strict=True)]


def _log_odds(probability: Any) -> Any:
    inside = np.clip(probability, 1e-6, 1 - 1e-6)
    return np.log(inside / (1 - inside))


def delete_words(row: Mapping[str, Any], words: Collection[tuple[int, int]]) -> dict[str, Any]:
    """Return a row without some words of its span.

    >>> row = {"passage": "So Velo fell badly again.", "start": 3, "end": 25}
    >>> delete_words(row, [(13, 18), (3, 7)])
    {'passage': 'So  fell  again.', 'start': 3, 'end': 16}
    """
    text, end = row["passage"], row["end"]
    for first, last in sorted(words, reverse=True):
        text, end = text[:first] + text[last:], end - (last - first)
    return {**row, "passage": text, "end": end}


def summarise_drops(found: Sequence[DeletionDrop], seed: int = 0) -> dict[str, Any]:
    """Return the mean drops and their paired difference with its interval over articles.

    >>> summarise_drops([("a", 2.0, 0.5), ("b", 1.0, 0.5)])["difference"]
    1.0
    """
    if not found:
        return {"n": 0, "why": f"no held-out span has {MINIMUM_WORDS} words"}
    articles, where = np.unique([article for article, _, _ in found], return_inverse=True)
    top, rest = (np.array(values) for values in zip(*[(t, r) for _, t, r in found], strict=True))
    n, sums = np.bincount(where), np.bincount(where, weights=top - rest)
    times = np.random.default_rng(seed).multinomial(
        len(articles), np.full(len(articles), 1 / len(articles)), size=BOOTSTRAPS
    )
    low, high = percentile_interval((times @ sums) / (times @ n))
    return {
        "n": len(found),
        "top_words": round(float(top.mean()), 4),
        "random_words": round(float(rest.mean()), 4),
        "difference": round(float((top - rest).mean()), 4),
        "interval": [round(low, 4), round(high, 4)],
        "share_of_spans": round(float((top > rest).mean()), 4),
    }
