"""Find outlets whose text is unlike everything that was coded, where suggestions deserve less trust."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from corpus.errors import NoModel

Floats = npt.NDArray[np.float32]

FILE_NAME = "coded.npz"  # in a checkpoint's folder
SAMPLE = 500  # coded spans per outlet that are kept for comparison
ENOUGH = 10  # spans of an outlet, below which its distance is not computed
_ROWS = 2000  # spans compared at once, to limit memory to some megabytes


@dataclass(frozen=True)
class CodedSpans:
    """Directions (n, H) of the hidden states of a sample of coded spans, and their outlets."""

    directions: Floats
    outlets: tuple[str, ...]

    @classmethod
    def of(cls, features: npt.NDArray[np.float64], outlets: Sequence[str], seed: int = 0) -> CodedSpans:
        """Sample the coded spans, at most SAMPLE per outlet."""
        chance, names = np.random.default_rng(seed), np.asarray(outlets)
        rows = [np.flatnonzero(names == name) for name in sorted(set(outlets))]
        sample = np.concatenate([np.sort(chance.permutation(of_outlet)[:SAMPLE]) for of_outlet in rows])
        return cls(_directions(features[sample]), tuple(names[sample].tolist()))

    def distances(self, features: npt.NDArray[np.float64], outlets: Sequence[str]) -> dict[str, float]:
        """Return for each outlet the median cosine distance of its spans to the nearest coded span of another outlet.

        >>> coded = CodedSpans.of(np.eye(3), ["Herald", "Herald", "Courier"])
        >>> coded.distances(np.array([[1.0, 0, 0]] * 10), ["Lamp"] * 10)
        {'Lamp': 0.0}
        """
        return medians(self.nearest(features, outlets))

    def nearest(self, features: npt.NDArray[np.float64], outlets: Sequence[str]) -> dict[str, list[float]]:
        """Return for each outlet the distance of each of its spans to the nearest coded span of another outlet."""
        coded_outlets, found = np.asarray(self.outlets), {}
        names, directions = np.asarray(outlets), _directions(features)
        for name in sorted(set(outlets)):
            own, others = directions[names == name], self.directions[coded_outlets != name]
            if len(others):
                parts = [own[first : first + _ROWS] @ others.T for first in range(0, len(own), _ROWS)]
                nearest = 1 - np.concatenate([part.max(axis=1) for part in parts])
                found[name] = [round(float(distance), 6) for distance in nearest]
        return found

    @property
    def usual_distance(self) -> float | None:
        """The largest distance of a coded outlet from the others; None if there are fewer than two."""
        distances = self.distances(self.directions.astype(np.float64), self.outlets)
        return max(distances.values()) if len(distances) > 1 else None

    def far_outlets(self, features: npt.NDArray[np.float64], outlets: Sequence[str]) -> dict[str, float]:
        """Return the distances of the outlets that are farther from the coded spans than any coded outlet is."""
        return self.far(self.distances(features, outlets))

    def far(self, distances: Mapping[str, float]) -> dict[str, float]:
        """Return those distances of outlets without coded spans that exceed the usual one."""
        usual = self.usual_distance
        if usual is None:
            return {}
        return {name: value for name, value in distances.items() if value > usual and name not in self.outlets}

    def save(self, folder: Path) -> None:
        """Write it to a checkpoint's folder."""
        np.savez_compressed(
            folder / FILE_NAME,
            directions=self.directions.astype(np.float16),
            outlets=np.asarray(self.outlets, dtype=str),
        )

    @classmethod
    def load(cls, folder: Path) -> CodedSpans:
        """Read it from a checkpoint's folder. Raises NoModel: without it no outlet would be found to be far."""
        try:
            with np.load(folder / FILE_NAME, allow_pickle=False) as arrays:
                return cls(arrays["directions"].astype(np.float32), tuple(arrays["outlets"].tolist()))
        except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error):
            raise NoModel(f"{folder / FILE_NAME} is missing or damaged; train again with: slantwise train") from None


def medians(nearest: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Return the median distance of each outlet with enough spans.

    >>> medians({"Lamp": [0.1] * 9 + [0.3], "Gazette": [0.2]})
    {'Lamp': 0.1}
    """
    return {
        outlet: round(float(np.median(distances)), 4)
        for outlet, distances in nearest.items()
        if len(distances) >= ENOUGH
    }


def _directions(features: npt.NDArray[np.float64]) -> Floats:
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    directions: Floats = (features / np.maximum(lengths, 1e-9)).astype(np.float32)
    return directions
