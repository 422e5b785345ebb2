"""What is kept: results that took long, each in a file named by the digest of all that decides it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models.data.protocol import Probabilities

if TYPE_CHECKING:
    from datasets import DatasetDict


def load_or_make(folder: Path, key: str, fits: Callable[[Any], bool], make: Callable[[], Any]) -> Any:
    """Return what is kept under a key, or make it; one that is damaged or does not fit is made again.

    What is kept and what is returned are the same, whether it was there or not.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [load_or_make(Path(folder), "k", lambda found: isinstance(found, list), lambda: (1, 2)) for _ in range(2)]
    [[1, 2], [1, 2]]
    """
    file = folder / f"{key}.json"
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        if fits(found):
            return found
    except (OSError, ValueError, TypeError, AttributeError, KeyError):
        pass  # not there, or damaged
    text = json.dumps(make())
    folder.mkdir(parents=True, exist_ok=True)
    scratch = file.with_suffix(f".{os.getpid()}.part")
    scratch.write_text(text, encoding="utf-8")
    scratch.replace(file)
    return json.loads(text)


def cached_probabilities(
    folder: Path, key: str, shapes: Mapping[str, tuple[int, int]], make: Callable[[], Probabilities]
) -> Probabilities:
    """Return a fold's probabilities, to six digits, made once; `shapes` are the (rows, codes) of each variable."""

    def fits(found: Any) -> bool:
        return {variable: np.array(rows).shape for variable, rows in found.items()} == dict(shapes)

    found = load_or_make(
        folder, f"fold-{key[:16]}", fits, lambda: {v: rows.round(6).tolist() for v, rows in make().items()}
    )
    return {variable: np.array(rows) for variable, rows in found.items()}


def delete_probabilities(folder: Path, key: str) -> None:
    """Delete the probabilities that are kept under a key, if any are."""
    (folder / f"fold-{key[:16]}.json").unlink(missing_ok=True)


def split_digest(parts: DatasetDict, *also: object) -> str:
    """Return a sha256 over a split's rows, in their order, and whatever else decides a result."""
    import pyarrow as pa

    found = [digest_of(*also)]
    for name in ("train", "test"):
        table = parts[name].with_format("arrow")[:].combine_chunks().replace_schema_metadata(None)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        found.append(hashlib.sha256(sink.getvalue()).hexdigest())
    return digest_of(*found)


def digest_of(*decides: object) -> str:
    """Return a sha256 over whatever decides a result."""
    return hashlib.sha256(json.dumps(decides, sort_keys=True, default=str).encode()).hexdigest()
