"""What is noted about the whole store."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table
from sqlalchemy.types import Text

from .base import NAME, metadata

meta = Table("meta", metadata, Column("key", String, primary_key=True), Column("value", Text, nullable=False))
pending_revisions = Table(
    "pending_revisions",  # what is still to be done for revisions, so that nothing has to be searched for
    metadata,
    Column("work", String, primary_key=True),  # "split", "compare" with other articles, "score"
    Column("revision", ForeignKey("revisions.id"), primary_key=True),
)
tallies = Table(
    "tallies",  # numbers of rows, kept so that `status` does not have to count millions
    metadata,
    Column("what", String, primary_key=True),
    Column("name", NAME, primary_key=True),  # of "spans" their unit, of "suggestions" their model
    Column("n", Integer, nullable=False),
)
