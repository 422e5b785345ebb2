"""What all tables have in common."""

from sqlalchemy import Column, MetaData, String
from sqlalchemy.dialects.postgresql import VARCHAR

metadata = MetaData()
NAME = String().with_variant(VARCHAR(collation="C"), "postgresql")  # sorted alike in both databases


def digest_column() -> Column[str]:
    """Return the column in which a row's digest is stored: `row_digests` computes it, `database.put` fills it."""
    return Column("digest", String, nullable=False, info={"of": "row"})
