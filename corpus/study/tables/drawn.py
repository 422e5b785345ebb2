"""Rounds: what was drawn, assigned, sent to coders and dealt with."""

from sqlalchemy import Column, Float, ForeignKey, Integer, String, Table
from sqlalchemy.types import Text

from .base import NAME, digest_column, metadata

rounds = Table(
    "rounds",
    metadata,
    Column("name", NAME, primary_key=True),
    Column("purpose", String, nullable=False),
    Column("layout", String, nullable=False),
    Column("codebook_version", String, nullable=False),
    Column("assisted", Float, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("made_at", String, nullable=False),
    Column("frame", Text, nullable=False),  # the sampling frame: span ids, as JSON
)
round_designs = Table(
    "round_designs",  # how a round was drawn, with the inclusion probability of every span of the frame
    metadata,
    Column("round", ForeignKey("rounds.name"), primary_key=True),
    Column("design", Text, nullable=False),
    Column("strata", Text, nullable=False),  # each stratum's size in the frame and in the draw
    Column("model", String),  # whose uncertainty decided the probabilities
    Column("beside", NAME, nullable=False, default=""),  # the round whose terms this one checks
    Column("pi", Text, nullable=False),  # of each span of the frame, in its order
    Column("closed", Text, nullable=False),  # π of spans that earlier rounds drew, as if they had not
)
draws = Table(
    "draws",
    metadata,
    Column("round", ForeignKey("rounds.name"), primary_key=True),
    Column("span", String, primary_key=True),  # also one that was removed with its article: π stays
    Column("position", Integer, nullable=False),
    Column("pi", Float, nullable=False),
    Column("stratum", NAME, nullable=False, default=""),
    digest_column(),
)
assignments = Table(
    "assignments",
    metadata,
    Column("round", ForeignKey("rounds.name"), primary_key=True),
    Column("span", ForeignKey("spans.id"), primary_key=True),
    Column("coder", NAME, primary_key=True),
    Column("arm", String, nullable=False),
    Column("probability", Float, nullable=False),
    digest_column(),
)
outcomes = Table(
    "outcomes",  # the outcome of an assignment; no row where nobody answered
    metadata,
    Column("round", ForeignKey("rounds.name"), primary_key=True),
    Column("span", ForeignKey("spans.id"), primary_key=True),
    Column("coder", NAME, primary_key=True),
    Column("state", String, nullable=False),
    Column("reason", String, nullable=False, default=""),
    Column("memo", Text, nullable=False, default=""),
    Column("seconds", Float),
    Column("at", String),
)
closed_parts = Table(  # coders' parts of rounds that were handed in by `round close`, or before adjudication
    "closed_parts", metadata,
    Column("round", ForeignKey("rounds.name"), primary_key=True),
    Column("coder", NAME, primary_key=True),
    Column("at", String, nullable=False),
)  # fmt: skip
round_suggestions = Table(
    "round_suggestions",  # the suggestions of a round with two arms: shown in one, hidden in the other
    metadata,
    Column("round", ForeignKey("rounds.name"), primary_key=True),
    Column("span", ForeignKey("spans.id"), primary_key=True),
    Column("variable", NAME, primary_key=True),
    Column("model", String, nullable=False),
    Column("fold", String, nullable=False, default=""),
    Column("probabilities", Text, nullable=False),
)
studio_projects = Table(  # a coder's Label Studio project for a round
    "studio_projects", metadata,
    Column("round", ForeignKey("rounds.name"), primary_key=True),
    Column("coder", NAME, primary_key=True),
    Column("server", String, nullable=False),
    Column("project", Integer, nullable=False),
    Column("configuration", String, nullable=False),  # its digest
)  # fmt: skip
studio_tasks = Table(
    "studio_tasks",  # the tasks sent to Label Studio; a row without a task id was sent and not yet confirmed
    metadata,
    Column("round", ForeignKey("rounds.name"), primary_key=True),
    Column("span", ForeignKey("spans.id"), primary_key=True),
    Column("coder", NAME, primary_key=True),
    Column("task", Integer, index=True),
    Column("model", String),  # whose suggestion the task shows
)
