"""Intake: drafts become articles, revisions and spans of a study."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from sqlalchemy import Connection, select

from . import store as db
from .article import Article, Revision
from .errors import BadFile, BadText
from .manifest import NAME as MANIFEST
from .manifest import Manifest
from .readers import Draft, Refusal, read
from .span import with_headline
from .splitting import regroup, resplit, stale
from .study import Study

LONGEST = 50_000  # characters of a paragraph: finding sentences takes time with its square, here some seconds


@dataclass
class Intake:
    """What adding files did."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

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
) -> Intake:
    """Add the articles in files and folders; each file is stored whole or not at all, one bad file stops no other.

    Raises BadFile where the manifest itself cannot be used.
    """
    done = Intake()
    manifests = {path: _manifest(path) for path in ([manifest] if manifest else [])}
    for path, name in _files(paths, manifests, done):
        progress(path)
        reading = read(path, name)
        done.refusals += reading.refusals
        drafts = []
        for draft in reading.drafts:
            for table in manifests.values():
                draft = table.filled(path, draft)
            drafts.append(draft.filled(outlet=outlet) if outlet else draft)
        with study.store.writing() as connection:
            for draft in drafts:
                take(study, connection, draft, _where(path, name, draft), done)
    for table in manifests.values():
        done.refusals += table.refusals
    if stale(study):  # also where adding was stopped before
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


def _files(paths: Iterable[Path], manifests: dict[Path, Manifest], done: Intake) -> Iterator[tuple[Path, str]]:
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


def _where(path: Path, name: str, draft: Draft) -> str:
    return str(path) if draft.key == name else f"{path} ({draft.key})"


def take(
    study: Study, connection: Connection, draft: Draft, where: str, done: Intake, *, reason: str = "edited"
) -> str | None:
    """Store a draft as an article and, where its text is new, a revision; say in `done` what became of it.

    `reason` is why another text than the known ones arose. Returns the article's id, None where it was refused.
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
    if (longest := max(map(len, text.split("\n\n")))) > LONGEST:
        why = f"a paragraph of {longest:,} characters is none; set its paragraphs apart, each below {LONGEST:,}"
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
        draft.metadata,
    )
    put_article(connection, article, country=draft.metadata.get("country"))
    known = connection.execute(select(db.revisions.c.id).where(db.revisions.c.article == article.id)).scalars().all()
    revision = Revision(article.id, text, reason=reason if known else "published")
    if revision.id in known:
        done.unchanged.append(article.id)
    else:
        (done.changed if known else done.new).append(article.id)
        put_revision(connection, revision, number=len(known))
    return article.id


def put_article(connection: Connection, article: Article, country: str | None = None) -> None:
    """Store an article and its outlet."""
    db.put(connection, db.outlets, [{"name": article.outlet, "country": country}])
    row = {
        "id": article.id,
        "outlet": article.outlet,
        "key": article.key,
        "title": article.title,
        "published": article.published.isoformat() if article.published else None,
        "language": article.language,
        "url": article.url,
        "rights": article.rights,
        "event": article.event,
        "copy_group": article.id,
        "metadata": json.dumps(dict(article.metadata), ensure_ascii=False, sort_keys=True),
    }
    db.put(connection, db.articles, [row])


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
