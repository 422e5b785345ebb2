"""Copies, and what an outlet prints again and again."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, String, Table
from sqlalchemy.types import Text

from .base import metadata

shingle_signatures = Table(  # of first revisions, so that new articles are compared without reading old ones
    "shingle_signatures", metadata,
    Column("article", ForeignKey("articles.id"), primary_key=True),
    Column("recipe", String, nullable=False),  # of `corpus.copies.shingles`
    Column("signature", LargeBinary, nullable=False),
)  # fmt: skip
shingles = Table(  # the signatures by shingle: who shares one, without reading the other signatures
    "shingles", metadata,
    Column("hash", BigInteger, primary_key=True, autoincrement=False),
    Column("article", ForeignKey("articles.id"), primary_key=True),
    Column("size", Integer, nullable=False),  # of the article's signature; negative if a short text keeps all shingles
    sqlite_with_rowid=False,
)  # fmt: skip
paragraph_counts = Table(  # in how many articles an outlet prints a paragraph, so that page furniture is known
    "paragraph_counts", metadata,
    Column("outlet", ForeignKey("outlets.name"), primary_key=True),
    Column("digest", BigInteger, primary_key=True, autoincrement=False),
    Column("articles", Integer, nullable=False), sqlite_with_rowid=False,
)  # fmt: skip
paragraph_owners = Table(  # who printed a paragraph first, to be split again once the outlet is known to repeat it
    "paragraph_owners", metadata,
    Column("outlet", ForeignKey("outlets.name"), primary_key=True),
    Column("digest", BigInteger, primary_key=True, autoincrement=False),
    Column("article", ForeignKey("articles.id"), primary_key=True), sqlite_with_rowid=False,
)  # fmt: skip
furniture_decisions = Table(  # what `article furniture` keeps as text or drops wherever the outlet prints it
    "furniture_decisions", metadata,
    Column("outlet", ForeignKey("outlets.name"), primary_key=True),
    Column("digest", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False), Column("text", Text, nullable=False),
)  # fmt: skip
