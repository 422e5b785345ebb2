"""Fetching: the only file that opens a network connection for articles, and how much it takes from a stranger."""

from __future__ import annotations

import asyncio
import importlib.util
import socket
import sys
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import urljoin
from urllib.robotparser import RobotFileParser

import httpx

from corpus.errors import BadAddress, NotFetched

from . import politeness as polite
from .addresses import Address, allowed_ips, parse_address
from .decompression import Decompressor
from .politeness import FetchLimits, Host, OriginState

if importlib.util.find_spec("sniffio") is None:
    # httpcore imports it, if it is there, several times a request, and each time Python would search its whole path for
    # a module that is not: a third of a request's time. Said once, the answer is at hand.
    sys.modules["sniffio"] = None  # type: ignore[assignment]

Resolve = Callable[[str, int], Sequence[str]]
Result = TypeVar("Result")

_REDIRECTS = {301: True, 302: False, 303: False, 307: False, 308: True}  # status of a redirect: whether it is for good
_BUSY = (429, 500, 502, 503, 504)
_ROBOTS_SIZE = 512_000  # bytes; RFC 9309 (2.5) asks to read at least 500 KiB
_MAX_IPS = 3  # of a host's addresses that are tried


def run_async(work: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end, in a thread of its own where the caller's has a running loop, as that of a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@dataclass(frozen=True)
class Page:
    """What a server answered: 200 with a body, or 304 where nothing changed."""

    asked: str
    url: str  # after redirects
    moved: str | None  # where the address has moved for good
    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def unchanged(self) -> bool:
        """Whether the server says that the page is as it was."""
        return self.status == 304


def resolve_host(host: str, port: int) -> Sequence[str]:
    """Ask the system for a host's IP addresses."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Fetcher:
    """Fetches pages politely: many hosts at once, one connection to each; used as an asynchronous context.

    Connections are made to the very IP address that was checked, so that a name which changes its mind between the two
    reaches nothing. Cookies are not kept, proxies of the environment not used (they would resolve names unchecked), and
    each request has a connection of its own: pauses outlast what servers keep open.
    """

    def __init__(
        self,
        manners: FetchLimits | None = None,
        *,
        memory: dict[str, OriginState] | None = None,
        resolve: Resolve = resolve_host,
    ) -> None:
        self.manners = manners or FetchLimits()
        self.memory = {} if memory is None else memory
        self.hosts: dict[str, Host] = {}
        self._rules: dict[str, tuple[str, RobotFileParser]] = {}
        self._reading: dict[str, asyncio.Lock] = {}  # of robots.txt, by origin
        self._resolve = resolve
        self._agent = self.manners.user_agent

    async def __aenter__(self) -> Fetcher:
        self._room = asyncio.Semaphore(self.manners.at_once)
        self._threads = ThreadPoolExecutor(32, "names")  # a slow name server holds up nobody else
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        self._transport = httpx.AsyncHTTPTransport(limits=limits)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        await self._transport.aclose()

    async def get(self, url: str, known: Mapping[str, str] | None = None) -> Page:
        """Return the page at an address.

        `known` holds the headers of the page as it was had before: its `etag` and `last-modified` are sent along, and
        an unchanged page comes back as a 304 without a body. Redirects are followed, counted and checked.

        Raises BadAddress where an address may not be asked, NotFetched where no page came.
        """
        headers = _conditional_headers(known or {})
        address = parse_address(url)
        seen, moved, for_good = [address.url], None, True
        while True:
            page = await self._politely(address, headers)
            if page.status not in _REDIRECTS or "location" not in page.headers:
                break
            address = parse_address(urljoin(address.url, page.headers["location"]))
            for_good = for_good and _REDIRECTS[page.status]
            moved = address.url if for_good else moved
            if address.url in seen:
                raise NotFetched(f"its redirects go in a circle, back to {address.url}")
            if len(seen) > self.manners.redirects:
                raise NotFetched(f"more than {self.manners.redirects} redirects, the last one to {address.url}")
            seen.append(address.url)
        if page.status == 304 and headers:
            return Page(url, address.url, moved, 304, page.headers, b"")
        if page.status != 200:
            reason = httpx.codes.get_reason_phrase(page.status)
            raise NotFetched(f"the server answers {page.status} {reason}".strip(), retry=page.status in (408, 425))
        return Page(url, address.url, moved, 200, page.headers, page.body)

    async def _politely(self, address: Address, headers: Mapping[str, str]) -> Page:
        """Ask for a page where robots.txt allows it."""
        rules = await self._robots(address)
        if not rules.can_fetch(polite.ROBOTS_TOKEN, address.url):
            raise NotFetched(f"the robots.txt of {address.host} disallows it")
        return await self._in_turn(address, headers, max(self.manners.delay, polite.crawl_delay(rules)))

    async def _in_turn(
        self, address: Address, headers: Mapping[str, str], delay: float, size: int | None = None
    ) -> Page:
        """Ask once it is this request's turn with its host."""
        host = self.hosts.setdefault(address.host, Host(address.host))
        async with host.turn:
            host.check()
            left = self.memory.setdefault(address.origin, OriginState()).rest_until - time.time()
            if left > polite.MAX_WAIT:
                raise NotFetched(f"{host.name} asked not to be asked again for {left:.0f} s", retry=True)
            if left > 0:
                host.free_at = max(host.free_at, time.monotonic() + left)
            return await self._asked(host, address, headers, delay, size or self.manners.size)

    async def _asked(self, host: Host, address: Address, headers: Mapping[str, str], delay: float, size: int) -> Page:
        for attempt in range(polite.MAX_TRIES):
            await host.pause()
            host.requests += 1
            try:
                page = await self._answer(address, headers, size)
            except NotFetched as error:
                if error.retry:
                    host.failed()
                raise
            finally:
                host.rest(delay)
            if page.status not in _BUSY:
                host.failures = 0
                return page
            wait = polite.retry_after(page.headers.get("retry-after"), time.time())
            wait = delay * 2 ** (attempt + 1) if wait is None else wait
            host.rest(max(wait, delay))
            if wait > polite.MAX_WAIT:
                self.memory.setdefault(address.origin, OriginState()).rest_until = time.time() + wait
                why = f"the server answers {page.status} and asks for a pause of {wait:.0f} s, which it gets"
                raise NotFetched(why, retry=True)
        host.failed()
        raise NotFetched(f"the server answers {page.status} {polite.MAX_TRIES} times", retry=True)

    async def _robots(self, address: Address) -> RobotFileParser:
        """Return what the origin's robots.txt says, asked for at most once a day. Raises NotFetched, BadAddress."""
        memory = self.memory.setdefault(address.origin, OriginState())
        async with self._reading.setdefault(address.origin, asyncio.Lock()):
            if memory.robots_until < time.time():
                memory.robots = await self._robots_text(address)
                memory.robots_until = time.time() + polite.ROBOTS_LIFETIME
        kept = self._rules.get(address.origin)
        if kept is None or kept[0] != memory.robots:  # parsed once, not for each page
            kept = self._rules[address.origin] = (memory.robots, polite.parse_robots(memory.robots))
        return kept[1]

    async def _robots_text(self, address: Address) -> str:
        here = parse_address(f"{address.origin}/robots.txt")
        for _ in range(self.manners.redirects + 1):
            try:
                page = await self._in_turn(here, {}, self.manners.delay, _ROBOTS_SIZE)
            except NotFetched as error:
                why = f"the robots.txt of {address.host} cannot be read: {error}"
                raise NotFetched(why, retry=error.retry) from None
            if page.status not in _REDIRECTS or "location" not in page.headers:
                break
            here = parse_address(urljoin(here.url, page.headers["location"]))
        if page.status in (401, 403):  # as the standard library reads it: who may not read the rules may read nothing
            return "User-agent: *\nDisallow: /"
        return page.body.decode("utf-8", "replace") if page.status == 200 else ""

    async def _answer(self, address: Address, headers: Mapping[str, str], size: int) -> Page:
        """Ask one address once, within the limits of time and size."""
        limit = self.manners.seconds
        async with self._room:
            try:
                async with asyncio.timeout(limit):
                    return await self._connected(address, headers, size)
            except TimeoutError:
                raise NotFetched(f"no whole answer came within {limit:g} s", retry=True) from None
            except (httpx.HTTPError, httpx.StreamError, OSError) as error:
                said = str(error).strip() or type(error).__name__
                raise NotFetched(f"the connection to {address.host} failed ({said[:120]})", retry=True) from None

    async def _connected(self, address: Address, headers: Mapping[str, str], size: int) -> Page:
        loop = asyncio.get_running_loop()
        try:
            ips = await loop.run_in_executor(self._threads, self._resolve, address.host, address.port)
        except (OSError, UnicodeError):
            why = f"there is no host {address.host}; check the address, or the network"
            raise NotFetched(why, retry=True) from None
        ips = allowed_ips(address, ips, self.manners.allow)[:_MAX_IPS]
        for number, ip in enumerate(ips, 1):
            request = httpx.Request(
                "GET",
                address.at(ip),
                headers={
                    "Host": address.netloc,
                    "User-Agent": self._agent,
                    "Accept": "application/feed+json, application/rss+xml, application/atom+xml, text/html, */*;q=0.5",
                    "Accept-Encoding": "gzip, deflate",
                    "Connection": "close",
                    **headers,
                },
                extensions={"sni_hostname": address.host, "timeout": httpx.Timeout(10).as_dict()},
            )
            try:
                response = await self._transport.handle_async_request(request)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if number == len(ips):
                    raise
                continue
            try:
                response.request = request
                fields = {name.lower(): value for name, value in response.headers.items()}
                body = await _read_body(response, size) if response.status_code == 200 else b""
                return Page(address.url, address.url, None, response.status_code, fields, body)
            finally:
                await response.aclose()
        raise BadAddress(f"{address.host} has no address")


def _conditional_headers(known: Mapping[str, str]) -> dict[str, str]:
    said = {"If-None-Match": known.get("etag"), "If-Modified-Since": known.get("last-modified")}
    return {name: value for name, value in said.items() if value and value.isascii() and value.isprintable()}


async def _read_body(response: httpx.Response, size: int) -> bytes:
    """Read a body up to `size` bytes, packed and unpacked; what is longer is left. Raises NotFetched."""
    too_long = NotFetched(f"the page has more than {size:,} bytes")
    declared = response.headers.get("content-length", "")
    if declared.isdigit() and int(declared[:18]) > size:
        raise too_long
    unpack = Decompressor(response.headers.get("content-encoding", ""))
    parts: list[bytes] = []
    packed = unpacked = 0
    async for piece in response.aiter_raw():
        packed += len(piece)
        parts.append(unpack(piece, size - unpacked + 1))
        unpacked += len(parts[-1])
        if max(packed, unpacked) > size:
            raise too_long
    unpack.end()
    return b"".join(parts)
