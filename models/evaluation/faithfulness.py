"""Faithfulness: does the score drop when the highest-scoring words are removed?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus.evaluation.extra_measures import Faithfulness
from models.measures.bootstrap import BOOTSTRAPS, percentile_interval
from models.suggestions.word_shares import row_word_shares

if TYPE_CHECKING:
    from datasets import Dataset

    from models.classifiers.span_classifier import SpanClassifier

MINIMUM_WORDS = 4  # of a span; with fewer, too little is left after a deletion
DELETED_SHARE = 0.2  # of a span's words are deleted, one at least
RANDOM_DELETIONS = 5  # of as many words, for comparison
MOST_SPANS = 60  # measured in one fold

DeletionDrop = tuple[str, float, float]


def deletion_drops(
    classifier: SpanClassifier, data: Dataset, variable: str, limit: int = MOST_SPANS, seed: int = 0
) -> list[DeletionDrop]:
    """Return for a sample of spans (article, drop by the top words, drop by as many random words).

    A drop is how far the log-odds of the most probable code fall when the words are deleted from the text (DeYoung et
    al. 2020, ERASER: comprehensiveness). Words are ranked by their share of the span's score; spans with fewer than
    MINIMUM_WORDS words are left out.
    """
    from datasets import Dataset

    random = np.random.default_rng(seed)
    sample = data.select(random.permutation(len(data))[: 3 * limit])
    shortened: list[dict[str, Any]] = []
    sampled: list[int] = []
    for number, (row, shares) in enumerate(zip(sample, row_word_shares(classifier, sample, variable), strict=True)):
        words = [word for word in shares if any(map(str.isalnum, row["passage"][word[0] : word[1]]))]
        if len(words) < MINIMUM_WORDS or len(sampled) == limit:
            continue
        sampled.append(number)
        deletions = max(1, round(DELETED_SHARE * len(words)))
        top = sorted(range(len(words)), key=lambda w: -words[w][2])[:deletions]
        shortened.append(delete_words(row, [words[w][:2] for w in top]))
        for _ in range(RANDOM_DELETIONS):
            shortened.append(delete_words(row, [words[w][:2] for w in random.permutation(len(words))[:deletions]]))
    if not sampled:
        return []
    before = classifier.predict_proba(sample.select(sampled))[variable]
    code = before.argmax(axis=1)
    after = classifier.predict_proba(Dataset.from_list(shortened, features=data.features))[variable]
    drops = _log_odds(before[np.arange(len(sampled)), code])[:, None] - _log_odds(
        after.reshape(len(sampled), 1 + RANDOM_DELETIONS, -1)[np.arange(len(sampled)), :, code]
    )
    articles = [sample[number]["article"] or sample[number]["span"] for number in sampled]
    return [(article, float(top), float(np.mean(rest))) for article, (top, *rest) in zip(articles, drops, strict=True)]


def _log_odds(probability: Any) -> Any:
    clipped = np.clip(probability, 1e-6, 1 - 1e-6)
    return np.log(clipped / (1 - clipped))


def delete_words(row: Mapping[str, Any], words: Collection[tuple[int, int]]) -> dict[str, Any]:
    """Return a row without some words of its span.

    >>> row = {"passage": "So Velo fell badly again.", "start": 3, "end": 25}
    >>> delete_words(row, [(13, 18), (3, 7)])
    {'passage': 'So  fell  again.', 'start': 3, 'end': 16}
    """
    text, end = row["passage"], row["end"]
    for start, stop in sorted(words, reverse=True):
        text, end = text[:start] + text[stop:], end - (stop - start)
    return {**row, "passage": text, "end": end}


def summarise_drops(drops: Sequence[DeletionDrop], seed: int = 0) -> Faithfulness:
    """Return the mean drops and their paired difference with its interval over articles.

    >>> summarise_drops([("a", 2.0, 0.5), ("b", 1.0, 0.5)]).difference
    1.0
    """
    if not drops:
        return Faithfulness(n=0, why=f"no held-out span has {MINIMUM_WORDS} words")
    articles, article_of = np.unique([article for article, _, _ in drops], return_inverse=True)
    top, random = (np.array(values) for values in zip(*[(t, r) for _, t, r in drops], strict=True))
    n, sums = np.bincount(article_of), np.bincount(article_of, weights=top - random)
    weights = np.random.default_rng(seed).multinomial(
        len(articles), np.full(len(articles), 1 / len(articles)), size=BOOTSTRAPS
    )
    low, high = percentile_interval((weights @ sums) / (weights @ n))
    return Faithfulness(
        n=len(drops),
        top_words=round(float(top.mean()), 4),
        random_words=round(float(random.mean()), 4),
        difference=round(float((top - random).mean()), 4),
        interval=(round(low, 4), round(high, 4)),
        share_of_spans=round(float((top > random).mean()), 4),
    )
