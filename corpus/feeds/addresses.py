"""Addresses: what may be fetched from the open web, and which machines may never be asked."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from urllib.parse import urldefrag, urlsplit, urlunsplit

from corpus.errors import BadAddress

_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # an IPv4 address as networks without IPv4 write it
_PORTS = {"http": 80, "https": 443}
MAX_URL_BYTES = 2000  # bytes; browsers take little more, and PostgreSQL's index little more than that


@dataclass(frozen=True)
class Address:
    """An http or https address, taken apart."""

    url: str
    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> str:
        """Scheme, host and port, for which one robots.txt speaks."""
        return f"{self.scheme}://{self.netloc}"

    @property
    def netloc(self) -> str:
        """Host and port as a URL and the Host header write them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def at(self, ip: str) -> str:
        """Return the URL with the host replaced by one of its IP addresses, so that this one is connected to."""
        parts = urlsplit(self.url)
        host = f"[{ip}]" if ":" in ip else ip
        return urlunsplit((self.scheme, f"{host}:{self.port}", parts.path or "/", parts.query, ""))


def parse_address(url: str) -> Address:
    """Take an address apart; its fragment is dropped.

    Raises BadAddress where it is not http or https, names no host, or carries a password.

    >>> parse_address("HTTPS://Herald.example:443/velo?id=1#top").url
    'https://herald.example/velo?id=1'
    """
    url = urldefrag(url.strip())[0]
    if len(url.encode(errors="replace")) > MAX_URL_BYTES or any(
        c.isspace() or ord(c) < 32 or ord(c) == 127 for c in url
    ):
        raise BadAddress(f"{url[:80]!r} is no address: it holds blanks, or more than {MAX_URL_BYTES} bytes")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        # an international name goes out as DNS writes it, so that what is checked is what is asked
        host = host.encode("idna").decode() if host and not host.isascii() else host
    except ValueError as error:  # UnicodeError is one
        raise BadAddress(f"{url[:80]!r} is no address ({str(error)[:60]})") from None
    scheme = parts.scheme.lower()
    if scheme not in _PORTS:
        raise BadAddress(f"{url[:80]!r} is neither http nor https; nothing else is fetched")
    if not host:
        raise BadAddress(f"{url[:80]!r} names no host; expected https://host/path")
    if parts.username or parts.password:
        raise BadAddress(f"the address at {host} carries a name or password, which would be stored; leave it out")
    bare = Address(url, scheme, host.lower().rstrip("."), _PORTS[scheme] if port is None else port)
    return Address(urlunsplit((scheme, bare.netloc, parts.path or "/", parts.query, "")), scheme, bare.host, bare.port)


def is_public(ip: str) -> bool:
    """Say whether an IP address lies in the public internet: not private, loopback, link-local, multicast, reserved.

    >>> [is_public(ip) for ip in ("93.184.215.14", "127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "100.64.0.1")]
    [True, False, False, False, False]
    """
    address = ipaddress.ip_address(ip.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return address.is_global and not address.is_multicast and not address.is_reserved


def allowed_ips(address: Address, ips: Sequence[str], allow: Collection[str] = ()) -> Sequence[str]:
    """Return the IP addresses that may be connected to: all that the host has, or none.

    One private address among public ones is enough to refuse: a host that names both plays a trick. `allow` holds the
    hosts (or `host:port`) that the study allows although they are private, by the name that stands in the URL.

    Raises BadAddress.

    >>> allowed_ips(parse_address("http://herald.example/"), ["93.184.215.14"])
    ['93.184.215.14']
    """
    if address.host in allow or f"{address.host}:{address.port}" in allow:
        return ips
    if hidden := [ip for ip in ips if not is_public(ip)]:
        raise BadAddress(
            f"{address.host} leads to {hidden[0]}, an address inside a machine or a private network; if you trust it, "
            f'write into study.toml: [feeds] allow = ["{address.host}"]'
        )
    return ips
