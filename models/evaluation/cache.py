"""Cache expensive results on disk, keyed by a hash of their inputs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus.study.files import write_whole
from models.data.classifier_protocol import Probabilities

if TYPE_CHECKING:
    from datasets import DatasetDict


def load_or_make(folder: Path, key: str, is_valid: Callable[[Any], bool], make: Callable[[], Any]) -> Any:
    """Return the result cached under a key, or make it; one that is damaged or not valid is made again.

    The result has been through JSON in either case, so a cached one and a new one are equal.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [load_or_make(Path(folder), "k", lambda cached: isinstance(cached, list), lambda: (1, 2)) for _ in range(2)]
    [[1, 2], [1, 2]]
    """
    file = folder / f"{key}.json"
    try:
        cached = json.loads(file.read_text(encoding="utf-8"))
        if is_valid(cached):
            return cached
    except (OSError, ValueError, TypeError, AttributeError, KeyError):
        pass  # not there, or damaged
    text = json.dumps(make())
    write_whole(file, text)
    return json.loads(text)


def cached_probabilities(
    folder: Path, key: str, shapes: Mapping[str, tuple[int, int]], make: Callable[[], Probabilities]
) -> Probabilities:
    """Return a fold's probabilities, to six digits, computed once; `shapes` are the (rows, codes) of each variable."""

    def has_shapes(cached: Any) -> bool:
        return {variable: np.array(rows).shape for variable, rows in cached.items()} == dict(shapes)

    cached = load_or_make(
        folder, f"fold-{key[:16]}", has_shapes, lambda: {v: rows.round(6).tolist() for v, rows in make().items()}
    )
    return {variable: np.array(rows) for variable, rows in cached.items()}


def delete_probabilities(folder: Path, key: str) -> None:
    """Delete the probabilities cached under a key, if there are any."""
    (folder / f"fold-{key[:16]}.json").unlink(missing_ok=True)


def split_digest(parts: DatasetDict, *settings: object) -> str:
    """Return a sha256 over a split's rows, in their order, and other inputs of a result."""
    import pyarrow as pa

    digests = [digest_of(*settings)]
    for name in ("train", "test"):
        table = parts[name].with_format("arrow")[:].combine_chunks().replace_schema_metadata(None)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        digests.append(hashlib.sha256(sink.getvalue()).hexdigest())
    return digest_of(*digests)


def digest_of(*inputs: object) -> str:
    """Return a sha256 over the inputs of a result."""
    return hashlib.sha256(json.dumps(inputs, sort_keys=True, default=str).encode()).hexdigest()
