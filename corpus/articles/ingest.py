"""Intake: drafts become articles, revisions and spans of a study."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, select, update

from corpus.article import Article, Revision
from corpus.copies.groups import regroup
from corpus.draft import Draft, Refusal
from corpus.errors import BadFile, BadText
from corpus.readers import read
from corpus.readers.manifest import NAME as MANIFEST
from corpus.readers.manifest import Manifest
from corpus.span import with_headline
from corpus.study import Study
from corpus.study import database as db

from .boundaries import looks_like_several
from .spans import needs_resplit, resplit

# columns in which an article that is known can be mended
_UPDATABLE = ("published", "language", "url", "rights", "event", "originator")
LONGEST_PARAGRAPH = 50_000  # characters of a paragraph: finding sentences takes time with its square, here some seconds


class MultiArticleText(NamedTuple):
    """An article that looks like several, and why: `article split` proposes where they begin."""

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
    def taken(self) -> int:
        """How many articles were read, new or known."""
        return len(self.new) + len(self.changed) + len(self.unchanged)


def add(
    study: Study,
    paths: Iterable[Path],
    *,
    outlet: str | None = None,
    manifest: Path | None = None,
    progress: Callable[[Path], None] = lambda path: None,
) -> AddResult:
    """Add the articles in files and folders; each file is stored whole or not at all, one bad file stops no other.

    Raises BadFile where the manifest itself cannot be used.
    """
    done = AddResult()
    manifests = {path: _manifest(path) for path in ([manifest] if manifest else [])}
    for path, name in _files(paths, manifests, done):
        progress(path)
        reading = read(path, name)
        done.refusals += reading.refusals
        drafts = []
        for draft in reading.drafts:
            for table in manifests.values():
                draft = table.filled(path, draft, alone=len(reading.drafts) == 1)
            drafts.append(draft.with_values(outlet=outlet) if outlet else draft)
        with study.store.writing() as connection:
            known = _known(connection) if drafts else {}
            for draft in drafts:
                store_draft(study, connection, draft, _where(path, name, draft), done, known)
    for table in manifests.values():
        done.refusals += table.refusals
    if needs_resplit(study):  # also where adding was stopped before
        regroup(study)
        resplit(study)
    return done


def _manifest(path: Path) -> Manifest:
    try:
        return Manifest(path)
    except OSError as error:
        raise BadFile(f"{path}: the manifest cannot be opened ({error.strerror}); check its name") from None
    except BadFile as error:
        raise BadFile(f"{path}: {error}") from None


def _files(paths: Iterable[Path], manifests: dict[Path, Manifest], done: AddResult) -> Iterator[tuple[Path, str]]:
    """Yield the files to read, each once, with its name inside the folder that was named.

    A folder's manifest.csv is its manifest, never an article.
    """
    found: dict[Path, tuple[Path, str]] = {}
    for path in paths:
        if path.is_dir():
            if not manifests and (path / MANIFEST).is_file():
                manifests[path / MANIFEST] = _manifest(path / MANIFEST)
            inside = [p for p in sorted(path.rglob("*")) if p.is_file() and not _hidden(p.relative_to(path))]
            if not inside:
                done.refusals.append(Refusal(str(path), "the folder is empty; expected files with articles"))
            found |= {p.resolve(): (p, p.relative_to(path).as_posix()) for p in inside}
        elif path.exists():
            found[path.resolve()] = (path, path.name)
        else:
            done.refusals.append(Refusal(str(path), "there is no such file; check the name and the folder you are in"))
    tables = {path.resolve() for path in manifests}
    # a manifest's order is the order of publication: of two states of one article the first row is the first revision
    listed = [file for table in manifests.values() for file in table.files if file in found]
    for resolved in dict.fromkeys([*listed, *found]):
        if resolved not in tables:
            yield found[resolved]


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _known(connection: Connection, only: str | None = None) -> dict[str, list[str]]:
    """Return the revisions of every article in their order, asked once a file: a table may hold 16,000 articles."""
    found: dict[str, list[str]] = {}
    r = db.revisions.c
    asked = select(r.article, r.id).order_by(r.article, r.number)
    for article, id in connection.execute(asked if only is None else asked.where(r.article == only)):
        found.setdefault(article, []).append(id)
    return found


def _where(path: Path, name: str, draft: Draft) -> str:
    return str(path) if draft.key == name else f"{path} ({draft.key})"


def store_draft(
    study: Study,
    connection: Connection,
    draft: Draft,
    where: str,
    done: AddResult,
    revisions: dict[str, list[str]] | None = None,
    *,
    reason: str = "edited",
) -> str | None:
    """Store a draft as an article and, where its text is new, a revision; say in `done` what became of it.

    `revisions` are those of every article, where they were asked for already; `reason` is why another text than the
    known ones arose. Returns the article's id, None where it was refused.
    """
    try:
        draft = draft.normalised()
    except BadText as error:
        done.refusals.append(Refusal(where, str(error)))
        return None
    if not draft.outlet:
        why = "no outlet is named for it; give --outlet NAME, a column outlet, or a row in a manifest"
        done.refusals.append(Refusal(where, why))
        return None
    declared = study.settings.outlets
    if declared and draft.outlet not in declared:
        near = get_close_matches(draft.outlet, declared, 1, 0.5) or list(declared)
        why = f"{draft.outlet!r} is no outlet of study.toml (nearest: {near[0]!r}); mend the name or add it there"
        done.refusals.append(Refusal(where, why))
        return None
    text = with_headline(draft.text, draft.title)
    if not text:
        done.refusals.append(Refusal(where, "there are no words in it; expected an article's text"))
        return None
    if (longest := max(map(len, text.split("\n\n")))) > LONGEST_PARAGRAPH:
        why = (
            f"a paragraph of {longest:,} characters is none; set its paragraphs apart, each below {LONGEST_PARAGRAPH:,}"
        )
        done.refusals.append(Refusal(where, why))
        return None
    article = Article(
        draft.outlet,
        draft.key,
        draft.title,
        draft.published,
        draft.language,
        draft.url,
        draft.rights,
        draft.event,
        draft.originator,
        draft.metadata,
    )
    known = (_known(connection, article.id) if revisions is None else revisions).setdefault(article.id, [])
    revision = Revision(article.id, text, reason=reason if known else "published")
    if not known and (states := revisions_before_split(connection, article.id)):
        if revision.id in states:
            done.unchanged.append(article.id)
        else:
            why = "it was split into several articles, and its text is another one now; add that under another name"
            done.refusals.append(Refusal(where, why))
        return None
    put_article(connection, article, country=draft.metadata.get("country"))
    # of two states in one run the first is the one that was published, with what is said of it
    first = revision.id in known[:1] and article.id not in done.seen
    mended = bool(known) and _update_article(connection, article, overrule=first)
    done.seen.add(article.id)
    if revision.id in known:
        (done.changed if mended else done.unchanged).append(article.id)
    else:
        (done.changed if known else done.new).append(article.id)
        put_revision(connection, revision, number=len(known))
        if not known and (parts := looks_like_several(text, draft.title)):
            done.several.append(MultiArticleText(article.id, where, parts))
        known.append(revision.id)
    return article.id


def revisions_before_split(connection: Connection, article: str) -> list[str]:
    """Return the revisions of an article that was split into several, which is none any more."""
    said = connection.execute(select(db.split_articles.c.revisions).where(db.split_articles.c.id == article)).scalar()
    return [row["id"] for row in json.loads(said or "[]")]


def _update_article(connection: Connection, article: Article, *, overrule: bool) -> bool:
    """Store what is said of a known article and was not known, or was otherwise and is overruled; say whether it was.

    The title stays: by it the text was split.
    """
    a = db.articles
    row = connection.execute(select(a).where(a.c.id == article.id)).one()._mapping
    said = {name: value for name, value in article_row(article).items() if value and name in _UPDATABLE}
    told = {name: value for name, value in said.items() if value != row[name] and (overrule or not row[name])}
    before, now = json.loads(row["metadata"]), dict(article.metadata)
    after = {**before, **now} if overrule else {**now, **before}
    if after != before:
        told["metadata"] = json.dumps(after, ensure_ascii=False, sort_keys=True)
    if told:
        connection.execute(update(a).where(a.c.id == article.id).values(told))
    return bool(told)


def put_article(connection: Connection, article: Article, country: str | None = None) -> None:
    """Store an article and its outlet."""
    db.put(connection, db.outlets, [{"name": article.outlet, "country": country}])
    db.put(connection, db.articles, [article_row(article)])


def article_row(article: Article) -> dict[str, object]:
    """Return an article as the store keeps it."""
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
