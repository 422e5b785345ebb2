"""Add files to a study: drafts become articles, revisions and spans."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Connection, select, update

from corpus.article import Article, Revision
from corpus.draft import LONGEST_TEXT, Draft, ReadResult, Refusal, size_problem
from corpus.errors import BadFile, BadText
from corpus.readers import read_file
from corpus.readers.folders import list_folder, shown
from corpus.readers.manifest import MANIFEST_NAME as MANIFEST
from corpus.readers.manifest import Manifest
from corpus.span import with_headline
from corpus.study import Study
from corpus.study import database as db
from corpus.study.bookkeeping import note_pending
from corpus.study.history.log import logged
from corpus.text.language import DECLARED, language_of_text
from corpus.text.language_names import language_code
from corpus.text.letters import letters_problem

from .add_result import AddResult, StoredDraft, drawn_notes, known_outlets, outlet_warnings, state_of_drawn
from .article_boundaries import looks_like_several
from .identity import identify, states_before_split
from .revision_order import is_cut, put_first_revision, put_state
from .spans import respan

if TYPE_CHECKING:
    import pandas as pd

    Texts = str | Path | Iterable[str | Path] | pd.DataFrame

# columns of a known article that can be updated
_UPDATABLE = ("published", "language", "url", "rights", "event", "originator")
BATCH = 200  # articles a transaction, which takes about a second


@logged("add")
def add(
    study: Study,
    texts: Texts,
    *,
    outlet: str | None = None,
    manifest: str | Path | None = None,
    progress: Callable[[str], None] = lambda what: None,
) -> AddResult:
    """Add the articles in files and folders, or in the rows of a data frame, and split them into spans.

    A file that cannot be used leaves nothing, whatever others contain; what an interruption left undone is done by the
    same call again. A frame has the columns of a table of articles: `text`, one of `url, article_id, id`, which
    identifies its articles, and optionally `outlet, title, published, language, rights, event, originator`. `progress`
    receives what is being read. Raises BadFile if the manifest itself, or the frame, cannot be used.
    """
    study.remember_codebook()  # fails before anything is stored where the codebook is broken
    result, seen = AddResult(), set[str]()
    with study.store.reading() as connection:
        drawn, outlets = state_of_drawn(connection), known_outlets(connection)
    manifests = {path: _manifest(path) for path in ([Path(manifest)] if manifest else [])}
    for path, name, read in _sources(texts, study.folder.resolve(), manifests, result):
        progress(f"reading {shown(path.name)}")
        reading = read()
        result.refusals += reading.refusals
        result.passed_over += reading.passed_over
        result.warnings += reading.warnings
        result.read += len(reading.drafts) + len(reading.refusals) + len(reading.passed_over)
        drafts = []
        for draft in reading.drafts:
            for table in manifests.values():
                draft = table.complete(path, draft, alone=len(reading.drafts) == 1)
            drafts.append(draft.with_values(outlet=outlet) if outlet else draft)
        for batch in db.batches(drafts, BATCH):  # others may write in between
            with study.store.writing() as connection:
                for draft in batch:
                    stored = store_draft(study, connection, draft, seen=seen)
                    seen.add(stored.article)
                    result.note(stored, _where(path, name, draft))
    for table in manifests.values():
        result.refusals += table.refusals
        result.read += len(table.refusals)
        result.warnings += table.warnings
    progress("splitting into spans")
    spans = respan(study)  # also where an earlier run was interrupted
    result.notes += spans.notes + result.undated_note
    result.warnings += spans.warnings
    with study.store.reading() as connection:
        result.warnings += outlet_warnings(outlets, known_outlets(connection))
        result.notes += drawn_notes(drawn, connection)
    return result


def _sources(
    texts: Texts, own: Path, manifests: dict[Path, Manifest], result: AddResult
) -> Iterator[tuple[Path, str, Callable[[], ReadResult]]]:
    """Yield the path, the name and a reader of each file, or of the one data frame; `own` is the study's folder."""
    if hasattr(texts, "columns"):
        from corpus.readers.table import read_frame

        yield Path("the data frame"), "", partial(read_frame, cast("pd.DataFrame", texts))
        return
    paths: Any = [texts] if isinstance(texts, str | Path) else texts
    given = [_path(path) for path in (paths if isinstance(paths, Iterable) else [paths])]
    if any(path.resolve() == own for path in given):
        raise BadFile(f"{own} is the study's own folder, with codebook and settings; name the folder with the texts")
    for path, name, in_folder in _files(given, manifests, result):
        yield path, name, partial(read_file, path, name, in_folder=in_folder)


def _path(given: object) -> Path:
    """Return the path of a file or folder. Raises BadFile for other types and for an empty path."""
    if not isinstance(given, str | Path) or given == "":
        raise BadFile(f"expected files, folders or a data frame, found {given!r:.40}")
    path = Path(given).expanduser()
    try:
        path.exists()
    except OSError as error:  # a whole text in place of a path
        name = str(given) if len(str(given)) <= 250 else f"{str(given)[:40]!r} …"
        raise BadFile(f"{name} cannot be opened ({error.strerror}); expected files or folders") from None
    return path


def _manifest(path: Path) -> Manifest:
    try:
        return Manifest(path)
    except OSError as error:
        raise BadFile(f"{path}: the manifest cannot be opened ({error.strerror}); check its name") from None
    except BadFile as error:
        raise BadFile(f"{path}: {error}") from None


def _files(
    paths: Iterable[Path], manifests: dict[Path, Manifest], result: AddResult
) -> Iterator[tuple[Path, str, bool]]:
    """Yield the files to read, each once, with its name inside the given folder, and whether a folder was given.

    A folder's manifest.csv is its manifest, never an article.
    """
    files: dict[Path, tuple[Path, str, bool]] = {}
    for path in paths:
        if path.is_dir():
            inside = list_folder(path)
            table = next((file for file in inside.files if file.parent == path and file.name.lower() == MANIFEST), None)
            if not manifests and table is not None:
                manifests[table] = _manifest(table)
            result.passed_over += inside.passed_over
            result.refusals += inside.refusals
            result.read += len(inside.passed_over) + len(inside.refusals)
            if not inside.files and not inside.refusals:
                result.refusals.append(Refusal(str(path), "the folder is empty; expected files with articles"))
                result.read += 1
            for file in inside.files:
                files.setdefault(file.resolve(), (file, shown(file.relative_to(path).as_posix()), True))
        elif path.exists():
            files[path.resolve()] = (path, shown(path.name), False)
        else:
            result.refusals.append(
                Refusal(str(path), "there is no such file; check the name and the folder you are in")
            )
            result.read += 1
    tables = {path.resolve() for path in manifests}
    # a manifest is in order of publication: of two states of one article the first row is the first revision
    listed = [file for table in manifests.values() for file in table.files if file in files]
    for resolved in dict.fromkeys([*listed, *files]):
        if resolved not in tables:
            yield files[resolved]


def _where(path: Path, name: str, draft: Draft) -> str:
    return shown(path) if draft.key == name else f"{shown(path)} ({draft.key})"


def store_draft(
    study: Study, connection: Connection, draft: Draft, *, reason: str = "edited", seen: Collection[str] = ()
) -> StoredDraft:
    """Store a draft as an article and, where its text is new, a revision; return the outcome.

    A text unlike the one stored under its key is another article, with a key of its own, and never a revision.
    `reason` is why a new text of a known article arose; the metadata of articles in `seen`, stored in the same run,
    are not overruled.
    """
    too_long = len(draft.text) > 4 * LONGEST_TEXT  # even without the white space that normalising takes out
    if why := size_problem(draft if too_long else replace(draft, text="")):
        return StoredDraft("refused", why=why)
    try:
        draft = draft.normalised()
    except BadText as error:
        return StoredDraft("refused", why=str(error))
    text = with_headline(draft.text, draft.title)
    if why := _refused(study, draft, text):
        return StoredDraft("refused", why=why)
    stated = language_code(draft.language) is not None
    language, doubt = language_of_text(text, draft.language, draft.metadata.get(DECLARED))
    doubts = (doubt, draft.doubt, None if draft.published else draft.date_doubt, letters_problem(text))
    doubt = "; also: ".join(one for one in doubts if one)
    draft = replace(draft, language=language)
    proposed = draft.article()
    identity = identify(connection, proposed, text, Revision(proposed.id, text, normalised=True).id)
    article, known = identity.article, identity.known
    if identity.removed:
        why = (
            f"an article with this name, id or address was removed from the study on {identity.removed} and stays out; "
            "to take the text all the same, give it another one"
        )
        return StoredDraft("removed", article.id, why=why)
    revision = Revision(article.id, text, reason if known else "published", normalised=True)
    if not known and (states := states_before_split(connection, article.id)):
        if revision.id in {state["id"] for state in states}:
            return StoredDraft("unchanged", article.id)
        why = "this article was split earlier and its text has changed since; add the new text under a different name"
        return StoredDraft("refused", why=why)
    put_article(connection, article, country=draft.metadata.get("country"))
    if revision.id in known:
        # of two states in one run the first is the published one, and its metadata win
        first = revision.id == known[0] and article.id not in seen
        updated = _update_article(connection, article, overrule=first, language_stated=stated)
        return StoredDraft("changed" if updated else "unchanged", article.id, other=identity.other, doubt=doubt)
    if known:
        a = db.articles.c
        earliest = connection.execute(select(a.published).where(a.id == article.id)).scalar()
        is_later = bool(earliest and article.published and article.published.isoformat() > earliest)
        # published before the state that was known, or the first whole one
        if put_state(connection, revision, article):
            own = replace(article, published=None) if is_later else article  # the day of a cut text stays
            _update_article(connection, own, overrule=True, language_stated=stated, columns=(*_UPDATABLE, "title"))
        elif is_cut(text) and not is_later:
            _update_article(connection, article, overrule=True, language_stated=stated, columns=("published",))
        else:
            _update_article(connection, article, overrule=False, language_stated=stated)
        return StoredDraft("changed", article.id, other=identity.other, doubt=doubt)
    put_first_revision(connection, revision, article)
    several = looks_like_several(text, draft.title, entries=draft.entries)
    dated = article.published is not None
    return StoredDraft("new", article.id, several=several or "", other=identity.other, doubt=doubt, dated=dated)


def _refused(study: Study, draft: Draft, text: str) -> str | None:
    """Return why a draft cannot be stored; None if it can."""
    if not draft.outlet:
        return (
            "no outlet is named for it; expected a column outlet, a row in a manifest, or one for all: "
            "slantwise add PATH --outlet NAME"
        )
    declared = study.settings.outlets
    if declared and draft.outlet not in declared:
        near = get_close_matches(draft.outlet, declared, 1, 0.5) or list(declared)
        return (
            f"{draft.outlet!r} is not an outlet of study.toml (nearest: {near[0]!r}); correct the name or add it there"
        )
    if not any(map(str.isalnum, text)):  # marks and invisible characters are no text
        return "it has no words; expected an article's text"
    return size_problem(replace(draft, text=text))


def _update_article(
    connection: Connection,
    article: Article,
    *,
    overrule: bool,
    language_stated: bool,
    columns: Collection[str] = _UPDATABLE,
) -> bool:
    """Store new metadata of a known article; with `overrule` they replace old ones. Return whether any changed.

    The title is kept, since it was used to split the text, unless the first text has changed. A language that
    was only detected replaces none; in another language the text has other sentences.
    """
    a = db.articles
    row = connection.execute(select(a).where(a.c.id == article.id)).one()._mapping
    new = {name: value for name, value in article_row(article).items() if value and name in columns}
    if row["language"] and not language_stated:
        new.pop("language", None)
    changes = {name: value for name, value in new.items() if value != row[name] and (overrule or not row[name])}
    if "language" in changes:
        r = db.revisions.c
        note_pending(connection, "split", connection.execute(select(r.id).where(r.article == article.id)).scalars())
    before, now = json.loads(row["metadata"]), dict(article.metadata)
    after = {**before, **now} if overrule else {**now, **before}
    if after != before:
        changes["metadata"] = json.dumps(after, ensure_ascii=False, sort_keys=True)
    if changes:
        connection.execute(update(a).where(a.c.id == article.id).values(changes))
    return bool(changes)


def put_article(connection: Connection, article: Article, country: str | None = None) -> None:
    """Store an article and its outlet."""
    db.put(connection, db.outlets, [{"name": article.outlet, "country": country}])
    db.put(connection, db.articles, [article_row(article)])


def article_row(article: Article) -> dict[str, object]:
    """Return an article as a row of the store."""
    return {
        "id": article.id,
        "outlet": article.outlet,
        "key": article.key,
        "title": article.title,
        "published": article.published.isoformat() if article.published else None,
        "language": article.language,
        "url": article.url,
        "rights": article.rights,
        "event": article.event,
        "originator": article.originator,
        "copy_group": article.id,
        "metadata": json.dumps(dict(article.metadata), ensure_ascii=False, sort_keys=True),
    }
