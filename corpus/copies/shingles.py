"""Sketches: a text's words and word shingles as numbers, and a sample of them that is kept in the store."""

from __future__ import annotations

import re
import zlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RECIPE = "1"  # raised when the same text gets another sketch
SHINGLE_WORDS = 3  # words; of a text with a fifth of its words changed, .8 ** 3 = .51 of them are left
SAMPLE_RATE = 4  # one shingle in so many is kept, the same ones in every text (FracMinHash, Irber et al. 2022)
SHORT_TEXT = 120  # words; of a shorter text all shingles are kept, since too few would be left of a cut headline

Hashes = NDArray[np.uint64]
Sketch = NDArray[np.uint32]

_WORD = re.compile(r"\w+")
_FACTORS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93)


@lru_cache(maxsize=200_000)  # as many words as a large corpus uses often
def _word_hash(word: str) -> int:
    data = word.lower().encode()
    return zlib.crc32(data) << 32 | zlib.crc32(data[::-1], 0x5BD1E995)


def word_hashes(text: str) -> Hashes:
    """Return a text's words, in lower case, as numbers that are the same on every machine.

    >>> word_hashes("Velo fell.").tolist() == word_hashes("velo FELL").tolist()
    True
    """
    return np.fromiter(map(_word_hash, _WORD.findall(text)), dtype=np.uint64)


def shingle_hashes(numbers: Hashes, size: int) -> Hashes:
    """Return the distinct runs of `size` words, sorted, each as one number; a shorter text is one run.

    >>> len(shingle_hashes(word_hashes("Northland took Velo at dawn"), 3))
    3
    """
    if not len(numbers):
        return numbers
    size = min(size, len(numbers))
    count = len(numbers) - size + 1
    total = np.zeros(count, dtype=np.uint64)
    for place in range(size):
        total += numbers[place : place + count] * np.uint64(_FACTORS[place])
        total ^= total >> np.uint64(29)
    distinct: Hashes = np.unique(total * np.uint64(_FACTORS[0]))
    return distinct


def sketch(text: str) -> Sketch:
    """Return the kept shingles of a text, sorted: all of a short text's, else those below one SAMPLE-th of the range.

    >>> short = sketch("Northland took the town of Velo at dawn on Monday.")
    >>> len(short), short.dtype
    (8, dtype('uint32'))
    """
    numbers = word_hashes(text)
    found = (shingle_hashes(numbers, SHINGLE_WORDS) >> np.uint64(32)).astype(np.uint32)
    kept = found if len(numbers) < SHORT_TEXT else found[found < SAMPLE_LIMIT]
    return np.unique(kept)


SAMPLE_LIMIT = np.uint32(2**32 // SAMPLE_RATE)


def count_sampled(one: Sketch) -> int:
    """Return how many of a sketch's shingles every text keeps."""
    return int(np.searchsorted(one, SAMPLE_LIMIT))
