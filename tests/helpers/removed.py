"""A text that is removed from a study, and where words of it are left."""

from __future__ import annotations

from sqlalchemy import select
from stores import VALLEY

from corpus import Study
from corpus.study import database as db

RARE = "Quarzweiler"  # a word of the removed text
TEXTS = {
    **VALLEY,
    "d.txt": f"{RARE} is shelled\n\nThey took {RARE} and liberated {RARE} again, a farmer of {RARE} said on Friday.\n\n"
    + "\n\n".join(f"On day {n} the market of {RARE} was open and {n} people took bread home." for n in range(60)),
}


def rare(study: Study) -> str:
    frame = study.articles()
    return str(frame[frame["text"].str.contains(RARE)]["article"].iloc[0])


def cells(study: Study, word: str) -> list[str]:
    """The tables in which a word is left."""
    with study.store.reading() as connection:
        return [
            name
            for name, table in db.metadata.tables.items()
            for row in connection.execute(select(table)).tuples()
            if any(word in str(value) for value in row)
        ]


def rows(study: Study, name: str) -> list[tuple[object, ...]]:
    table = db.metadata.tables[name]
    with study.store.reading() as connection:
        return sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
