"""The tables of a study's database, one per noun; `database` creates, reads and writes them."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, LargeBinary, MetaData, String, Table, Text
from sqlalchemy.dialects import postgresql

metadata = MetaData()
# what people name: PostgreSQL would sort it by its locale, SQLite by code points
_NAME = String().with_variant(postgresql.VARCHAR(collation="C"), "postgresql")
meta = Table("meta", metadata, Column("key", String, primary_key=True), Column("value", Text, nullable=False))
outlets = Table("outlets", metadata, Column("name", _NAME, primary_key=True), Column("country", String))
articles = Table(
    "articles",
    metadata,
    Column("id", String, primary_key=True),
    Column("outlet", ForeignKey("outlets.name"), nullable=False, index=True),
    Column("key", Text, nullable=False),
    Column("title", Text),
    Column("published", String(10)),  # ISO, so that it sorts the same in both databases
    Column("language", String),
    Column("url", Text),
    Column("rights", Text),
    Column("event", String),
    Column("originator", Text),  # whose text it is, where the outlet is only its host
    Column("copy_group", String, index=True),
    Column("metadata", Text, nullable=False, default="{}"),
)
revisions = Table(
    "revisions",
    metadata,
    Column("id", String, primary_key=True),
    Column("article", ForeignKey("articles.id"), nullable=False, index=True),
    Column("number", Integer, nullable=False),  # 0 is the first, which estimates use
    Column("text", Text, nullable=False),
    Column("digest", String, nullable=False),
    Column("reason", String, nullable=False),
)
split_articles = Table(
    "split_articles",  # what was added as one article and was split into several: kept, and no longer counted
    metadata,
    Column("id", String, primary_key=True),  # the article's
    Column("article", Text, nullable=False),  # its row, as JSON
    Column("revisions", Text, nullable=False),  # theirs
)
split_parts = Table(
    "split_parts",
    metadata,
    Column("article", ForeignKey("articles.id"), primary_key=True),
    Column("split_article", ForeignKey("split_articles.id"), nullable=False, index=True),
    Column("number", Integer, nullable=False),  # from 1
    Column("start", Integer, nullable=False),  # in the first revision of the whole
    Column("end", Integer, nullable=False),
)
spans = Table(
    "spans",
    metadata,
    Column("id", String, primary_key=True),
    Column("revision", ForeignKey("revisions.id"), nullable=False, index=True),
    Column("unit", String, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("found_by", String, nullable=False, default="split"),  # or "coder", by whom it is kept when splitting again
)
paragraph_overrides = Table(
    "paragraph_overrides",  # what `article mark` says a paragraph is, against what the rules found
    metadata,
    Column("revision", ForeignKey("revisions.id"), primary_key=True),
    Column("start", Integer, primary_key=True),
    Column("end", Integer, primary_key=True),
    Column("kind", String, nullable=False),
)
shingle_signatures = Table(
    "shingle_signatures",  # of each article's first revision: new articles are compared without reading old ones
    metadata,
    Column("article", ForeignKey("articles.id"), primary_key=True),
    Column("recipe", String, nullable=False),  # of `corpus.copies.shingles`
    Column("signature", LargeBinary, nullable=False),
)
events = Table(
    "events",  # the rows of the event table that was imported last
    metadata,
    Column("id", _NAME, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("place", Text, nullable=False),
    Column("day", String(10), nullable=False),
    Column("gained", Text),
    Column("title", Text),
)
event_assignments = Table(
    "event_assignments",  # which event an article tells, where the article itself does not say it
    metadata,
    Column("article", ForeignKey("articles.id"), primary_key=True),
    Column("event", _NAME, nullable=False, index=True),
    Column("origin", String, nullable=False),  # "told" of a copy of it, "table" by a row's place and day, or "found"
)
span_links = Table(
    "span_links",  # the same words in a later revision: an annotation of `span` speaks of `same` too
    metadata,
    Column("span", ForeignKey("spans.id"), primary_key=True),
    Column("same_span", ForeignKey("spans.id"), primary_key=True),
)
annotations = Table(
    "annotations",
    metadata,
    Column("span", ForeignKey("spans.id"), primary_key=True),
    Column("variable", _NAME, primary_key=True),
    Column("coder", _NAME, primary_key=True),
    Column("round", _NAME, primary_key=True, default=""),
    Column("code", String, nullable=False),
    Column("arm", String, nullable=False, default="blind"),
    Column("codebook_version", String, nullable=False),
    Column("made_at", String),
    Column("memo", Text, nullable=False, default=""),
    Column("seconds", Float),
    Column("simulated", Boolean, nullable=False, default=False),
)
adjudications = Table(
    "adjudications",  # beside the annotations, never in their place; a round that was only imported has a name alone
    metadata,
    Column("round", _NAME, primary_key=True, default=""),
    Column("span", ForeignKey("spans.id"), primary_key=True),
    Column("variable", _NAME, primary_key=True),
    Column("code", String, nullable=False),
    Column("by", _NAME, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("confidence", Float),
    Column("made_at", String),
    Column("codebook_version", String, nullable=False),
)
adjudication_projects = Table(
    "adjudication_projects",  # where an adjudicator's project of a round lies in Label Studio
    metadata,
    Column("round", _NAME, primary_key=True, default=""),
    Column("adjudicator", _NAME, primary_key=True),
    Column("server", String, nullable=False),
    Column("project", Integer, nullable=False),
)
raw_annotations = Table(
    "raw_annotations",  # as they were given, of those that were re-read under a later version of the codebook
    metadata,
    Column("span", ForeignKey("spans.id"), primary_key=True),
    Column("variable", _NAME, primary_key=True),
    Column("coder", _NAME, primary_key=True),
    Column("round", _NAME, primary_key=True, default=""),
    Column("codebook_version", String, primary_key=True),
    Column("code", String, nullable=False),
    Column("arm", String, nullable=False),
    Column("made_at", String),
    Column("memo", Text, nullable=False, default=""),
    Column("seconds", Float),
    Column("simulated", Boolean, nullable=False, default=False),
)
suggestions = Table(
    "suggestions",
    metadata,
    Column("span", ForeignKey("spans.id"), primary_key=True),
    Column("variable", _NAME, primary_key=True),
    Column("model", String, primary_key=True),
    Column("fold", String, nullable=False, default=""),
    Column("probabilities", Text, nullable=False),
)
feeds = Table(
    "feeds",
    metadata,
    Column("url", Text, primary_key=True),  # as it was added
    Column("outlet", ForeignKey("outlets.name"), nullable=False),
    Column("title", Text),
    Column("moved", Text),  # where a 301 says that it is for good
    Column("headers", Text, nullable=False, default="{}"),  # its etag and last-modified, for conditional requests
    Column("listed", Integer, nullable=False, default=0),  # entries when it was last read
    Column("checked_at", String),
    Column("why", Text),  # what went wrong at the last poll
)
feed_entries = Table(
    "feed_entries",  # what a feed has announced, stored before it is fetched: a poll can be stopped at any time
    metadata,
    Column("id", String, primary_key=True),
    Column("feed", ForeignKey("feeds.url"), nullable=False, index=True),
    Column("url", Text, index=True),
    Column("stamp", String, nullable=False),  # another one says that the feed calls the entry changed
    Column("content", Text, nullable=False),  # the feed's own words, as JSON
    Column("state", String, nullable=False, default="pending"),  # or "taken", "refused"
    Column("why", Text),
    Column("tries", Integer, nullable=False, default=0),
    Column("article", ForeignKey("articles.id"), index=True),
)
pages = Table(
    "pages",  # what was fetched; the bytes lie in the study's folder pages/, by their digest
    metadata,
    Column("id", String, primary_key=True),  # of address and digest
    Column("url", Text, nullable=False, index=True),  # as it was asked for
    Column("final", Text, nullable=False),  # after redirects
    Column("digest", String, nullable=False),
    Column("headers", Text, nullable=False),
    Column("fetched_at", String, nullable=False),
)
feed_hosts = Table(
    "feed_hosts",  # what is remembered of whom we ask; times are seconds since 1970
    metadata,
    Column("origin", Text, primary_key=True),
    Column("robots", Text, nullable=False, default=""),
    Column("robots_until", Float, nullable=False, default=0.0),
    Column("rest_until", Float, nullable=False, default=0.0),
)
rounds = Table(
    "rounds",
    metadata,
    Column("name", _NAME, primary_key=True),
    Column("purpose", String, nullable=False),
    Column("layout", String, nullable=False),
    Column("codebook_version", String, nullable=False),
    Column("assisted", Float, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("made_at", String, nullable=False),
    Column("frame", Text, nullable=False),  # the ids that it was drawn from, as JSON
)
round_designs = Table(
    "round_designs",  # how a round was drawn, and the probability of whatever could have been
    metadata,
    Column("round", ForeignKey("rounds.name"), primary_key=True),
    Column("design", Text, nullable=False),
    Column("strata", Text, nullable=False),  # each one's size in the frame and in the draw
    Column("model", String),  # whose doubt decided
    Column("beside", _NAME, nullable=False, default=""),  # the round whose terms this one checks
    Column("pi", Text, nullable=False),  # of each span of the frame, in its order
    Column("closed", Text, nullable=False),  # of spans that earlier rounds drew: π as if they had not
)
draws = Table(
    "draws",
    metadata,
    Column("round", ForeignKey("rounds.name"), primary_key=True),
    Column("span", ForeignKey("spans.id"), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("pi", Float, nullable=False),
    Column("stratum", _NAME, nullable=False, default=""),
)
assignments = Table(
    "assignments",
    metadata,
    Column("round", ForeignKey("rounds.name"), primary_key=True),
    Column("span", ForeignKey("spans.id"), primary_key=True),
    Column("coder", _NAME, primary_key=True),
    Column("arm", String, nullable=False),
    Column("probability", Float, nullable=False),
)
outcomes = Table(
    "outcomes",  # what became of an assignment; no row where nobody answered
    metadata,
    Column("round", ForeignKey("rounds.name"), primary_key=True),
    Column("span", ForeignKey("spans.id"), primary_key=True),
    Column("coder", _NAME, primary_key=True),
    Column("state", String, nullable=False),
    Column("reason", String, nullable=False, default=""),
    Column("memo", Text, nullable=False, default=""),
    Column("seconds", Float),
    Column("at", String),
)
round_suggestions = Table(
    "round_suggestions",  # the suggestions of a round with two arms, shown in one and kept from the other
    metadata,
    Column("round", ForeignKey("rounds.name"), primary_key=True),
    Column("span", ForeignKey("spans.id"), primary_key=True),
    Column("variable", _NAME, primary_key=True),
    Column("model", String, nullable=False),
    Column("fold", String, nullable=False, default=""),
    Column("probabilities", Text, nullable=False),
)
studio_projects = Table(
    "studio_projects",  # where a coder's queue of a round lies in Label Studio
    metadata,
    Column("round", ForeignKey("rounds.name"), primary_key=True),
    Column("coder", _NAME, primary_key=True),
    Column("server", String, nullable=False),
    Column("project", Integer, nullable=False),
    Column("configuration", String, nullable=False),  # its digest
)
studio_tasks = Table(
    "studio_tasks",  # the ledger of what was sent to Label Studio; a row without a task was sent and not yet seen there
    metadata,
    Column("round", ForeignKey("rounds.name"), primary_key=True),
    Column("span", ForeignKey("spans.id"), primary_key=True),
    Column("coder", _NAME, primary_key=True),
    Column("task", Integer),
    Column("model", String),  # whose suggestion it shows
)
