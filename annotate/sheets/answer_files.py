"""Import answers from a file, whose format is detected, or from a table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from annotate.studio.offline_files import import_json_export, is_label_studio, is_workbook
from annotate.tasks.import_results import ImportedRound
from corpus.annotations.record import RecordResult
from corpus.annotations.rows import add_annotations
from corpus.errors import BadFile
from corpus.study import Study
from corpus.study.history.log import logged
from corpus.text.decoding import check_file

from .columns import CODING, ORIGIN
from .read_workbook import import_workbook

if TYPE_CHECKING:
    import pandas as pd


@logged("import")
def import_answers(study: Study, file: str | Path | pd.DataFrame) -> RecordResult:
    """Import answers from JSON lines, a workbook completed by a coder, a full JSON export of Label Studio, or a table.

    A table is a data frame, a CSV, Parquet or spreadsheet file, or a JSON list; `corpus.add_annotations` says what the
    lines and rows contain. Importing twice changes nothing; a new answer replaces the old one, and answers of one coder
    that contradict each other in one file are refused. The answers of a workbook and of an export belong to a round,
    and the result is an ImportedRound. Raises BadFile, BadRound.
    """
    if not isinstance(file, str | Path):
        return add_annotations(study, file)
    file = Path(file).expanduser()
    if file.exists():
        try:
            check_file(file)
        except BadFile as error:
            raise BadFile(f"{file}: {error}") from None
    if is_workbook(file):
        if not is_round_workbook(file):
            return add_annotations(study, file)
        return ImportedRound(**vars(import_workbook(study, file)))
    if is_label_studio(file) and not is_list_of_answers(file):
        return ImportedRound(**vars(import_json_export(study, file)))
    return add_annotations(study, file)


def is_list_of_answers(file: Path) -> bool:
    """Return whether a JSON list has rows of answers and not tasks of Label Studio, judged by the first of them."""
    text = file.read_text(encoding="utf-8-sig", errors="replace").lstrip()
    try:
        first, _ = json.JSONDecoder().raw_decode(text[1:].lstrip())
    except (ValueError, RecursionError):
        return False
    return isinstance(first, dict) and "coder" in first and not {"data", "annotations", "sw_span"} & set(first)


def is_round_workbook(file: Path) -> bool:
    """Return whether a workbook is one of `slantwise round export`, judged by the names of its sheets.

    A file that cannot be read as a workbook counts as one, so that reading it says why.
    """
    import zipfile
    from html import unescape

    try:
        with zipfile.ZipFile(file) as packed:
            listed = unescape(packed.read("xl/workbook.xml").decode("utf-8", "replace"))
    except (KeyError, OSError, ValueError, zipfile.BadZipFile):
        return True
    return any(f'name="{sheet}"' in listed for sheet in (CODING, ORIGIN))
