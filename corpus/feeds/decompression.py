"""Decompress an HTTP body piece by piece, within a size limit (protection against decompression bombs)."""

from __future__ import annotations

import zlib

from corpus.errors import NotFetched

_MAGIC = b"\x1f\x8b"  # the first bytes of gzip


class Decompressor:
    """Decompresses gzip and deflate up to a limit per call; without an encoding it passes data through.

    >>> import gzip
    >>> Decompressor("gzip")(gzip.compress(b"0" * 1_000_000), limit=10)
    b'0000000000'
    """

    def __init__(self, encoding: str) -> None:
        name = encoding.strip().lower()
        if name not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise NotFetched(f"the page is compressed as {name[:40]!r}; expected gzip or deflate")
        self._deflate = name == "deflate"
        self._zlib = zlib.decompressobj(47) if name not in ("", "identity") else None  # 47: zlib or gzip, by its header
        self._started = False

    def __call__(self, piece: bytes, limit: int) -> bytes:
        """Return a decompressed piece, at most `limit` bytes of it. Raises NotFetched if it is damaged."""
        if self._zlib is None:
            return piece
        try:
            try:
                out = self._zlib.decompress(piece, limit)
            except zlib.error:
                if not self._deflate or self._started:
                    raise
                self._zlib = zlib.decompressobj(-15)  # some servers send deflate without its header
                out = self._zlib.decompress(piece, limit)
        except zlib.error:
            raise NotFetched("the page cannot be decompressed; it is damaged", retry=True) from None
        self._started = True
        if self._zlib.eof and self._zlib.unused_data.startswith(_MAGIC) and len(out) < limit:  # several gzip members
            rest, self._zlib = self._zlib.unused_data, zlib.decompressobj(47)
            out += self(rest, limit - len(out))
        return out

    def finish(self) -> None:
        """Raise NotFetched if the compressed page is incomplete."""
        if self._zlib is not None and self._started and not self._zlib.eof:
            raise NotFetched("the compressed page is incomplete", retry=True)
