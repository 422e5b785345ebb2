"""Manners: how a fetcher behaves towards a host: one request at a time, pauses, robots.txt, waiting when asked to."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from urllib.robotparser import RobotFileParser

from corpus.errors import NotFetched

ROBOTS_TOKEN = "Slantwise"  # noqa: S105 - the name that robots.txt files address us by
MAX_TRIES = 3  # requests for one page, where the server is busy or broken
MAX_WAIT = 60.0  # seconds; who asks for a longer wait is asked again at a later poll
MAX_FAILURES = 3  # pages in a row that failed: the host is left alone for REST
REST = 600.0  # seconds
ROBOTS_LIFETIME = 86_400.0  # seconds that a robots.txt is believed, as RFC 9309 (2.4) allows


@dataclass(frozen=True)
class FetchLimits:
    """What a study says about fetching.

    Times are in seconds, sizes in bytes; `size` holds for what comes over the wire and for what it unpacks to.
    """

    delay: float = 5.0  # between the end of one request to a host and the next; trafilatura's own crawler waits as long
    seconds: float = 30.0  # for one whole answer
    size: int = 10_000_000
    redirects: int = 5
    at_once: int = 64  # open connections, to as many hosts
    allow: tuple[str, ...] = ()
    contact: str | None = None

    @property
    def user_agent(self) -> str:
        """Who asks, and how to reach them.

        >>> FetchLimits(contact="mailto:desk@university.example").user_agent.partition(" ")[2]
        '(media research; reads feeds and obeys robots.txt; mailto:desk@university.example)'
        """
        try:
            number = version("slantwise")
        except PackageNotFoundError:  # run from a checkout
            number = "0"
        about = "media research; reads feeds and obeys robots.txt"
        return f"{ROBOTS_TOKEN}/{number} ({about}{'; ' + self.contact if self.contact else ''})"


@dataclass
class OriginState:
    """What is remembered of an origin from poll to poll; times are seconds since 1970."""

    robots: str = ""  # the text of its robots.txt; an empty one allows everything
    robots_until: float = 0.0
    rest_until: float = 0.0  # it asked to be left alone until then


@dataclass
class Host:
    """One host while it is being asked; whoever holds `turn` may speak to it."""

    name: str
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0  # on the monotonic clock
    failures: int = 0
    given_up: float = 0.0  # on the monotonic clock
    requests: int = 0

    async def pause(self) -> None:
        """Wait until the host may be asked again. Raises NotFetched where that is too long."""
        left = self.free_at - time.monotonic()
        if left > MAX_WAIT:
            raise NotFetched(
                f"{self.name} asks for {left:.0f} s between two requests; ask again at a later poll", retry=True
            )
        if left > 0:
            await asyncio.sleep(left)

    def check(self) -> None:
        """Raise NotFetched where the host has failed too often just now."""
        if time.monotonic() < self.given_up:
            raise NotFetched(f"{self.name} failed {MAX_FAILURES} times in a row and is left alone for now", retry=True)

    def failed(self) -> None:
        """Count a failure; after some in a row the host is left alone."""
        self.failures += 1
        if self.failures >= MAX_FAILURES:
            self.failures, self.given_up = 0, time.monotonic() + REST

    def rest(self, seconds: float) -> None:
        """Leave the host alone for so long, counted from now."""
        self.free_at = time.monotonic() + seconds


def parse_robots(text: str) -> RobotFileParser:
    """Return the rules of a robots.txt.

    >>> parse_robots("User-agent: *" + chr(10) + "Disallow: /private/").can_fetch(ROBOTS_TOKEN, "https://herald.example/private/a")
    False
    """
    rules = RobotFileParser()
    rules.parse(text.splitlines())
    return rules


def crawl_delay(rules: RobotFileParser) -> float:
    """Return the seconds that a robots.txt asks for between two requests, 0 where it names none."""
    try:
        return float(rules.crawl_delay(ROBOTS_TOKEN) or 0)
    except (TypeError, ValueError):
        return 0.0


def retry_after(header: str | None, now: float) -> float | None:
    """Return the seconds that a Retry-After header asks for: a number or a date; None where it says neither.

    >>> retry_after("120", now=0), retry_after("Thu, 01 Jan 1970 00:01:00 GMT", now=0), retry_after("soon", now=0)
    (120.0, 60.0, None)
    """
    if not header:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None
