"""What is noted about the whole store."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table
from sqlalchemy.types import Text

from .base import NAME, metadata

# keys in meta
MODEL = "model"  # the version of the model that the study uses
SPLITTER = "splitter"  # what decided the spans of all texts that are split
COPIES = "copies"  # the recipe of the signatures by which copies are found
EVENTS = "events"  # the digest of all that decided the events
PLAN = "plan "  # before the number of a frozen plan; the log has its digest
MOVED = "moved"  # where `study copy` has moved the store
SCORING = "scoring "  # before a model's version and a span: what its portion of an unfinished scoring tells
CROSS_FITTED = "cross-fitted"  # the version of the models whose predictions enter estimates
SCORED = "scored"  # the model, codebook and terms under which spans were scored last
STUDIO = "studio"  # by which a Label Studio's projects are known to be the study's
WARNINGS = "warnings "  # before a model's version: outlets unlike the coded ones, spans in other languages
THRESHOLDS = "thresholds "  # before a model's version: the probability below which a suggestion is doubtful


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
log = Table(
    "log",  # what changed the study: each command or function, in the order of their ends
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", String, nullable=False),
    Column("version", String, nullable=False),  # of Slantwise
    Column("command", String, nullable=False),
    Column("arguments", Text, nullable=False),  # JSON, as is the outcome
    Column("outcome", Text, nullable=False),
)
removals = Table(
    "removals",  # what was taken out of the study; only what is here is still known of it
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", String, nullable=False),
    Column("kind", String, nullable=False),  # "article", "coder" or "split text": see history/removals.py
    Column("name", NAME, nullable=False, index=True),  # the article's or text's id, or the coder's name
    Column("outlet", NAME),
    Column("revisions", Text, nullable=False, default="[]"),  # their ids, as JSON: draws and frames name spans of them
    Column("removed", Text, nullable=False, default="{}"),  # how many rows of each kind, as JSON
)
row_sums = Table(  # sums over the rows of parts of the tables: a value changed in the file is found (SQLite)
    "row_sums", metadata,
    Column("table", String, primary_key=True), Column("part", Integer, primary_key=True),
    Column("rows", Integer, nullable=False), Column("sum", BigInteger, nullable=False),
)  # fmt: skip
