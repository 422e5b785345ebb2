"""Articles, their states and their spans."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table
from sqlalchemy.types import Text

from .base import NAME, metadata

outlets = Table("outlets", metadata, Column("name", NAME, primary_key=True), Column("country", String))
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
    Column("article", ForeignKey("articles.id"), nullable=False),
    Column("number", Integer, nullable=False),  # 0 is the first, which estimates use
    Column("text", Text, nullable=False),
    Column("digest", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("published", String),  # the day of this state of the text
    Index("ix_revisions_article_number", "article", "number", unique=True),
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
span_links = Table(  # the same words in a later revision: an annotation of `span` holds for `same_span` too
    "span_links", metadata,
    Column("span", ForeignKey("spans.id"), primary_key=True),
    Column("same_span", ForeignKey("spans.id"), primary_key=True),
)  # fmt: skip
events = Table(
    "events",  # the rows of the event table that was imported last
    metadata,
    Column("id", NAME, primary_key=True),
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
    Column("event", NAME, nullable=False, index=True),
    Column("origin", String, nullable=False),  # "told" by a copy, "table" (a row's place and day) or "found"
)
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
