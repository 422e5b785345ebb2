"""Fetch pages over HTTP politely and within limits; the only file that opens network connections for articles."""

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
from urllib.robotparser import RobotFileParser

import httpx

from corpus.errors import BadAddress, NotFetched

from . import politeness
from .addresses import Address, allowed_ips, follow, parse_address
from .decompression import Decompressor
from .politeness import FetchLimits, Host, OriginState

if importlib.util.find_spec("sniffio") is None:
    # httpcore tries to import it several times per request, and Python searches its whole path each time: a third of a
    # request's time. An entry of None makes the import fail at once.
    sys.modules["sniffio"] = None  # type: ignore[assignment]

Resolve = Callable[[str, int], Sequence[str]]
Result = TypeVar("Result")

_REDIRECTS = {301: True, 302: False, 303: False, 307: False, 308: True}  # status of a redirect: whether it is permanent
_BUSY = (429, 500, 502, 503, 504, *range(520, 531))  # from 520: what a content network says of its server
_ROBOTS_SIZE = 512_000  # bytes; RFC 9309 (2.5) asks to read at least 500 KiB
_MAX_IPS = 3  # IP addresses of a host that are tried


def run_async(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine to its end, in a separate thread if the caller has a running event loop, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@dataclass(frozen=True)
class Page:
    """A server's response: 200 with a body, or 304 if nothing changed."""

    requested: str  # address
    url: str  # after redirects
    moved: str | None  # new address after permanent redirects
    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def unchanged(self) -> bool:
        """Whether the server reports that the page has not changed."""
        return self.status == 304


def resolve_host(host: str, port: int) -> Sequence[str]:
    """Return a host's IP addresses, from the system's resolver."""
    infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return list(dict.fromkeys(str(info[4][0]) for info in infos))


class Fetcher:
    """Fetches pages politely, from many hosts at once with one connection each; an asynchronous context manager.

    Connections go to the IP address that was checked, so that a name which resolves differently a moment later (DNS
    rebinding) reaches nothing. Cookies are not stored, proxies of the environment are not used (they would resolve
    names unchecked), and each request has its own connection, since pauses are longer than servers keep one open.
    """

    def __init__(
        self,
        limits: FetchLimits | None = None,
        *,
        origins: dict[str, OriginState] | None = None,
        resolve: Resolve = resolve_host,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.limits = limits or FetchLimits()
        self.origins = {} if origins is None else origins
        self.hosts: dict[str, Host] = {}
        self._rules: dict[str, tuple[str, RobotFileParser]] = {}
        self._robots_locks: dict[str, asyncio.Lock] = {}  # by origin
        self._resolve, self._clock = resolve, clock
        self._agent = self.limits.user_agent

    async def __aenter__(self) -> Fetcher:
        self._connections = asyncio.Semaphore(self.limits.at_once)
        self._threads = ThreadPoolExecutor(32, "names")  # a slow name server delays only its own requests
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        self._transport = httpx.AsyncHTTPTransport(limits=limits)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        await self._transport.aclose()

    async def get(self, url: str, validators: Mapping[str, str] | None = None) -> Page:
        """Return the page at an address.

        `validators` are the headers of the last response: its `etag` and `last-modified` are sent along, and an
        unchanged page is returned as a 304 without a body. Redirects are followed, counted and checked.

        Raises BadAddress if an address may not be fetched, NotFetched if there is no page.
        """
        headers = _conditional_headers(validators or {})
        address = parse_address(url)
        seen, moved, for_good = [address.url], None, True
        while True:
            try:
                page = await self._get_if_allowed(address, headers)
            except NotFetched as error:
                error.asked = error.asked or len(seen) > 1  # what leads here was asked for
                raise
            if page.status not in _REDIRECTS or "location" not in page.headers:
                break
            address = follow(address, page.headers["location"])
            for_good = for_good and _REDIRECTS[page.status]
            moved = address.url if for_good else moved
            if address.url in seen:
                raise NotFetched(f"its redirects form a loop, back to {address.url}")
            if len(seen) > self.limits.redirects:
                raise NotFetched(f"more than {self.limits.redirects} redirects, the last one to {address.url}")
            seen.append(address.url)
        if page.status == 304 and headers:
            return Page(url, address.url, moved, 304, page.headers, b"")
        if page.status != 200:
            reason = httpx.codes.get_reason_phrase(page.status)
            passing = page.status in (408, 425) or page.status >= 500
            raise NotFetched(f"the server answers {page.status} {reason}".strip(), retry=passing)
        return Page(url, address.url, moved, 200, page.headers, page.body)

    async def _get_if_allowed(self, address: Address, headers: Mapping[str, str]) -> Page:
        """Get a page if robots.txt allows it."""
        rules = await self._robots(address)
        if not rules.can_fetch(politeness.ROBOTS_TOKEN, address.url):
            raise NotFetched(f"the robots.txt of {address.host} disallows it")
        return await self._get_in_turn(address, headers, max(self.limits.delay, politeness.crawl_delay(rules)))

    async def _get_in_turn(
        self, address: Address, headers: Mapping[str, str], delay: float, size: int | None = None
    ) -> Page:
        """Get a page when it is this request's turn with its host."""
        host = self.hosts.setdefault(address.host, Host(address.host))
        async with host.turn:
            host.check_failures()
            wait = self.origins.setdefault(address.origin, OriginState()).rest(self._clock())
            if wait > politeness.MAX_WAIT:
                raise NotFetched(f"{host.name} asked for a pause of another {wait:.0f} s", retry=True, asked=False)
            if wait > 0:
                host.free_at = max(host.free_at, time.monotonic() + wait)
            return await self._get_with_retries(host, address, headers, delay, size or self.limits.size)

    async def _get_with_retries(
        self, host: Host, address: Address, headers: Mapping[str, str], delay: float, size: int
    ) -> Page:
        for attempt in range(politeness.MAX_TRIES):
            try:
                await host.wait_until_free()
            except NotFetched as error:
                error.asked = attempt > 0
                raise
            host.requests += 1
            try:
                page = await self._get_in_time(address, headers, size)
            except NotFetched as error:
                if error.retry:
                    host.count_failure()
                raise
            finally:
                host.pause(delay)
            if page.status not in _BUSY:
                host.failures = 0
                return page
            asked_for = politeness.retry_after(page.headers.get("retry-after"), self._clock())
            wait = delay * 2 ** (attempt + 1) if asked_for is None else asked_for
            host.pause(max(wait, delay))
            if wait > politeness.MAX_WAIT:
                origin = self.origins.setdefault(address.origin, OriginState())
                origin.rest_until = self._clock() + min(wait, politeness.MAX_REST)
                why = f"the server answers {page.status} and asks for a pause of {wait:.0f} s; it is tried again later"
                raise NotFetched(why, retry=True, wait=wait)
        host.count_failure()
        raise NotFetched(f"the server answers {page.status} {politeness.MAX_TRIES} times", retry=True)

    async def _robots(self, address: Address) -> RobotFileParser:
        """Return the rules of the origin's robots.txt, fetched at most once a day. Raises NotFetched, BadAddress."""
        origin = self.origins.setdefault(address.origin, OriginState())
        async with self._robots_locks.setdefault(address.origin, asyncio.Lock()):
            if not origin.knows_robots(self._clock()):
                origin.robots = await self._robots_text(address)
                origin.robots_until = self._clock() + politeness.ROBOTS_LIFETIME
        cached = self._rules.get(address.origin)
        if cached is None or cached[0] != origin.robots:  # parsed once, not for every page
            cached = self._rules[address.origin] = (origin.robots, politeness.parse_robots(origin.robots))
        return cached[1]

    async def _robots_text(self, address: Address) -> str:
        robots_address = parse_address(f"{address.origin}/robots.txt")
        for _ in range(self.limits.redirects + 1):
            try:
                page = await self._get_in_turn(robots_address, {}, self.limits.delay, _ROBOTS_SIZE)
            except NotFetched as error:
                why = f"the robots.txt of {address.host} cannot be read: {error}"
                raise NotFetched(why, retry=error.retry, asked=False, wait=error.wait) from None
            if page.status not in _REDIRECTS or "location" not in page.headers:
                break
            robots_address = follow(robots_address, page.headers["location"])
        if page.status in (401, 403):  # as in the standard library: no access to the rules means no access at all
            return "User-agent: *\nDisallow: /"
        return page.body.decode("utf-8", "replace") if page.status == 200 else ""

    async def _get_in_time(self, address: Address, headers: Mapping[str, str], size: int) -> Page:
        """Send one request, within the limits on time and size."""
        limit = self.limits.seconds
        async with self._connections:
            try:
                async with asyncio.timeout(limit):
                    return await self._request(address, headers, size)
            except TimeoutError:
                raise NotFetched(f"the response was not complete within {limit:g} s", retry=True) from None
            except (httpx.HTTPError, httpx.StreamError, OSError) as error:
                reason = str(error).strip() or type(error).__name__
                raise NotFetched(f"the connection to {address.host} failed ({reason[:120]})", retry=True) from None

    async def _request(self, address: Address, headers: Mapping[str, str], size: int) -> Page:
        loop = asyncio.get_running_loop()
        try:
            ips = await loop.run_in_executor(self._threads, self._resolve, address.host, address.port)
        except (OSError, UnicodeError):
            why = f"the host {address.host} was not found; check the address, or the network"
            raise NotFetched(why, retry=True, asked=False) from None
        ips = allowed_ips(address, ips, self.limits.allow)[:_MAX_IPS]
        for number, ip in enumerate(ips, 1):
            request = httpx.Request(
                "GET",
                address.with_ip(ip),
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
        raise BadAddress(f"{address.host} has no IP address")


def _conditional_headers(validators: Mapping[str, str]) -> dict[str, str]:
    headers = {"If-None-Match": validators.get("etag"), "If-Modified-Since": validators.get("last-modified")}
    return {name: value for name, value in headers.items() if value and value.isascii() and value.isprintable()}


async def _read_body(response: httpx.Response, size: int) -> bytes:
    """Read a body of at most `size` bytes, compressed and decompressed. Raises NotFetched if it is longer."""
    too_long = NotFetched(f"the page has more than {size:,} bytes")
    declared = response.headers.get("content-length", "")
    if declared.isdigit() and int(declared[:18]) > size:
        raise too_long
    decompress = Decompressor(response.headers.get("content-encoding", ""))
    parts: list[bytes] = []
    packed = unpacked = 0
    async for piece in response.aiter_raw():
        packed += len(piece)
        parts.append(decompress(piece, size - unpacked + 1))
        unpacked += len(parts[-1])
        if max(packed, unpacked) > size:
            raise too_long
    decompress.finish()
    return b"".join(parts)
