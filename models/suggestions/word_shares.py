"""Word shares: how much each word of a span contributes to the span's score for a code.

A span's logit is the mean of its tokens' logits, so the shares are an exact decomposition. They are not causes, since
each token's logit depends on the whole passage.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from corpus.errors import NoModel
from corpus.span import Span
from corpus.study import Study
from models.data.labelled import spans_by_id

from .checkpoint import current_checkpoint

if TYPE_CHECKING:
    from datasets import Dataset

    from models.classifiers.span_classifier import SpanClassifier

WordShare = tuple[int, int, float]


def word_shares(study: Study) -> Callable[[Collection[str]], dict[str, list[WordShare]]] | None:
    """Return a function from span ids to their words' shares, for the report; None if the study has no model.

    A word is (start, end, share), in offsets of the span's revision.
    """
    try:
        checkpoint = current_checkpoint(study)
    except NoModel:
        return None
    return lambda spans: span_word_shares(study, checkpoint.load(), spans)


def span_word_shares(study: Study, classifier: SpanClassifier, spans: Collection[str]) -> dict[str, list[WordShare]]:
    """Return for each span the (start, end, share) of its words for the focus variable, in offsets of its revision."""
    data = spans_by_id(study, spans)
    by_row = row_word_shares(classifier, data, study.codebook.focus_variable.name)
    by_span = {}
    for row, shares in zip(data, by_row, strict=True):
        shift = Span.from_id(row["span"]).start - row["start"]
        by_span[row["span"]] = [(start + shift, end + shift, share) for start, end, share in shares]
    return by_span


def row_word_shares(classifier: SpanClassifier, data: Dataset, variable: str) -> list[list[WordShare]]:
    """Return for each row the (start, end, share) of its span's words, in offsets of the row's passage.

    A share is the word's part in the logit of the most probable code, less the mean logit of the variable's codes.
    """
    first = [c.startswith(f"{variable}=") for c in classifier.columns].index(True)
    codes = slice(first, first + len(classifier.classes_[variable]))
    shares: list[list[WordShare]] = [[] for _ in range(len(data))]
    texts = list(data["passage"])
    for batch, items, logits in classifier.token_logits(data):
        span = 0
        for passage, item in enumerate(items):
            for positions, row in zip(item.spans, item.rows, strict=True):
                own = logits[passage, positions, codes]
                centred = (own - own.mean(dim=1, keepdim=True)) / len(positions)
                best = int(centred.sum(dim=0).argmax())
                offsets = [item.offsets[position] for position in positions]
                shares[row] = _join_tokens(texts[row], offsets, centred[:, best].tolist())
                span += 1
        assert span == len(batch.rows)
    return shares


def _join_tokens(text: str, offsets: list[tuple[int, int]], parts: list[float]) -> list[WordShare]:
    """Join the tokens of one word.

    >>> _join_tokens("retook Velo", [(0, 2), (2, 6), (7, 11)], [0.5, 0.25, -0.25])
    [(0, 6, 0.75), (7, 11, -0.25)]
    """
    words: list[WordShare] = []
    for (start, end), part in zip(offsets, parts, strict=True):
        if words and start == words[-1][1] and text[start - 1].isalnum() and text[start : start + 1].isalnum():
            words[-1] = (words[-1][0], end, words[-1][2] + part)
        else:
            words.append((start, end, part))
    return words
