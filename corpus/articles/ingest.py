"""Add files to a study: drafts become articles, revisions and spans."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, select, update

from corpus.article import Article, Revision
from corpus.copies.groups import update_copy_groups
from corpus.draft import Draft, Refusal
from corpus.errors import BadFile, BadText
from corpus.readers import read_file
from corpus.readers.manifest import MANIFEST_NAME as MANIFEST
from corpus.readers.manifest import Manifest
from corpus.span import with_headline
from corpus.study import Study
from corpus.study import database as db

from .article_boundaries import looks_like_several
from .spans import needs_resplit, resplit

# columns of a known article that can be updated
_UPDATABLE = ("published", "language", "url", "rights", "event", "originator")
LONGEST_PARAGRAPH = 50_000  # characters: finding sentences takes time quadratic in it, some seconds here


class MultiArticleText(NamedTuple):
    """A text that looks like several articles, and why: `article split` proposes where they begin."""

    article: str
    where: str
    why: str


@dataclass
class AddResult:
    """What adding files did."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    several: list[MultiArticleText] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    @property
    def total(self) -> int:
        """The number of articles that were read, new or known."""
        return len(self.new) + len(self.changed) + len(self.unchanged)


def add(
    study: Study,
    paths: Iterable[Path],
    *,
    outlet: str | None = None,
    manifest: Path | None = None,
    progress: Callable[[Path], None] = lambda path: None,
) -> AddResult:
    """Add the articles in files and folders; each file is stored completely or not at all, whatever others contain.

    Raises BadFile where the manifest itself cannot be used.
    """
    result = AddResult()
    manifests = {path: _manifest(path) for path in ([manifest] if manifest else [])}
    for path, name in _files(paths, manifests, result):
        progress(path)
        reading = read_file(path, name)
        result.refusals += reading.refusals
        drafts = []
        for draft in reading.drafts:
            for table in manifests.values():
                draft = table.complete(path, draft, alone=len(reading.drafts) == 1)
            drafts.append(draft.with_values(outlet=outlet) if outlet else draft)
        with study.store.writing() as connection:
            revisions = _revision_ids(connection) if drafts else {}
            for draft in drafts:
                store_draft(study, connection, draft, _where(path, name, draft), result, revisions)
    for table in manifests.values():
        result.refusals += table.refusals
    if needs_resplit(study):  # also where an earlier run was interrupted
        update_copy_groups(study)
        resplit(study)
    return result


def _manifest(path: Path) -> Manifest:
    try:
        return Manifest(path)
    except OSError as error:
        raise BadFile(f"{path}: the manifest cannot be opened ({error.strerror}); check its name") from None
    except BadFile as error:
        raise BadFile(f"{path}: {error}") from None


def _files(paths: Iterable[Path], manifests: dict[Path, Manifest], result: AddResult) -> Iterator[tuple[Path, str]]:
    """Yield the files to read, each once, with its name inside the given folder.

    A folder's manifest.csv is its manifest, never an article.
    """
    files: dict[Path, tuple[Path, str]] = {}
    for path in paths:
        if path.is_dir():
            if not manifests and (path / MANIFEST).is_file():
                manifests[path / MANIFEST] = _manifest(path / MANIFEST)
            inside = [p for p in sorted(path.rglob("*")) if p.is_file() and not _hidden(p.relative_to(path))]
            if not inside:
                result.refusals.append(Refusal(str(path), "the folder is empty; expected files with articles"))
            files |= {p.resolve(): (p, p.relative_to(path).as_posix()) for p in inside}
        elif path.exists():
            files[path.resolve()] = (path, path.name)
        else:
            result.refusals.append(
                Refusal(str(path), "there is no such file; check the name and the folder you are in")
            )
    tables = {path.resolve() for path in manifests}
    # a manifest is in order of publication: of two states of one article the first row is the first revision
    listed = [file for table in manifests.values() for file in table.files if file in files]
    for resolved in dict.fromkeys([*listed, *files]):
        if resolved not in tables:
            yield files[resolved]


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _revision_ids(connection: Connection, article: str | None = None) -> dict[str, list[str]]:
    """Return the revision ids of every article, or of one, in their order; read once per file, not once per draft."""
    revisions: dict[str, list[str]] = {}
    r = db.revisions.c
    query = select(r.article, r.id).order_by(r.article, r.number)
    for owner, id in connection.execute(query if article is None else query.where(r.article == article)):
        revisions.setdefault(owner, []).append(id)
    return revisions


def _where(path: Path, name: str, draft: Draft) -> str:
    return str(path) if draft.key == name else f"{path} ({draft.key})"


def store_draft(
    study: Study,
    connection: Connection,
    draft: Draft,
    where: str,
    result: AddResult,
    revisions: dict[str, list[str]] | None = None,
    *,
    reason: str = "edited",
) -> str | None:
    """Store a draft as an article and, where its text is new, a revision; note the outcome in `result`.

    `revisions` are the revision ids of all articles, if they were read before; `reason` is why a new text of a known
    article arose. Returns the article's id, None where it was refused.
    """
    try:
        draft = draft.normalised()
    except BadText as error:
        result.refusals.append(Refusal(where, str(error)))
        return None
    if not draft.outlet:
        why = "no outlet is named for it; give --outlet NAME, a column outlet, or a row in a manifest"
        result.refusals.append(Refusal(where, why))
        return None
    declared = study.settings.outlets
    if declared and draft.outlet not in declared:
        near = get_close_matches(draft.outlet, declared, 1, 0.5) or list(declared)
        why = (
            f"{draft.outlet!r} is not an outlet of study.toml (nearest: {near[0]!r}); correct the name or add it there"
        )
        result.refusals.append(Refusal(where, why))
        return None
    text = with_headline(draft.text, draft.title)
    if not text:
        result.refusals.append(Refusal(where, "it has no words; expected an article's text"))
        return None
    if (longest := max(map(len, text.split("\n\n")))) > LONGEST_PARAGRAPH:
        why = f"one paragraph has {longest:,} characters (limit {LONGEST_PARAGRAPH:,})"
        result.refusals.append(Refusal(where, f"{why}; separate paragraphs with empty lines"))
        return None
    article = draft.article()
    known = (_revision_ids(connection, article.id) if revisions is None else revisions).setdefault(article.id, [])
    revision = Revision(article.id, text, reason=reason if known else "published")
    if not known and (states := revisions_before_split(connection, article.id)):
        if revision.id in states:
            result.unchanged.append(article.id)
        else:
            why = (
                "this article was split earlier and its text has changed since; add the new text under a different name"
            )
            result.refusals.append(Refusal(where, why))
        return None
    put_article(connection, article, country=draft.metadata.get("country"))
    # of two states in one run the first is the published one, and its metadata win
    first = revision.id in known[:1] and article.id not in result.seen
    updated = bool(known) and _update_article(connection, article, overrule=first)
    result.seen.add(article.id)
    if revision.id in known:
        (result.changed if updated else result.unchanged).append(article.id)
    else:
        (result.changed if known else result.new).append(article.id)
        put_revision(connection, revision, number=len(known))
        if not known and (evidence := looks_like_several(text, draft.title)):
            result.several.append(MultiArticleText(article.id, where, evidence))
        known.append(revision.id)
    return article.id


def revisions_before_split(connection: Connection, article: str) -> list[str]:
    """Return the revision ids of an article that was split into several; empty for any other."""
    revisions = connection.execute(
        select(db.split_articles.c.revisions).where(db.split_articles.c.id == article)
    ).scalar()
    return [row["id"] for row in json.loads(revisions or "[]")]


def _update_article(connection: Connection, article: Article, *, overrule: bool) -> bool:
    """Store new metadata of a known article, with `overrule` in place of the old; say whether anything changed.

    The title stays, since the text was split by it.
    """
    a = db.articles
    row = connection.execute(select(a).where(a.c.id == article.id)).one()._mapping
    new = {name: value for name, value in article_row(article).items() if value and name in _UPDATABLE}
    changes = {name: value for name, value in new.items() if value != row[name] and (overrule or not row[name])}
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


def put_revision(connection: Connection, revision: Revision, number: int) -> None:
    """Store a revision; its spans are split by `resplit`."""
    row = {
        "id": revision.id,
        "article": revision.article,
        "number": number,
        "text": revision.text,
        "digest": revision.digest,
        "reason": revision.reason,
    }
    db.put(connection, db.revisions, [row])
