"""Export annotations, adjudicated codes, suggestions and eligible spans as files for other programs."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from corpus.errors import BadFile
from corpus.readers.tables.cells import escape_formula
from corpus.result import Result, printed_as
from corpus.study import Study
from corpus.study.files import sweep, write_whole

FORMATS = ("jsonl", "csv", "parquet", "datasets")


@dataclass(frozen=True)
class Exported(Result):
    """The folder with the exported files, and the number of rows in each."""

    folder: Path
    format: str
    counts: Mapping[str, int] = printed_as("rows")
    rows = "counts"


def export(study: Study, folder: str | Path, *, format: str = "jsonl") -> Exported:
    """Write four files with one row per annotation, adjudicated code, suggestion and eligible span.

    `format` is "jsonl", "csv", "parquet" or "datasets", a folder that the library of this name loads. Raises BadFile
    for another format, or if the folder cannot be written.
    """
    if format not in FORMATS:
        raise BadFile(
            f"this is not a format of the study's tables; expected one of {', '.join(FORMATS)}", format=format
        )
    folder = Path(folder).expanduser()
    frames = {
        "annotations": study.annotations(),
        "adjudicated": study.adjudicated(),
        "suggestions": study.suggestions(),
        "spans": study.eligible(),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if format == "datasets":
            _datasets(frames, folder)
        else:
            for name, frame in frames.items():
                _write(frame, folder / f"{name}.{format}", format)
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadFile(f"{folder} cannot be written ({reason}); make room there, or choose another folder") from None
    return Exported(folder, format, {name: len(frame) for name, frame in frames.items()})


def _write(frame: pd.DataFrame, file: Path, format: str) -> None:
    if format == "jsonl":
        rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
        write_whole(file, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    elif format == "csv":
        flat = _flat(frame)
        texts = {name: flat[name].map(escape_formula) for name in flat.columns if flat[name].dtype.kind not in "ifb"}
        write_whole(file, flat.assign(**texts).to_csv(index=False))
    else:
        write_whole(file, _flat(frame).to_parquet(index=False))


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with a suggestion's probabilities as JSON text, which every format can hold."""
    if "probabilities" not in frame:
        return frame
    return frame.assign(probabilities=[json.dumps(row) for row in frame["probabilities"]])


def _datasets(frames: dict[str, pd.DataFrame], folder: Path) -> None:
    from datasets import Dataset, DatasetDict
    from datasets.utils.logging import disable_progress_bar

    disable_progress_bar()
    splits = {
        name: Dataset.from_pandas(_typed(_flat(frame)), preserve_index=False)
        for name, frame in frames.items()
        if len(frame)  # a split without rows cannot be loaded again
    }
    sweep(folder)
    scratch = folder / f".datasets.{os.getpid()}.part"  # so that a stopped export leaves no half of one
    try:
        DatasetDict(splits).save_to_disk(str(scratch))
        for written in scratch.iterdir():
            place = folder / written.name
            if place.is_dir():
                shutil.rmtree(place)
            written.replace(place)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with column types that stay the same where all rows are empty."""
    numbers = {"start", "end", "pi", "seconds", "probability", "confidence"}
    kinds = {name: "float64" if name in numbers - {"start", "end"} else "string" for name in frame.columns}
    kinds |= {"start": "int64", "end": "int64"} | ({"simulated": "bool"} if "simulated" in frame else {})
    return frame.astype(kinds)
