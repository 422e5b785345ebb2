"""Check answers and suggestions: codes are in the codebook of their version, digests fit, chances add up."""

from __future__ import annotations

import json

from sqlalchemy import Connection, RowMapping, Table, select

from corpus.annotation import codes_of
from corpus.codebook import Codebook
from corpus.errors import BadCodebook
from corpus.study import Study
from corpus.study import database as db
from corpus.study.row_digests import digest_of, is_sealed

from .findings import Look

_CODE = "the answer has a code that the codebook of its version does not have: it counts for nothing, or wrongly"
_ROUNDED = 0.01  # chances are stored with few digits


def check_answers(look: Look, connection: Connection) -> None:
    """Check annotations, adjudications, original answers and suggestions."""
    with look.part("answers"):
        for table in (db.annotations, db.raw_annotations, db.adjudications):
            _check_codes(look, connection, table)
    with look.part("suggestions"):
        _check_suggestions(look, connection)


def place_of(table: Table, row: RowMapping) -> str:
    """Return how a row is named: by its key."""
    return " ".join(str(row[column.name]) for column in table.primary_key.columns if row[column.name] != "")


def _check_codes(look: Look, connection: Connection, table: Table) -> None:
    books: dict[str, Codebook | None] = {}
    wrong, unknown, n = [], 0, 0
    for row in connection.execute(select(table)).mappings():
        version = row["codebook_version"]
        if version not in books:
            books[version] = _book(look.study, version)
        book = books[version]
        if book is None:
            unknown += 1
            continue
        n += 1
        if not _fits(book, row["variable"], codes_of(row["code"])):
            wrong.append(place_of(table, row))
    look.count(f"codes of {table.name.replace('_', ' ')}", n, wrong, means=_CODE)
    if unknown:
        look.unchecked[f"codes of {table.name.replace('_', ' ')}"] = (
            f"{unknown} were given under versions of the codebook that the study does not have"
        )


def _book(study: Study, version: str) -> Codebook | None:
    try:
        return study.codebook if version == study.codebook.version else study.remembered_codebook(version)
    except BadCodebook:
        return None


def _fits(book: Codebook, variable: str, codes: tuple[str, ...]) -> bool:
    known = book.by_name.get(variable)
    if known is None:
        return False
    return set(codes) <= set(known.code_names) and (known.kind == "multiple" or len(codes) == 1)


def _check_suggestions(look: Look, connection: Connection) -> None:
    kinds = {variable.name: variable.kind for variable in look.study.codebook.variables}
    for table in (db.suggestions, db.round_suggestions):
        wrong, n = [], 0
        for row in connection.execute(select(table)).mappings():
            n += 1
            if not _is_distribution(row["probabilities"], several=kinds.get(row["variable"]) != "single"):
                wrong.append(place_of(table, row))
        means = "the chances of the codes are no chances"
        look.count(f"chances of {table.name.replace('_', ' ')}", n, wrong, means=means)


def _is_distribution(text: str, *, several: bool) -> bool:
    try:
        chances = list(json.loads(text).values())
        if not all(-_ROUNDED <= chance <= 1 + _ROUNDED for chance in chances):
            return False
        return several or abs(sum(chances) - 1) <= _ROUNDED * max(1, len(chances))
    except (ValueError, AttributeError, TypeError):
        return False


def check_row_digests(look: Look, connection: Connection) -> None:
    """Compare the digest that a row was stored with to the one that its values give."""
    for table in db.metadata.sorted_tables:
        if not is_sealed(table):
            continue
        with look.part(f"digests of {table.name.replace('_', ' ')}"):
            wrong, n = [], 0
            for row in connection.execute(select(table)).mappings():
                n += 1
                if digest_of(table, dict(row)) != row["digest"]:
                    wrong.append(place_of(table, row))
            means = "a value was changed by something other than Slantwise: figures that read it may be wrong"
            look.count(f"digests of {table.name.replace('_', ' ')}", n, wrong, means=means)
