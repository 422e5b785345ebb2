"""What tests of speed share: the processor's time, which other programs on the machine do not lengthen, and its growth."""

from __future__ import annotations

import math
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

NOISE = 0.05  # seconds below which times say nothing


@dataclass
class Used:
    """Seconds of processor time, of all threads."""

    seconds: float = 0.0


@contextmanager
def processor_time(of: int = resource.RUSAGE_SELF) -> Iterator[Used]:
    """Measure what this process uses, or its children that end meanwhile (resource.RUSAGE_CHILDREN)."""

    def now() -> float:
        used = resource.getrusage(of)
        return used.ru_utime + used.ru_stime

    found, began = Used(), now()
    yield found
    found.seconds = now() - began


def growth(work: Callable[[int], object], size: int) -> float:
    """Say how many times as long twice the size takes: about 2 where time is in proportion, 4 where it is squared.

    The least of up to three tries, each of one more, so that no answer is remembered from the try before.
    """

    def seconds(size: int) -> float:
        with processor_time() as used:
            work(size)
        return used.seconds

    found = math.inf
    for more in range(3):
        once = seconds(size + more)
        found = min(found, seconds(2 * (size + more)) / max(once, NOISE))
        if found < 3:
            break
    return found
