"""Import answers from a file, whose format is detected, or from a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from annotate.studio.offline_files import import_json_export, is_label_studio, is_workbook
from annotate.tasks.import_results import ImportedRound
from corpus.annotations.record import RecordResult
from corpus.annotations.rows import add_annotations
from corpus.study import Study

from .read_workbook import import_workbook

if TYPE_CHECKING:
    import pandas as pd


def import_answers(study: Study, file: str | Path | pd.DataFrame) -> RecordResult:
    """Import answers from JSON lines, a workbook completed by a coder, a full JSON export of Label Studio, or a table.

    `corpus.add_annotations` says what the lines and rows contain. Importing twice changes nothing; a new answer
    replaces the old one. The answers of a workbook and of an export belong to a round, and the result is an
    ImportedRound. Raises BadFile, BadRound.
    """
    if not isinstance(file, str | Path):
        return add_annotations(study, file)
    file = Path(file).expanduser()
    if not is_workbook(file) and not is_label_studio(file):
        return add_annotations(study, file)
    summary = import_workbook(study, file) if is_workbook(file) else import_json_export(study, file)
    return ImportedRound(**vars(summary))
