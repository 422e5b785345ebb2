"""Distance: outlets whose text lies far from everything that was coded, where suggestions deserve less trust."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

FILE_NAME = "coded.npz"  # beside a checkpoint's weights
SAMPLE = 500  # coded spans an outlet that are kept to measure from
ENOUGH = 10  # spans of an outlet, below which its distance says nothing
_ROWS = 2000  # spans compared at once: no more than some megabytes


@dataclass(frozen=True)
class CodedSpans:
    """What was coded, as the encoder reads it: directions (n, H) of spans' hidden states, and their outlets."""

    directions: Floats
    outlets: tuple[str, ...]

    @classmethod
    def of(cls, features: npt.NDArray[np.float64], outlets: Sequence[str], seed: int = 0) -> CodedSpans:
        """Keep a sample of the coded spans, SAMPLE an outlet at most."""
        chance, names = np.random.default_rng(seed), np.asarray(outlets)
        rows = [np.flatnonzero(names == name) for name in sorted(set(outlets))]
        kept = np.concatenate([np.sort(chance.permutation(one)[:SAMPLE]) for one in rows])
        return cls(_directions(features[kept]), tuple(names[kept].tolist()))

    def distances(self, features: npt.NDArray[np.float64], outlets: Sequence[str]) -> dict[str, float]:
        """Return for each outlet the median cosine distance of its spans to the nearest coded span of another outlet.

        >>> coded = CodedSpans.of(np.eye(3), ["Herald", "Herald", "Courier"])
        >>> coded.distances(np.array([[1.0, 0, 0]] * 10), ["Lamp"] * 10)
        {'Lamp': 0.0}
        """
        theirs, found = np.asarray(self.outlets), {}
        names, directions = np.asarray(outlets), _directions(features)
        for name in sorted(set(outlets)):
            mine, others = directions[names == name], self.directions[theirs != name]
            if len(mine) >= ENOUGH and len(others):
                parts = [mine[first : first + _ROWS] @ others.T for first in range(0, len(mine), _ROWS)]
                nearest = 1 - np.concatenate([part.max(axis=1) for part in parts])
                found[name] = round(float(np.median(nearest)), 4)
        return found

    @property
    def usual(self) -> float | None:
        """The largest distance of a coded outlet from the other ones; None where there are not two to compare."""
        known = self.distances(self.directions.astype(np.float64), self.outlets)
        return max(known.values()) if len(known) > 1 else None

    def far(self, features: npt.NDArray[np.float64], outlets: Sequence[str]) -> dict[str, float]:
        """Return the distances of those outlets that lie farther from what was coded than any coded outlet does."""
        usual = self.usual
        if usual is None:
            return {}
        found = self.distances(features, outlets)
        return {name: value for name, value in found.items() if value > usual and name not in self.outlets}

    def save(self, folder: Path) -> None:
        """Write it beside a checkpoint's weights."""
        np.savez_compressed(
            folder / FILE_NAME,
            directions=self.directions.astype(np.float16),
            outlets=np.asarray(self.outlets, dtype=str),
        )

    @classmethod
    def load(cls, folder: Path) -> CodedSpans | None:
        """Read what lies beside a checkpoint; None where it is missing or damaged, for nothing depends on it."""
        try:
            with np.load(folder / FILE_NAME, allow_pickle=False) as kept:
                return cls(kept["directions"].astype(np.float32), tuple(kept["outlets"].tolist()))
        except (OSError, ValueError, KeyError, EOFError):
            return None


def _directions(features: npt.NDArray[np.float64]) -> Floats:
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    found: Floats = (features / np.maximum(lengths, 1e-9)).astype(np.float32)
    return found
