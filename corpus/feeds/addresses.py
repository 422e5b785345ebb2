"""Parse web addresses and decide which may be fetched: http(s) only, and nothing inside private networks."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin, urlsplit, urlunsplit

from corpus.errors import BadAddress

_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # IPv4 addresses in IPv6-only networks
_PORTS = {"http": 80, "https": 443}
MAX_URL_BYTES = 2000  # browsers accept little more, and PostgreSQL's index little more than that


@dataclass(frozen=True)
class Address:
    """An http or https address and its parts."""

    url: str
    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> str:
        """Scheme, host and port: what one robots.txt applies to."""
        return f"{self.scheme}://{self.netloc}"

    @property
    def netloc(self) -> str:
        """Host and port as in a URL and in the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def with_ip(self, ip: str) -> str:
        """Return the URL with the host replaced by one of its IP addresses, to connect to exactly that one."""
        parts = urlsplit(self.url)
        host = f"[{ip}]" if ":" in ip else ip
        return urlunsplit((self.scheme, f"{host}:{self.port}", parts.path or "/", parts.query, ""))


def parse_address(url: str) -> Address:
    """Parse an address and drop its fragment.

    Raises BadAddress if it is not http or https, has no host, or contains a password.

    >>> parse_address("HTTPS://Herald.example:443/velo?id=1#top").url
    'https://herald.example/velo?id=1'
    """
    url = url.strip()
    try:
        url = urldefrag(url)[0]
        if len(url.encode(errors="replace")) > MAX_URL_BYTES or any(
            c.isspace() or ord(c) < 32 or ord(c) == 127 for c in url
        ):
            raise BadAddress(f"{url[:80]!r} is not an address: it has blanks, or more than {MAX_URL_BYTES} bytes")
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        # international names are encoded as in DNS, so that the checked host is the requested one
        host = host.encode("idna").decode() if host and not host.isascii() else host
    except ValueError as error:  # includes UnicodeError
        raise BadAddress(f"{url[:80]!r} is not an address ({str(error)[:60]})") from None
    scheme = parts.scheme.lower()
    if scheme not in _PORTS:
        raise BadAddress(f"{url[:80]!r} is neither http nor https; only these are fetched")
    if not host:
        raise BadAddress(f"{url[:80]!r} has no host; expected https://host/path")
    if parts.username or parts.password:
        raise BadAddress(f"the address at {host} contains a name or password, which would be stored; remove it")
    bare = Address(url, scheme, host.lower().rstrip("."), _PORTS[scheme] if port is None else port)
    return Address(urlunsplit((scheme, bare.netloc, parts.path or "/", parts.query, "")), scheme, bare.host, bare.port)


def follow(address: Address, location: str) -> Address:
    """Return the address that a redirect from `address` leads to.

    Raises BadAddress as `parse_address` does.

    >>> follow(parse_address("https://herald.example/a/velo"), "../karsk").url
    'https://herald.example/karsk'
    """
    try:
        return parse_address(urljoin(address.url, location))
    except ValueError as error:
        raise BadAddress(f"{location[:80]!r} is not an address ({str(error)[:60]})") from None


def is_public(ip: str) -> bool:
    """Return whether an IP address is public: not private, loopback, link-local, multicast or reserved.

    >>> [is_public(ip) for ip in ("93.184.215.14", "127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "100.64.0.1")]
    [True, False, False, False, False]
    """
    address = ipaddress.ip_address(ip.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        ipv4 = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            ipv4 = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if ipv4 is not None:
            return is_public(str(ipv4))
    return address.is_global and not address.is_multicast and not address.is_reserved


def allowed_ips(address: Address, ips: Sequence[str], allow: Collection[str] = ()) -> Sequence[str]:
    """Return a host's IP addresses if all of them may be connected to.

    Raises BadAddress if one of them is private, even among public ones: such a host is suspicious. `allow` lists hosts
    (or `host:port`), as in the URL, that the study allows although they are private.

    >>> allowed_ips(parse_address("http://herald.example/"), ["93.184.215.14"])
    ['93.184.215.14']
    """
    if address.host in allow or f"{address.host}:{address.port}" in allow:
        return ips
    if private_ips := [ip for ip in ips if not is_public(ip)]:
        raise BadAddress(
            f"{address.host} resolves to {private_ips[0]}, an address of this machine or a private network; if you "
            f'trust it, write into study.toml: [feeds] allow = ["{address.host}"]'
        )
    return ips


def host_of(url: str | None) -> str:
    """Return the host that an address names, in small letters; "" if it names none."""
    try:
        return urlsplit(url or "").netloc.lower()
    except ValueError:
        return ""
