"""Feeds and fetched pages."""

from sqlalchemy import Column, Float, ForeignKey, Integer, String, Table
from sqlalchemy.types import Text

from .base import metadata

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
    Column("state", String, nullable=False, default="pending"),  # or "taken", "refused", "removed" with its article
    Column("why", Text),
    Column("tries", Integer, nullable=False, default=0),
    Column("next_try", String),  # ISO; the page is not asked for before
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
