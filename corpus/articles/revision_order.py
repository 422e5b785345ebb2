"""Store an article's states in the order of their dates, or else as they arrive: the first is what counts.

A state that ends before its end, as behind a paywall, comes after those that are whole.
"""

from __future__ import annotations

from sqlalchemy import Connection, delete, select, update

from corpus.article import Article, Revision
from corpus.study import database as db
from corpus.study.bookkeeping import count, leave_copy_group, note_done, note_pending, tallied
from corpus.study.paragraph_counts import count_paragraphs, subtract_paragraphs

from .cut import find_cut, is_prompt
from .spans import FIXED


def put_first_revision(connection: Connection, revision: Revision, article: Article) -> None:
    """Store the first revision of an article; `respan` compares it with others and splits it."""
    _put(connection, revision, 0, article)
    note_pending(connection, "compare", [revision.id])
    count(connection, "articles", {article.outlet: 1})
    count(connection, "copy_groups", {"": 1})  # its own, until it is compared
    count_paragraphs(connection, article.outlet, article.id, revision.text)


def put_state(connection: Connection, revision: Revision, article: Article) -> bool:
    """Store another state of a known article before the first state with a later date; return whether it is the first.

    A whole text comes before one that is cut. A state that is coded or drawn in a round stays the first.
    """
    r = db.revisions.c
    query = select(r.id, r.published, r.text).where(r.article == article.id).order_by(r.number)
    states = connection.execute(query).all()
    published = article.published.isoformat() if article.published else None
    new_is_cut = is_cut(revision.text)
    number = len(states)
    for n, state in enumerate(states):
        is_later = bool(published and state.published and state.published > published)
        if (not new_is_cut or is_cut(state.text)) and (is_later or (not new_is_cut and is_cut(state.text))):
            number = n
            break
    if number == 0 and _is_fixed(connection, states[0].id):
        number = len(states)
    for place in range(len(states) - 1, max(number, 1) - 1, -1):  # from the last, since no two have one number
        connection.execute(update(db.revisions).where(r.id == states[place].id).values(number=place + 1))
    if number == 0:
        _set_aside(connection, states[0].id, article)
        note_pending(connection, "split", [state.id for state in states])  # by the title of the new first state
        put_first_revision(connection, revision, article)
    else:
        _put(connection, revision, number, article)
    return number == 0


def is_cut(text: str) -> bool:
    """Return whether a text ends before its end, as far as its lines show.

    >>> is_cut("Velo fell after weeks of shelling that had […]"), is_cut("Velo fell.")
    (True, False)
    """
    lines = text.split("\n\n")
    found = find_cut(lines, ["furniture" if is_prompt(line) else "paragraph" for line in lines])
    return found is not None and found.state == "cut"


def _put(connection: Connection, revision: Revision, number: int, article: Article) -> None:
    row = {
        "id": revision.id,
        "article": revision.article,
        "number": number,
        "text": revision.text,
        "digest": revision.digest,
        "reason": revision.reason,
        "published": article.published.isoformat() if article.published else None,
    }
    db.put(connection, db.revisions, [row])
    note_pending(connection, "split", [revision.id])


def _is_fixed(connection: Connection, revision: str) -> bool:
    r = db.revisions.c.id
    return connection.execute(select(r).where(r == revision, r.in_(FIXED))).first() is not None


def _set_aside(connection: Connection, revision: str, article: Article) -> None:
    """Take back what was counted and compared for a first revision, which is about to be a later one."""
    r, s = db.revisions.c, db.shingle_signatures.c
    text = connection.execute(select(r.text).where(r.id == revision)).scalar_one()
    subtract_paragraphs(connection, article.outlet, article.id, text)
    count(connection, "articles", {article.outlet: -1})
    leave_copy_group(connection, article.id)
    connection.execute(delete(db.shingles).where(db.shingles.c.article == article.id))
    connection.execute(delete(db.shingle_signatures).where(s.article == article.id))
    note_done(connection, "compare", [revision])
    with tallied(connection, [revision]):
        connection.execute(update(db.revisions).where(r.id == revision).values(number=1))
