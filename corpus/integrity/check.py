"""Check a study: the database, what tables say of each other, digests, models, pages, settings and codebook."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import make_url

from corpus.errors import BadStudy, NewerStudy
from corpus.study import Study
from corpus.study import database as db
from corpus.study.study import DATABASE

from .answer_checks import check_answers, check_row_digests
from .database_checks import check_postgresql, check_sqlite
from .derived_checks import check_derived
from .file_checks import check_codebook_file, check_evaluation, check_id, check_models, check_pages, check_settings
from .findings import RESTORE, CheckedStudy, Finding, Look
from .round_checks import check_rounds
from .text_checks import check_fetched, check_texts


def sqlite_file(study: Study) -> Path | None:
    """Return the file of a study's store; None if it is in PostgreSQL."""
    url = study.settings.store.url
    if url == "sqlite":
        return study.folder / DATABASE
    parts = make_url(url)
    return Path(parts.database) if parts.get_backend_name() == "sqlite" and parts.database else None


def check_study(study: Study) -> CheckedStudy:
    """Check everything that can be checked, in one state of the store, and change nothing.

    The result names what was checked, with how many of each, what could not be checked and why, and what was found:
    where, what it means for figures, and what to do.

    >>> import tempfile
    >>> study = Study.create(tempfile.mkdtemp() + "/study", "lexical-bias")
    >>> check_study(study).whole
    True
    """
    look = Look(study)
    check_settings(look)
    file = sqlite_file(study)
    readable = file is None or not file.is_file() or check_sqlite(look, file)
    try:
        store = study.store if readable else None
    except BadStudy as error:
        means = "no command can read what the study holds"
        todo = "update Slantwise" if isinstance(error, NewerStudy) else RESTORE
        look.findings.append(Finding("the store", str(error), 1, means, todo))
        store = None
    if store is None:
        check_codebook_file(look, None)
        check_models(look, None)
        check_evaluation(look)
        return CheckedStudy(look.checked, look.unchecked, tuple(look.findings))
    with store.reading() as connection:
        if file is None:
            complete = check_postgresql(look, connection)
            if not complete:  # the server would refuse everything that follows
                return CheckedStudy(look.checked, look.unchecked, tuple(look.findings))
        check_texts(look, connection)
        with look.part("feeds"):
            check_fetched(look, connection)
        check_rounds(look, connection)
        check_answers(look, connection)
        check_row_digests(look, connection)
        check_derived(look, connection)
        with look.part("the study's id in its store"):
            check_id(look, connection, study.settings.id)
        with look.part("codebook.yaml"):
            check_codebook_file(look, connection)
        with look.part("models"):
            check_models(look, db.get_meta(connection, db.MODEL))
        with look.part("fetched pages"):
            check_pages(look, connection)
        check_evaluation(look)
    return CheckedStudy(look.checked, look.unchecked, tuple(look.findings))
