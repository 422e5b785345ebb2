"""The tables of a study's database, one per noun; `database` creates, reads and writes them."""

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Integer, LargeBinary, MetaData, String, Table
from sqlalchemy.dialects.postgresql import VARCHAR
from sqlalchemy.types import Text

metadata = MetaData()
_NAME = String().with_variant(VARCHAR(collation="C"), "postgresql")  # sorted alike in both databases
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
    Column("originator", Text),  # whose text it is, where the outlet only republishes it
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
    Column("published", String),  # the day of this state of the text
)
split_articles = Table(
    "split_articles",  # texts added as one article and then split into several: kept, no longer counted
    metadata,
    Column("id", String, primary_key=True),  # of the article
    Column("article", Text, nullable=False),  # its row, as JSON
    Column("revisions", Text, nullable=False),  # its revisions, as JSON
)
split_parts = Table(
    "split_parts",
    metadata,
    Column("article", ForeignKey("articles.id"), primary_key=True),
    Column("split_article", ForeignKey("split_articles.id"), nullable=False, index=True),
    Column("number", Integer, nullable=False),  # from 1
    Column("start", Integer, nullable=False),  # in the first revision of the split article, as is the end
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
    Column("found_by", String, nullable=False, default="split"),  # or "coder": kept when splitting again
)
paragraph_overrides = Table(  # kinds of paragraphs set by `article mark`, overruling the rules
    "paragraph_overrides", metadata,
    Column("revision", ForeignKey("revisions.id"), primary_key=True),
    Column("start", Integer, primary_key=True), Column("end", Integer, primary_key=True),
    Column("kind", String, nullable=False),
)  # fmt: skip
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
excluded_passages = Table(  # drawn or coded, so that their spans stay, and found later to be no text that counts
    "excluded_passages", metadata,
    Column("revision", ForeignKey("revisions.id"), primary_key=True),
    Column("start", Integer, primary_key=True), Column("end", Integer, primary_key=True),
    Column("why", String, nullable=False),
)  # fmt: skip
cut_texts = Table(  # articles of which only the beginning was read; the state is "cut", "unsure" or, by hand, "whole"
    "cut_texts", metadata,
    Column("article", ForeignKey("articles.id"), primary_key=True),
    Column("state", String, nullable=False), Column("why", Text, nullable=False),
)  # fmt: skip
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
    Column("name", _NAME, primary_key=True),  # of "spans" their unit, of "suggestions" their model
    Column("n", Integer, nullable=False),
)
scored_revisions = Table(  # how many uncoded spans of a revision the current model has scored, how many are doubtful
    "scored_revisions", metadata,
    Column("revision", ForeignKey("revisions.id"), primary_key=True),
    Column("spans", Integer, nullable=False), Column("doubtful", Integer, nullable=False),
)  # fmt: skip
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
    "event_assignments",  # the event an article reports, where its own metadata do not name one
    metadata,
    Column("article", ForeignKey("articles.id"), primary_key=True),
    Column("event", _NAME, nullable=False, index=True),
    Column("origin", String, nullable=False),  # "told" by a copy, "table" (a row's place and day) or "found"
)
span_links = Table(  # the same words in a later revision: an annotation of `span` holds for `same_span` too
    "span_links", metadata,
    Column("span", ForeignKey("spans.id"), primary_key=True),
    Column("same_span", ForeignKey("spans.id"), primary_key=True),
)  # fmt: skip
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
    "adjudications",  # as well as the annotations, never in their place; an imported round is a name only
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
adjudication_projects = Table(  # an adjudicator's Label Studio project for a round
    "adjudication_projects", metadata,
    Column("round", _NAME, primary_key=True, default=""),
    Column("adjudicator", _NAME, primary_key=True),
    Column("server", String, nullable=False), Column("project", Integer, nullable=False),
)  # fmt: skip
raw_annotations = Table(
    "raw_annotations",  # answers as they were given, before they were migrated to a later codebook version
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
    Column("moved", Text),  # the new address after a permanent redirect (301)
    Column("headers", Text, nullable=False, default="{}"),  # its etag and last-modified, for conditional requests
    Column("listed", Integer, nullable=False, default=0),  # entries when it was last read
    Column("checked_at", String),
    Column("why", Text),  # the error of the last poll
)
feed_entries = Table(
    "feed_entries",  # entries of a feed, stored before they are fetched, so that a poll can be stopped at any time
    metadata,
    Column("id", String, primary_key=True),
    Column("feed", ForeignKey("feeds.url"), nullable=False, index=True),
    Column("url", Text, index=True),
    Column("stamp", String, nullable=False),  # changes when the feed reports the entry as changed
    Column("content", Text, nullable=False),  # the entry as the feed gives it, as JSON
    Column("state", String, nullable=False, default="pending"),  # or "taken", "refused"
    Column("why", Text),
    Column("tries", Integer, nullable=False, default=0),
    Column("article", ForeignKey("articles.id"), index=True),
)
pages = Table(
    "pages",  # fetched pages; the bytes are in the study's folder pages/, by their digest
    metadata,
    Column("id", String, primary_key=True),  # of address and digest
    Column("url", Text, nullable=False, index=True),  # as requested
    Column("final", Text, nullable=False),  # after redirects
    Column("digest", String, nullable=False),
    Column("headers", Text, nullable=False),
    Column("fetched_at", String, nullable=False),
)
feed_hosts = Table(  # robots.txt and pauses of the hosts we fetch from; times are seconds since 1970
    "feed_hosts", metadata,
    Column("origin", Text, primary_key=True),
    Column("robots", Text, nullable=False, default=""), Column("robots_until", Float, nullable=False, default=0.0),
    Column("rest_until", Float, nullable=False, default=0.0),
)  # fmt: skip
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
    Column("frame", Text, nullable=False),  # the sampling frame: span ids, as JSON
)
round_designs = Table(
    "round_designs",  # how a round was drawn, with the inclusion probability of every span of the frame
    metadata,
    Column("round", ForeignKey("rounds.name"), primary_key=True),
    Column("design", Text, nullable=False),
    Column("strata", Text, nullable=False),  # each stratum's size in the frame and in the draw
    Column("model", String),  # whose uncertainty decided the probabilities
    Column("beside", _NAME, nullable=False, default=""),  # the round whose terms this one checks
    Column("pi", Text, nullable=False),  # of each span of the frame, in its order
    Column("closed", Text, nullable=False),  # π of spans that earlier rounds drew, as if they had not
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
    "outcomes",  # the outcome of an assignment; no row where nobody answered
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
    "round_suggestions",  # the suggestions of a round with two arms: shown in one, hidden in the other
    metadata,
    Column("round", ForeignKey("rounds.name"), primary_key=True),
    Column("span", ForeignKey("spans.id"), primary_key=True),
    Column("variable", _NAME, primary_key=True),
    Column("model", String, nullable=False),
    Column("fold", String, nullable=False, default=""),
    Column("probabilities", Text, nullable=False),
)
studio_projects = Table(  # a coder's Label Studio project for a round
    "studio_projects", metadata,
    Column("round", ForeignKey("rounds.name"), primary_key=True),
    Column("coder", _NAME, primary_key=True),
    Column("server", String, nullable=False),
    Column("project", Integer, nullable=False),
    Column("configuration", String, nullable=False),  # its digest
)  # fmt: skip
studio_tasks = Table(
    "studio_tasks",  # the tasks sent to Label Studio; a row without a task id was sent and not yet confirmed
    metadata,
    Column("round", ForeignKey("rounds.name"), primary_key=True),
    Column("span", ForeignKey("spans.id"), primary_key=True),
    Column("coder", _NAME, primary_key=True),
    Column("task", Integer, index=True),
    Column("model", String),  # whose suggestion the task shows
)
