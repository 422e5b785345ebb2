"""Coders' answers and a model's suggestions."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, String, Table
from sqlalchemy.types import Text

from .base import NAME, digest_column, metadata

annotations = Table(
    "annotations",
    metadata,
    Column("span", ForeignKey("spans.id"), primary_key=True),
    Column("variable", NAME, primary_key=True),
    Column("coder", NAME, primary_key=True),
    Column("round", NAME, primary_key=True, default=""),
    Column("code", String, nullable=False),
    Column("arm", String, nullable=False, default="blind"),
    Column("codebook_version", String, nullable=False),
    Column("made_at", String),
    Column("memo", Text, nullable=False, default=""),
    Column("seconds", Float),
    Column("simulated", Boolean, nullable=False, default=False),
    digest_column(),
)
adjudications = Table(
    "adjudications",  # as well as the annotations, never in their place; an imported round is a name only
    metadata,
    Column("round", NAME, primary_key=True, default=""),
    Column("span", ForeignKey("spans.id"), primary_key=True),
    Column("variable", NAME, primary_key=True),
    Column("code", String, nullable=False),
    Column("by", NAME, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("confidence", Float),
    Column("made_at", String),
    Column("codebook_version", String, nullable=False),
    digest_column(),
)
adjudication_projects = Table(  # an adjudicator's Label Studio project for a round
    "adjudication_projects", metadata,
    Column("round", NAME, primary_key=True, default=""),
    Column("adjudicator", NAME, primary_key=True),
    Column("server", String, nullable=False), Column("project", Integer, nullable=False),
)  # fmt: skip
raw_annotations = Table(
    "raw_annotations",  # answers as they were given, before they were migrated to a later codebook version
    metadata,
    Column("span", ForeignKey("spans.id"), primary_key=True),
    Column("variable", NAME, primary_key=True),
    Column("coder", NAME, primary_key=True),
    Column("round", NAME, primary_key=True, default=""),
    Column("codebook_version", String, primary_key=True),
    Column("code", String, nullable=False),
    Column("arm", String, nullable=False),
    Column("made_at", String),
    Column("memo", Text, nullable=False, default=""),
    Column("seconds", Float),
    Column("simulated", Boolean, nullable=False, default=False),
    digest_column(),
)
answer_changes = Table(
    "answer_changes",  # answers that are not the coder's first any more, or never were: `history.handing_in`
    metadata,
    Column("span", ForeignKey("spans.id"), primary_key=True),
    Column("variable", NAME, primary_key=True),
    Column("coder", NAME, primary_key=True),
    Column("round", NAME, primary_key=True, default=""),
    Column("number", Integer, primary_key=True, autoincrement=False),  # from 1, in the order in which they were stored
    Column("state", String, nullable=False),  # "corrected" before handing in, or "late"
    Column("code", String, nullable=False),  # empty where a late change withdrew the answer
    Column("arm", String, nullable=False),
    Column("codebook_version", String, nullable=False),
    Column("made_at", String),
    Column("memo", Text, nullable=False, default=""),
    Column("seconds", Float),
    Column("simulated", Boolean, nullable=False, default=False),
    Column("stored_at", String, nullable=False),
    digest_column(),
)
suggestions = Table(
    "suggestions",
    metadata,
    Column("span", ForeignKey("spans.id"), primary_key=True),
    Column("variable", NAME, primary_key=True),
    Column("model", String, primary_key=True),
    Column("fold", String, nullable=False, default=""),
    Column("probabilities", Text, nullable=False),
    digest_column(),
)
scored_revisions = Table(  # how many uncoded spans of a revision the current model has scored, how many are doubtful
    "scored_revisions", metadata,
    Column("revision", ForeignKey("revisions.id"), primary_key=True),
    Column("spans", Integer, nullable=False), Column("doubtful", Integer, nullable=False),
)  # fmt: skip
