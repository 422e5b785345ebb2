"""Store fetched pages unchanged in the study's folder, so that extraction can be repeated."""

from __future__ import annotations

import gzip
import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete, select

from corpus.article import short_digest
from corpus.errors import BadStudy
from corpus.study import Study
from corpus.study import database as db
from corpus.study.files import write_whole

from .fetch import Page

_BEING_STORED = 3600.0  # seconds after which a page whose file is written is in the store too


class StoredPage(NamedTuple):
    """A stored page."""

    url: str
    final: str
    headers: Mapping[str, str]
    body: bytes


def write_page(study: Study, page: Page) -> None:
    """Write a page's bytes, gzipped, into the study's folder `pages/`."""
    file = _file(study, _digest(page))
    if not file.is_file():
        write_whole(file, gzip.compress(page.body, compresslevel=6, mtime=0))


def record_page(connection: Connection, page: Page) -> None:
    """Store when a page was fetched, with its headers and which file has its bytes."""
    digest = _digest(page)
    row = {
        "id": short_digest(f"{page.requested}\n{digest}", 20),
        "url": page.requested,
        "final": page.url,
        "digest": digest,
        "headers": json.dumps({name: value.replace("\x00", "") for name, value in page.headers.items()}),
        "fetched_at": timestamp(),
    }
    db.put(connection, db.pages, [row], replace=["final", "headers", "fetched_at"])


def _digest(page: Page) -> str:
    return hashlib.sha256(page.body).hexdigest()


def _file(study: Study, digest: str) -> Path:
    return study.pages / digest[:2] / f"{digest}.gz"


def forget_pages(study: Study, connection: Connection, urls: Iterable[str]) -> list[Path]:
    """Delete what is stored of the pages of these addresses; return their files, to be deleted once it is committed."""
    p, digests = db.pages.c, set[str]()
    for batch in db.batches(dict.fromkeys(urls), 500):
        gone = p.url.in_(batch) | p.final.in_(batch)
        digests |= set(connection.execute(delete(db.pages).where(gone).returning(p.digest)).scalars())
    for batch in db.batches(sorted(digests)):
        digests -= set(connection.execute(select(p.digest).where(p.digest.in_(batch))).scalars())
    return [_file(study, digest) for digest in sorted(digests)]


def delete_unused_files(study: Study) -> None:
    """Delete files of pages that the store does not name, as a command leaves them that was killed while forgetting."""
    with study.store.reading() as connection:
        used = {_file(study, digest) for digest in connection.execute(select(db.pages.c.digest)).scalars()}
    for file in study.pages.glob("??/*.gz"):
        if file not in used and file.stat().st_mtime < time.time() - _BEING_STORED:
            file.unlink(missing_ok=True)


def latest_page(study: Study, connection: Connection, url: str) -> StoredPage | None:
    """Return the last page fetched from an address, None if there is none. Raises BadStudy if its file is missing."""
    row = _row(connection, url)
    if row is None:
        return None
    file = _file(study, row.digest)
    try:
        return StoredPage(row.url, row.final, json.loads(row.headers), gzip.decompress(file.read_bytes()))
    except (OSError, EOFError) as error:
        raise BadStudy(f"the stored page {file} cannot be read ({error}); it is fetched again if it changes") from None


def validators(connection: Connection, url: str) -> Mapping[str, str]:
    """Return the headers of the last page fetched from an address, for a conditional request."""
    row = _row(connection, url)
    return json.loads(row.headers) if row is not None else {}


def _row(connection: Connection, url: str) -> Row[Any] | None:
    p = db.pages.c
    # one that was fetched while the clock was ahead would stay the last one for ever
    ahead = p.fetched_at > (datetime.now(UTC) + timedelta(days=1)).isoformat(timespec="microseconds")
    query = select(db.pages).where(p.url == url).order_by(ahead, p.fetched_at.desc()).limit(1)
    return connection.execute(query).one_or_none()


def timestamp() -> str:
    """Return the current time in the store's format."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
