"""Read rows directly from the pages of a SQLite file, where the pages that lead to them are damaged.

The format is that of https://www.sqlite.org/fileformat2.html: a leaf page of a table begins with 0x0D and holds rows.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_LEAF, _HEADER = 0x0D, 100
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}  # bytes by the serial type of a value

Row = tuple[str | int | float | bytes | None, ...]


def leaf_rows(data: bytes, columns: int) -> Iterator[Row]:
    """Yield all rows with this number of columns in the leaf pages of any table, except pages that are free.

    >>> import sqlite3, tempfile
    >>> from pathlib import Path
    >>> path = tempfile.mkdtemp() + "/a.db"
    >>> with sqlite3.connect(path) as connection:
    ...     _ = connection.execute("CREATE TABLE a (word TEXT, n INTEGER)")
    ...     _ = connection.execute("INSERT INTO a VALUES ('took', 7)")
    >>> connection.close()
    >>> list(leaf_rows(Path(path).read_bytes(), 2))
    [('took', 7)]
    """
    size = int.from_bytes(data[16:18], "big") or 1
    size = 65536 if size == 1 else size
    if size < 512:
        return
    usable, free = size - data[20], _free_pages(data, size)
    for page in range(1, len(data) // size + 1):
        start = (page - 1) * size
        head = start + (_HEADER if page == 1 else 0)
        if data[head] != _LEAF or page in free:
            continue
        cells = int.from_bytes(data[head + 3 : head + 5], "big")
        for n in range(min(cells, size // 4)):
            at = int.from_bytes(data[head + 8 + 2 * n : head + 10 + 2 * n], "big")
            try:
                row = _row(_payload(data, start, at, size, usable))
            except (IndexError, ValueError, struct.error, UnicodeDecodeError):
                continue
            if len(row) == columns:
                yield row


def _free_pages(data: bytes, size: int) -> set[int]:
    """Return the pages that hold nothing any more."""
    trunk, free = int.from_bytes(data[32:36], "big"), set[int]()
    while 0 < trunk <= len(data) // size and trunk not in free:
        at = (trunk - 1) * size
        count = min(int.from_bytes(data[at + 4 : at + 8], "big"), size // 4 - 2)
        free |= {trunk, *struct.unpack(f">{count}I", data[at + 8 : at + 8 + 4 * count])}
        trunk = int.from_bytes(data[at : at + 4], "big")
    return free


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return a number of one to nine bytes, and where it ends."""
    value = 0
    for n in range(8):
        value = value << 7 | data[at + n] & 0x7F
        if data[at + n] < 0x80:
            return value, at + n + 1
    return value << 8 | data[at + 8], at + 9


def _payload(data: bytes, start: int, at: int, size: int, usable: int) -> bytes:
    """Return the bytes of a row, also those on overflow pages."""
    length, place = _varint(data, start + at)
    _, place = _varint(data, place)  # the row's number
    most, least = usable - 35, (usable - 12) * 32 // 255 - 23
    if length > len(data):
        raise ValueError("longer than the file")
    if length <= most:
        local = length
    else:
        local = least + (length - least) % (usable - 4)
        local = least if local > most else local
    found, page = bytearray(data[place : place + local]), 0
    if local < length:
        page = int.from_bytes(data[place + local : place + local + 4], "big")
    while len(found) < length:
        if not 0 < page <= len(data) // size:
            raise ValueError("an overflow page is missing")
        over = (page - 1) * size
        found += data[over + 4 : over + 4 + min(usable - 4, length - len(found))]
        page = int.from_bytes(data[over : over + 4], "big")
    return bytes(found)


def _row(payload: bytes) -> Row:
    """Return the values of a row."""
    end, at = _varint(payload, 0)
    kinds = []
    while at < end:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values: list[str | int | float | bytes | None] = []
    for kind in kinds:
        length = _INTEGERS.get(kind, 8 if kind == 7 else 0 if kind < 12 else (kind - 12) // 2)
        part = payload[at : at + length]
        if len(part) < length or kind in (10, 11):
            raise ValueError("cut off")
        at += length
        if kind == 7:
            values.append(struct.unpack(">d", part)[0])
        elif kind in _INTEGERS:
            values.append(int.from_bytes(part, "big", signed=True))
        elif kind >= 12:
            values.append(part.decode() if kind % 2 else part)
        else:
            values.append({0: None, 8: 0, 9: 1}[kind])
    return tuple(values)
