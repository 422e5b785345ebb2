"""Unpacking: a packed answer piece by piece, so that a bomb stays packed."""

from __future__ import annotations

import zlib

from corpus.errors import NotFetched

_MAGIC = b"\x1f\x8b"  # how gzip begins


class Decompressor:
    """Unpacks gzip and deflate, never more at a time than it is asked for; without an encoding it hands on.

    >>> import gzip
    >>> Decompressor("gzip")(gzip.compress(b"0" * 1_000_000), most=10)
    b'0000000000'
    """

    def __init__(self, encoding: str) -> None:
        name = encoding.strip().lower()
        if name not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise NotFetched(f"the page is packed as {name[:40]!r}, which was not asked for; expected gzip")
        self._deflate = name == "deflate"
        self._zlib = zlib.decompressobj(47) if name not in ("", "identity") else None  # 47: zlib or gzip, by its head
        self._begun = False

    def __call__(self, piece: bytes, most: int) -> bytes:
        """Return what a piece unpacks to, at most so many bytes of it. Raises NotFetched where it is damaged."""
        if self._zlib is None:
            return piece
        try:
            try:
                out = self._zlib.decompress(piece, most)
            except zlib.error:
                if not self._deflate or self._begun:
                    raise
                self._zlib = zlib.decompressobj(-15)  # some servers send deflate without its head
                out = self._zlib.decompress(piece, most)
        except zlib.error:
            raise NotFetched("the page cannot be unpacked; it is damaged", retry=True) from None
        self._begun = True
        if self._zlib.eof and self._zlib.unused_data.startswith(_MAGIC) and len(out) < most:  # packed in several parts
            rest, self._zlib = self._zlib.unused_data, zlib.decompressobj(47)
            out += self(rest, most - len(out))
        return out

    def end(self) -> None:
        """Raise NotFetched where the packed page breaks off."""
        if self._zlib is not None and self._begun and not self._zlib.eof:
            raise NotFetched("the packed page breaks off before its end", retry=True)
