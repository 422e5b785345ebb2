"""Number an article's states again, where two of them have one number: two commands once added them at once."""

from __future__ import annotations

from sqlalchemy import ColumnClause, Connection, delete, func, literal_column, select, union, update

from corpus.study import database as db
from corpus.study.bookkeeping import leave_copy_group, note_done, note_pending


def renumber_states(connection: Connection) -> list[str]:
    """Give each state of an article a number of its own, and return the articles in which two shared one.

    A state that is coded or drawn precedes one that is not, as when states are added; then the earlier date decides,
    then which of them arrived first. Counts and comparisons of these articles become pending work again.
    """
    r, s, d = db.revisions.c, db.spans.c, db.draws.c
    shared = select(r.article).group_by(r.article, r.number).having(func.count() > 1)
    articles = sorted(set(connection.execute(shared).scalars()))
    place = "rowid" if connection.dialect.name == "sqlite" else "ctid"
    arrival: ColumnClause[object] = literal_column(f"revisions.{place}")
    used = union(select(db.annotations.c.span), select(d.span)).subquery()
    for article in articles:
        states = connection.execute(select(r.id, r.number, r.published).where(r.article == article).order_by(arrival))
        rows = states.all()
        of_article = select(s.revision).join(used, used.c.span == s.id).join(db.revisions, r.id == s.revision)
        fixed = set(connection.execute(of_article.where(r.article == article)).scalars())
        order = sorted(rows, key=lambda row: (row.number, row.id not in fixed, row.published or "~"))  # "~": undated
        for number, row in enumerate(order):
            connection.execute(update(db.revisions).where(r.id == row.id).values(number=number))
        leave_copy_group(connection, article)
        connection.execute(delete(db.shingles).where(db.shingles.c.article == article))
        connection.execute(delete(db.shingle_signatures).where(db.shingle_signatures.c.article == article))
        note_done(connection, "compare", [row.id for row in order])
        note_pending(connection, "compare", [order[0].id])
        note_pending(connection, "split", [row.id for row in order])
    return articles
