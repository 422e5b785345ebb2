"""The ground floor of Slantwise: studies, and the verbs for their articles, spans and annotations.

from corpus import Study, add, kwic

Nothing is loaded before it is used, because the database library alone would slow down `slantwise --help`.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .annotations.export import export
    from .annotations.import_public_data import create_from_data_set
    from .annotations.migrate import migrate_answers
    from .annotations.rows import add_annotations
    from .articles.ingest import add
    from .codebook.codebook import list_codebooks
    from .codebook.diff import diff_codebooks
    from .codebook.examples import check_codebook
    from .feeds.extraction_benchmark import measure_extraction
    from .study import Study

_WHERE = {
    "Study": "study",
    "add": "articles.ingest",
    "add_annotations": "annotations.rows",
    "check_codebook": "codebook.examples",
    "create_from_data_set": "annotations.import_public_data",
    "diff_codebooks": "codebook.diff",
    "export": "annotations.export",
    "list_codebooks": "codebook.codebook",
    "measure_extraction": "feeds.extraction_benchmark",
    "migrate_answers": "annotations.migrate",
}
__all__ = [
    "Study",
    "add",
    "add_annotations",
    "check_codebook",
    "create_from_data_set",
    "diff_codebooks",
    "export",
    "list_codebooks",
    "measure_extraction",
    "migrate_answers",
]


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no {name!r}")
