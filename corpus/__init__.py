"""Studies, and the functions for their articles, spans and annotations.

from corpus import Study, add, kwic

Nothing is loaded before it is used, because the database library alone would slow down `slantwise --help`.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .annotation import Design
    from .annotations.export import export
    from .annotations.import_public_data import create_from_data_set
    from .annotations.migrate import migrate_answers
    from .annotations.rename_coder import rename_coder
    from .annotations.rows import add_annotations
    from .articles.cut_texts import list_cut_texts, mark_cut
    from .articles.furniture import list_furniture, overrule_furniture
    from .articles.ingest import add
    from .articles.multi_article_texts import split_article
    from .articles.paragraphs import mark_paragraph, show_article
    from .articles.spans import respan
    from .codebook import read_codebook
    from .codebook.codebook import list_codebooks
    from .codebook.diff import diff_codebooks
    from .codebook.examples import check_codebook
    from .copies.groups import find_copy_group, list_copy_groups
    from .errors import SlantwiseError
    from .events.listing import find_event, import_event_table, list_events
    from .example import create_example
    from .feeds.extraction_benchmark import measure_extraction
    from .feeds.poll import poll_feeds, retry_pages
    from .feeds.subscriptions import add_feed, list_feeds
    from .integrity.backup import backup_study, restore_study
    from .integrity.check import check_study
    from .integrity.copy import copy_study
    from .integrity.repair import repair_study
    from .removal.articles import remove_articles
    from .removal.coder import remove_coder
    from .study import Study
    from .study.codebook_versions import codebook_version
    from .study.history.log import read_log
    from .study.status import status
    from .wording.kwic import kwic
    from .wording.revisions import revision_history
    from .wording.term_frequencies import term_usage

_WHERE = {
    "Design": "annotation",
    "SlantwiseError": "errors",
    "Study": "study",
    "add": "articles.ingest",
    "add_annotations": "annotations.rows",
    "add_feed": "feeds.subscriptions",
    "backup_study": "integrity.backup",
    "check_codebook": "codebook.examples",
    "check_study": "integrity.check",
    "codebook_version": "study.codebook_versions",
    "copy_study": "integrity.copy",
    "create_example": "example",
    "create_from_data_set": "annotations.import_public_data",
    "diff_codebooks": "codebook.diff",
    "export": "annotations.export",
    "find_copy_group": "copies.groups",
    "find_event": "events.listing",
    "import_event_table": "events.listing",
    "kwic": "wording.kwic",
    "list_codebooks": "codebook.codebook",
    "list_copy_groups": "copies.groups",
    "list_cut_texts": "articles.cut_texts",
    "list_events": "events.listing",
    "list_feeds": "feeds.subscriptions",
    "list_furniture": "articles.furniture",
    "mark_cut": "articles.cut_texts",
    "mark_paragraph": "articles.paragraphs",
    "measure_extraction": "feeds.extraction_benchmark",
    "migrate_answers": "annotations.migrate",
    "overrule_furniture": "articles.furniture",
    "poll_feeds": "feeds.poll",
    "read_codebook": "codebook",
    "read_log": "study.history.log",
    "remove_articles": "removal.articles",
    "remove_coder": "removal.coder",
    "rename_coder": "annotations.rename_coder",
    "repair_study": "integrity.repair",
    "respan": "articles.spans",
    "restore_study": "integrity.backup",
    "retry_pages": "feeds.poll",
    "revision_history": "wording.revisions",
    "show_article": "articles.paragraphs",
    "split_article": "articles.multi_article_texts",
    "status": "study.status",
    "term_usage": "wording.term_frequencies",
}
__all__ = [
    "Design",
    "SlantwiseError",
    "Study",
    "add",
    "add_annotations",
    "add_feed",
    "backup_study",
    "check_codebook",
    "check_study",
    "codebook_version",
    "copy_study",
    "create_example",
    "create_from_data_set",
    "diff_codebooks",
    "export",
    "find_copy_group",
    "find_event",
    "import_event_table",
    "kwic",
    "list_codebooks",
    "list_copy_groups",
    "list_cut_texts",
    "list_events",
    "list_feeds",
    "list_furniture",
    "mark_cut",
    "mark_paragraph",
    "measure_extraction",
    "migrate_answers",
    "overrule_furniture",
    "poll_feeds",
    "read_codebook",
    "read_log",
    "remove_articles",
    "remove_coder",
    "rename_coder",
    "repair_study",
    "respan",
    "restore_study",
    "retry_pages",
    "revision_history",
    "show_article",
    "split_article",
    "status",
    "term_usage",
]


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no {name!r}")
