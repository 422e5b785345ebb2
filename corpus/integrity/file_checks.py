"""Check the study's other files: codebook, models, fetched pages and the last evaluation."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from pathlib import Path

from sqlalchemy import Connection, select

from corpus import codebook as codebooks
from corpus.codebook import Codebook
from corpus.errors import BadCodebook
from corpus.evaluation import Evaluation
from corpus.study import Study
from corpus.study import database as db
from corpus.study.history.log import study_id
from corpus.study.keeping.file_digests import ABOUT, changed_files
from corpus.study.study import CODEBOOK, CODEBOOK_KEY

from .findings import RESTORE, Look

_TRAIN = "train again: slantwise train"


def check_codebook_file(look: Look, connection: Connection | None) -> None:
    """Check codebook.yaml, and compare it to the text that the store has of its version."""
    file, means = look.study.folder / CODEBOOK, "commands that need the codebook refuse to run"
    try:
        text = file.read_text(encoding="utf-8-sig")
        book = codebooks.parse(text, str(file))
    except (OSError, UnicodeDecodeError, BadCodebook) as error:
        todo = "correct it, or take the text that the store has of it: slantwise study repair"
        look.count("codebook.yaml", 1, [str(error).partition("\n")[0]], means=means, todo=todo)
        return
    look.count("codebook.yaml", 1)
    if connection is None:
        return
    _check_name(look, connection, book)
    known = db.get_meta(connection, CODEBOOK_KEY + book.version)
    answers = connection.execute(
        select(db.annotations.c.span).where(db.annotations.c.codebook_version == book.version).limit(1)
    ).first()
    if known is None:
        look.unchecked["codebook.yaml against the store"] = f"the store has no text of version {book.version} yet"
        return
    wrong = [] if known == text or not answers or _same(known, text) else [f"version {book.version}"]
    means = (
        "answers were given under this version, and its questions or codes read otherwise now; figures mix both. "
        "Nothing is wrong if only spelling was corrected"
    )
    todo = "give the changed codebook a new version number (version: in codebook.yaml): docs/codebooks.md"
    look.count("codebook.yaml against the store", 1, wrong, means=means, todo=todo)


def check_settings(look: Look) -> None:
    """Check that study.toml is not cut off: Slantwise writes the store's address last."""
    wrong = [] if "url" in look.study.settings.store.model_fields_set else ["it names no store"]
    means = "the file may be cut off: settings that were at its end are not in force, and study.db is read"
    todo = 'compare it with a copy of the study; if it is whole, add at its end: [store], then url = "sqlite"'
    look.count("study.toml", 1, wrong, means=means, todo=todo)  # it was read when the study was opened


def check_id(look: Look, connection: Connection, id: str | None) -> None:
    """Check that the store is the one that was made for this study."""
    stored = study_id(connection)
    if id is None or stored is None:
        return
    wrong = [] if id == stored else [f"the store was made for the study {stored}, and study.toml is that of {id}"]
    means = "two studies' files were mixed: answers, texts, codebook and models may be those of another study"
    todo = f'bring back the study\'s own files; if this store belongs here, write into study.toml: id = "{stored}"'
    look.count("the study's id in its store", 1, wrong, means=means, todo=todo)


def _check_name(look: Look, connection: Connection, book: Codebook) -> None:
    """Check that codebook.yaml belongs to the answers: one of another name that asks none of their questions does not.

    A codebook that was only renamed, or changed into one of one's own, asks some of them.
    """
    m = db.meta.c
    texts = dict(connection.execute(select(m.key, m.value).where(m.key.startswith(CODEBOOK_KEY))).tuples().all())
    used = connection.execute(select(db.annotations.c.codebook_version).distinct()).scalars().all()
    books = [known for version in used if (known := _parsed(texts.get(CODEBOOK_KEY + version, ""))) is not None]
    asked = {(variable.name, variable.question) for known in books for variable in known.variables}
    is_ours = not books or book.name in {known.name for known in books}
    is_ours = is_ours or any((variable.name, variable.question) in asked for variable in book.variables)
    wrong = [] if is_ours else [f"{book.name}; answers were given under {', '.join(sorted({k.name for k in books}))}"]
    means = "codebook.yaml or the store seems to be another study's: no answer is one to its questions"
    todo = f"bring back the study's own file from a copy; or {RESTORE}"
    look.count("codebook.yaml against the answers", 1, wrong, means=means, todo=todo)


def _parsed(text: str) -> Codebook | None:
    try:
        return codebooks.parse(text)
    except BadCodebook:
        return None


def _same(known: str, text: str) -> bool:
    """Return whether two texts of a codebook ask the same."""
    try:
        before, now = codebooks.parse(known), codebooks.parse(text)
    except BadCodebook:
        return False
    return [(v.name, v.question, v.code_names) for v in before.variables] == [
        (v.name, v.question, v.code_names) for v in now.variables
    ]


def check_models(look: Look, current: str | None) -> None:
    """Check the files of each model against their digests; the current one must be there."""
    folders = [folder for folder in sorted(look.study.checkpoints.glob("v-*")) if folder.is_dir()]
    wrong, unknown = [], []
    for folder in folders:
        changed = changed_files(folder)
        if (named := _named(folder)) not in (None, folder.name):
            wrong.append(f"{folder.name}: it is the model {named}")
        if changed is None:
            unknown.append(folder.name)
        else:
            wrong += [f"{folder.name}: {file}" for file in changed]
    base = (current or "").partition("+")[0]
    if base and base not in {folder.name for folder in folders}:
        wrong.append(f"{base}, the current model, is missing")
    look.count("models", len(folders), wrong, means="it suggests nothing", todo=f"{_TRAIN}; or {RESTORE}")
    if unknown:
        look.unchecked["models without digests"] = f"{', '.join(unknown)}: trained by an earlier Slantwise; {_TRAIN}"


def _named(folder: Path) -> str | None:
    """Return the version that a model says it has; None where it says none."""
    try:
        return str(json.loads((folder / ABOUT).read_text(encoding="utf-8"))["version"])
    except (OSError, ValueError, KeyError, TypeError):  # its digests say so
        return None


def check_pages(look: Look, connection: Connection) -> None:
    """Check that each fetched page is there, and is what was fetched."""
    digests = set(connection.execute(select(db.pages.c.digest)).scalars())
    wrong = [f"{digest}: {fault}" for digest in digests if (fault := _fault(page_file(look.study, digest), digest))]
    means = "the page cannot be extracted again"
    look.count("files of fetched pages", len(digests), wrong, means=means)


def page_file(study: Study, digest: str) -> Path:
    """Return the file of a fetched page."""
    return study.pages / digest[:2] / f"{digest}.gz"


def _fault(file: Path, digest: str) -> str | None:
    try:
        found = hashlib.sha256(gzip.decompress(file.read_bytes())).hexdigest()
    except FileNotFoundError:
        return "is missing"
    except (OSError, EOFError, zlib.error):
        return "cannot be read"
    return None if found == digest else "was changed"


def check_evaluation(look: Look) -> None:
    """Check that a stored evaluation can be read: the report shows none otherwise."""
    from corpus.evaluation.evaluation import FILE

    file = look.study.reports / FILE
    if file.is_file():
        wrong = [] if Evaluation.read(look.study.reports) else [str(file)]
        look.count("the last evaluation", 1, wrong, means="the report shows no evaluation", todo="slantwise evaluate")
