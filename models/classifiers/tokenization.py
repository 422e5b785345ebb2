"""Turn passages into tokens and spans into token positions; a passage with several spans is processed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from models.data.labelled import shorten_passage

if TYPE_CHECKING:
    from datasets import Dataset

LENGTH = 256  # tokens: the bundled encoder was trained on passages up to that length
CHARACTERS_A_TOKEN = 4  # in English; sets how much of a long passage is tried first


class EncodedPassage(NamedTuple):
    """One passage as tokens, with the spans in it."""

    input_ids: list[int]
    spans: list[list[int]]  # for each span the positions of its tokens
    rows: list[int]  # for each span its row in the dataset
    offsets: list[tuple[int, int]]  # for each token its characters in the whole passage
    marked: list[list[int]]  # for each span the positions of those of its tokens that coders marked


@dataclass(frozen=True)
class Batch:
    """Passages side by side: tokens (P, L), attention (P, L), and for each of S spans its passage and its tokens."""

    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    passage: torch.Tensor  # (S,)
    weights: torch.Tensor  # (S, L): one over the number of the span's tokens at their positions, else 0
    marked: torch.Tensor  # (S, L): 1 for tokens of the span that coders marked, else 0
    rows: list[int]

    def to(self, device: torch.device) -> Batch:
        """Return the batch on another device."""
        ids, attention = self.input_ids.to(device), self.attention_mask.to(device)
        spans = self.passage.to(device), self.weights.to(device), self.marked.to(device)
        return Batch(ids, attention, *spans, self.rows)


def encode_passages(data: Dataset, tokenizer: Any) -> list[EncodedPassage]:
    """Encode a dataset's passages, each distinct one once; too long a passage is shortened around each of its spans."""
    by_text: dict[str, list[_SpanPosition]] = {}
    marked = data["marked"] if "marked" in data.column_names else [[]] * len(data)
    places = zip(data["passage"], data["start"], data["end"], marked, strict=True)
    for row, (text, start, end, marks) in enumerate(places):
        by_text.setdefault(text, []).append(_SpanPosition(row, start, end, marks))
    encoded = []
    for text, spans in by_text.items():
        tokens = tokenizer(text, return_offsets_mapping=True, truncation=False, verbose=False)
        if len(tokens["input_ids"]) <= LENGTH:
            encoded.append(_passage_with_spans(tokens, spans))
        else:
            encoded += [_encode_around(text, span, tokenizer) for span in spans]
    return encoded


class _SpanPosition(NamedTuple):
    """A span in a passage: its row, its offsets, and those of the words that coders marked in it."""

    row: int
    start: int
    end: int
    marks: Sequence[Sequence[int]]


def _passage_with_spans(tokens: Any, spans: Sequence[_SpanPosition], shift: int = 0) -> EncodedPassage:
    offsets = np.array(tokens["offset_mapping"]) + shift
    real = offsets[:, 1] > offsets[:, 0]  # special tokens cover no character

    def covering(start: int, end: int) -> list[int]:
        covered: list[int] = np.flatnonzero(real & (offsets[:, 0] < end) & (offsets[:, 1] > start)).tolist()
        return covered

    # a span of characters that the tokenizer drops gets the first token
    positions = [covering(span.start, span.end) or [0] for span in spans]
    marked = [sorted({place for mark in span.marks for place in covering(*mark)}) for span in spans]
    shifted = [(a + shift, b + shift) for a, b in tokens["offset_mapping"]]
    return EncodedPassage(list(tokens["input_ids"]), positions, [span.row for span in spans], shifted, marked)


def _encode_around(text: str, span: _SpanPosition, tokenizer: Any) -> EncodedPassage:
    start, end = span.start, span.end
    size = LENGTH * CHARACTERS_A_TOKEN
    while True:
        left, right = shorten_passage(text, start, end, size)
        tokens = tokenizer(text[left:right], return_offsets_mapping=True, truncation=False, verbose=False)
        if len(tokens["input_ids"]) <= LENGTH or size <= end - start or size < LENGTH // 2:
            break
        size = int(size * 0.8)
    cut = tokenizer(text[left:right], return_offsets_mapping=True, truncation=True, max_length=LENGTH)
    return _passage_with_spans(cut, [span], shift=left)


def collate(items: Sequence[EncodedPassage], pad: int) -> Batch:
    """Put passages of one batch side by side, padded to the longest."""
    longest = max(len(item.input_ids) for item in items)
    spans = sum(len(item.spans) for item in items)
    input_ids = torch.full((len(items), longest), pad)
    attention = torch.zeros((len(items), longest), dtype=torch.long)
    weights, marked = torch.zeros((spans, longest)), torch.zeros((spans, longest))
    passage: list[int] = []
    rows: list[int] = []
    for i, item in enumerate(items):
        input_ids[i, : len(item.input_ids)] = torch.tensor(item.input_ids)
        attention[i, : len(item.input_ids)] = 1
        for positions, marks in zip(item.spans, item.marked, strict=True):
            weights[len(passage), positions] = 1 / len(positions)
            marked[len(passage), marks] = 1
            passage.append(i)
        rows += item.rows
    return Batch(input_ids, attention, torch.tensor(passage), weights, marked, rows)


def mean_over_tokens(logits: torch.Tensor, passage: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Return the spans' logits (S, C): the mean of their tokens' logits (P, L, C).

    >>> logits = torch.tensor([[[0.0], [2.0], [4.0]]])
    >>> mean_over_tokens(logits, torch.tensor([0]), torch.tensor([[0.0, 0.5, 0.5]])).tolist()
    [[3.0]]
    """
    return torch.einsum("slc,sl->sc", logits[passage], weights.to(logits.dtype))
