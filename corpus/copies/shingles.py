"""Hash a text's words and word shingles, and sample the shingles for a sketch that is kept in the store."""

from __future__ import annotations

import re
import zlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RECIPE = "2"  # to be raised when the same text gets another sketch, or the same texts other groups
SHINGLE_WORDS = 3  # with a fifth of the words changed, .8 ** 3 = .51 of the shingles remain
SAMPLE_RATE = 4  # one of 4 shingles is sampled, the same ones in every text (FracMinHash, Irber et al. 2022)
SHORT_TEXT = 120  # words; shorter texts keep all shingles, since a sample of them would be too small

Hashes = NDArray[np.uint64]
Sketch = NDArray[np.uint32]

_WORD = re.compile(r"\w+")
_FACTORS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93)


@lru_cache(maxsize=200_000)  # the frequent words of a large corpus
def _word_hash(word: str) -> int:
    data = word.lower().encode()
    return zlib.crc32(data) << 32 | zlib.crc32(data[::-1], 0x5BD1E995)


def word_hashes(text: str) -> Hashes:
    """Return hashes of a text's words in lower case, the same on every machine.

    >>> word_hashes("Velo fell.").tolist() == word_hashes("velo FELL").tolist()
    True
    """
    return np.fromiter(map(_word_hash, _WORD.findall(text)), dtype=np.uint64)


def shingle_hashes(numbers: Hashes, size: int) -> Hashes:
    """Return sorted hashes of the distinct runs of `size` words; a shorter text is one run.

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
    """Return a text's sampled shingle hashes, sorted; all of them for a text below SHORT_TEXT words.

    >>> short = sketch("Northland took the town of Velo at dawn on Monday.")
    >>> len(short), short.dtype
    (8, dtype('uint32'))
    """
    words = word_hashes(text)
    hashes = (shingle_hashes(words, SHINGLE_WORDS) >> np.uint64(32)).astype(np.uint32)
    return np.unique(hashes if len(words) < SHORT_TEXT else hashes[hashes < SAMPLE_LIMIT])


SAMPLE_LIMIT = np.uint32(2**32 // SAMPLE_RATE)


def count_sampled(sketch: Sketch) -> int:
    """Return how many of a sketch's shingles are in the sample range of long texts."""
    return int(np.searchsorted(sketch, SAMPLE_LIMIT))
