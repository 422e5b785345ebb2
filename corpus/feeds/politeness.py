"""Crawl politeness: one request at a time per host, pauses, robots.txt and Retry-After."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from urllib.robotparser import RobotFileParser

from corpus.errors import NotFetched
from corpus.installed import installed_version

ROBOTS_TOKEN = "Slantwise"  # noqa: S105 - our name in robots.txt files
MAX_TRIES = 3  # requests for one page if the server is busy or broken
MAX_WAIT = 60.0  # seconds; hosts that ask for a longer wait are asked again at a later poll
MAX_FAILURES = 3  # failed pages in a row after which the host is not asked for REST
REST = 600.0  # seconds
MAX_REST = 86_400.0  # the longest pause in seconds that a host gets, whatever it asks for
ROBOTS_LIFETIME = 86_400.0  # seconds for which a robots.txt is cached, as RFC 9309 (2.4) allows


@dataclass(frozen=True)
class FetchLimits:
    """A study's limits on fetching: pauses, times, sizes, redirects and connections.

    Times are in seconds, sizes in bytes; `size` limits both the compressed and the decompressed body.
    """

    delay: float = 5.0  # between the end of one request to a host and the next; trafilatura's crawler has the same
    seconds: float = 30.0  # for one complete response
    size: int = 10_000_000
    redirects: int = 5
    at_once: int = 64  # open connections, one per host
    allow: tuple[str, ...] = ()
    contact: str | None = None

    @property
    def user_agent(self) -> str:
        """The User-Agent header: our name and how to reach the researchers.

        >>> FetchLimits(contact="mailto:desk@university.example").user_agent.partition(" ")[2]
        '(media research; reads feeds and obeys robots.txt; mailto:desk@university.example)'
        """
        number = installed_version() or "0"
        about = "media research; reads feeds and obeys robots.txt"
        return f"{ROBOTS_TOKEN}/{number} ({about}{'; ' + self.contact if self.contact else ''})"


@dataclass
class OriginState:
    """What is stored about an origin between polls; times are seconds since 1970."""

    robots: str = ""  # the text of its robots.txt; an empty one allows everything
    robots_until: float = 0.0
    rest_until: float = 0.0  # until then it asked for no requests

    def rest(self, now: float) -> float:
        """Return the seconds for which it is still to be left alone; times that a wrong clock wrote are not believed.

        >>> OriginState(rest_until=1060).rest(now=1000), OriginState(rest_until=31_536_000).rest(now=1000)
        (60.0, 0.0)
        """
        wait = self.rest_until - now
        return float(wait) if 0 < wait <= MAX_REST else 0.0

    def knows_robots(self, now: float) -> bool:
        """Return whether its robots.txt was read within a day."""
        return now <= self.robots_until <= now + ROBOTS_LIFETIME


@dataclass
class Host:
    """One host during a poll; whoever holds the lock `turn` may send it a request."""

    name: str
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0  # on the monotonic clock
    failures: int = 0
    given_up_until: float = 0.0  # on the monotonic clock
    requests: int = 0

    async def wait_until_free(self) -> None:
        """Wait until the host may be asked again. Raises NotFetched if that takes too long."""
        wait = self.free_at - time.monotonic()
        if wait > MAX_WAIT:
            raise NotFetched(
                f"{self.name} asks for {wait:.0f} s between two requests; it is tried again at a later poll",
                retry=True,
                asked=False,
            )
        if wait > 0:
            await asyncio.sleep(wait)

    def check_failures(self) -> None:
        """Raise NotFetched if the host has recently failed too often in a row."""
        if time.monotonic() < self.given_up_until:
            why = f"{self.name} failed {MAX_FAILURES} times in a row and is not asked for now"
            raise NotFetched(why, retry=True, asked=False)

    def count_failure(self) -> None:
        """Count a failure; after MAX_FAILURES in a row the host is not asked for REST seconds."""
        self.failures += 1
        if self.failures >= MAX_FAILURES:
            self.failures, self.given_up_until = 0, time.monotonic() + REST

    def pause(self, seconds: float) -> None:
        """Send the host no request for the next `seconds`."""
        self.free_at = time.monotonic() + seconds


def parse_robots(text: str) -> RobotFileParser:
    """Parse a robots.txt.

    >>> parse_robots("User-agent: *" + chr(10) + "Disallow: /private/").can_fetch(ROBOTS_TOKEN, "https://herald.example/private/a")
    False
    """
    rules = RobotFileParser()
    rules.parse(text.splitlines())
    return rules


def crawl_delay(rules: RobotFileParser) -> float:
    """Return the seconds that a robots.txt requires between two requests; 0 by default."""
    try:
        return float(rules.crawl_delay(ROBOTS_TOKEN) or 0)
    except (TypeError, ValueError):
        return 0.0


def retry_after(header: str | None, now: float) -> float | None:
    """Return the seconds of a Retry-After header, a number or a date; None if it is neither.

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
