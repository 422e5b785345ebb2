"""A connection to Label Studio by its SDK: which request may be repeated, when a list is complete, what an error means.

The SDK's own retries are off, since it repeats a POST after a 5xx, and an import may then happen twice.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import httpx
from label_studio_sdk import LabelStudio
from label_studio_sdk.core.api_error import ApiError

from corpus.errors import NoStudio, StudioRefused, StudioUnsure

T = TypeVar("T")
Request = Callable[[LabelStudio], T]

TRIES = 5  # attempts of a repeatable request; with the waits below, half a minute
BUSY = (429, 502, 503, 504)
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout)  # the request never arrived


class Connection:
    """A connection to one Label Studio with a token; use it as a context manager or call `close`.

    Requests raise NoStudio if the server does not answer or refuses the token, StudioRefused if it refuses the request
    or answers incompletely, and StudioUnsure if it is unknown whether it did what must not be done twice.
    """

    def __init__(self, url: str, token: str, *, timeout: float = 120.0) -> None:
        self.url = url.rstrip("/")
        if not re.fullmatch(r"https?://[^\s\[]\S*", self.url) or not _has_port(self.url):
            raise NoStudio(f"{url!r} is not an address; expected one such as http://localhost:8080")
        if not re.fullmatch(r"[!-~]+", token):  # printable ASCII, which a header can hold
            raise NoStudio(f"the token for {self.url} is empty or has characters that no token has; copy it again")
        self._token = token
        self._personal = token.count(".") == 2  # a personal access token is a JWT, a legacy token 40 hexadecimal digits
        # our own: the SDK's cannot be closed, follows redirects, and waits as long to connect as to read
        self._http = httpx.Client(timeout=httpx.Timeout(timeout, connect=10.0))
        try:
            self._sdk = self._sign_in()
        except BaseException:
            self._http.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def repeat(self, what: str, request: Request[T]) -> T:
        """Send a request that may be repeated until it is answered."""
        for last in (False,) * (TRIES - 1) + (True,):
            try:
                return self._send(request)
            except httpx.RequestError as error:
                if last:
                    raise self.no_answer(error) from None
                time.sleep(0.5)
            except ApiError as error:
                if last or error.status_code not in BUSY:
                    raise self._refusal(what, error) from None
                _wait(error)
        raise AssertionError("unreachable")

    def once(self, what: str, request: Request[T]) -> T:
        """Send a request that must not be executed twice; it is repeated only if it has surely not been executed."""
        for last in (False,) * (TRIES - 1) + (True,):
            try:
                return self._send(request)
            except NOT_SENT as error:
                if last:
                    raise self.no_answer(error) from None
                time.sleep(0.5)
            except httpx.RequestError as error:
                raise StudioUnsure(f"{self.url} disconnected ({type(error).__name__}) before it answered") from None
            except ApiError as error:
                status = error.status_code or 0
                if status >= 500:
                    raise StudioUnsure(f"{self.url} answered {status} without saying what it had done") from None
                if last or status != 429:  # which was refused before it was executed
                    raise self._refusal(what, error) from None
                _wait(error)
        raise AssertionError("unreachable")

    def pages(self, noun: str, ask: Callable[[int, LabelStudio], tuple[list[Any], int]]) -> Iterator[Any]:
        """Yield the items of all pages of a list. Raises StudioRefused if it is incomplete."""
        page, seen, expected = 1, 0, 1
        while seen < expected:
            items, expected = self.repeat(f"list its {noun}", partial(ask, page))
            page, seen = page + 1, seen + len(items)
            if not items and seen < expected:
                raise StudioRefused(f"{self.url} listed {seen} of {expected} {noun}; run the command again")
            yield from items

    def _send(self, request: Request[T]) -> T:
        """Send a request. After a 401 a personal access token gets a new bearer: the SDK renews it by its age only."""
        try:
            try:
                return request(self._sdk)
            except ApiError as error:
                if error.status_code != 401 or not self._personal:
                    raise
            self._sdk = self._sign_in()
            return request(self._sdk)
        except json.JSONDecodeError:  # the answer to a renewal of the bearer, which precedes the request itself
            raise ApiError(status_code=503, body="the personal access token was not renewed") from None

    def no_answer(self, error: httpx.RequestError) -> NoStudio:
        """Return the error for a server that does not answer."""
        return NoStudio(f"{self.url} does not answer ({type(error).__name__}); is it running? slantwise studio status")

    def _refusal(self, what: str, error: ApiError) -> NoStudio | StudioRefused:
        status = error.status_code or 0
        if status == 401:
            how = "make a new one under" if self._personal else "copy it again from"
            return NoStudio(f"{self.url} refused the token; {how} Account & Settings in Label Studio")
        if status < 400:
            return StudioRefused(f"{self.url} did not answer in JSON; expected the address of a Label Studio")
        body = error.body
        if isinstance(body, dict):  # with its reason among ids and versions
            body = body.get("validation_errors") or body.get("detail") or body
        if not isinstance(body, str):
            body = json.dumps(body, ensure_ascii=False, default=str)
        return StudioRefused(f"{self.url} answered {status} when asked to {what}: {' '.join(body.split())[:300]}")

    def _sign_in(self) -> LabelStudio:
        """Make the SDK's client; one with a personal access token requests a bearer before its first request."""
        client: Callable[..., LabelStudio] = LabelStudio  # whose constructor is not typed
        try:  # the slash: without it, renewing the bearer would drop the last part of a server's path
            return client(base_url=f"{self.url}/", api_key=self._token, httpx_client=self._http, max_retries=0)
        except ApiError as error:  # the token is a JWT that has expired
            raise self._refusal("sign in", error) from None


def _has_port(url: str) -> bool:
    """Return whether the port of an address is one, or left out."""
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _wait(error: ApiError) -> None:
    """Wait as long as the server asks for, half a minute at most."""
    seconds = (error.headers or {}).get("retry-after", "")
    time.sleep(min(float(seconds), 30.0) if seconds.isdigit() else 1.0)
