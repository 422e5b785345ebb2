"""Fuzzing: damaged files of every kind that is read, made from whole ones by a seeded generator."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from random import Random

import exports
import newsroom
import pyarrow
import pyarrow.parquet

TOWNS = ("Velo", "Karsk", "Brenik", "Marn")
STORIES = [f"Northland’s army took the town of {town} at dawn, its ministry said. “We {i} won.”\n\nNobody in {town} replied to it."
           for i, town in enumerate(TOWNS)]  # fmt: skip
ROWS = [
    {"text": story, "outlet": "Herald", "date": f"2024-03-0{i + 1}", "id": str(i)} for i, story in enumerate(STORIES)
]

NASTY = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\x85", "\u2028".encode(), "\u202e".encode(), "\ufdd0".encode(),
    b'"', b"'", b"\\", b"<![CDATA[", b"]]>", b"<!--", b"&#x0;", b"&#xD800;", b"&amp;lt;", b'<!DOCTYPE x [<!ENTITY a "b">]>',
    b"<div>" * 3000, b"[" * 5000, b"{" * 50, b"x" * 60_000, b"a) b) " * 400, b"9" * 400, b"-1", b"NaN", b"null", b"\r", b"\r\n\r\n",
    b"End of Document\n\n", b"1 of 2 DOCUMENTS\n\n", b"Body\n\n", b"LENGTH: 3 words\n\n", b"Load-Date: x\n\n", b"HD\n", b"AN\nDocument",
    b"<meta charset=utf-16>", b"<meta charset=rot13>", b"<script>", b"<base href='http://['>", b"31. Februar 2024", b"2024-02-31", b"99999999",
    "е́".encode(), "🚒".encode(), "سلام".encode(),
)  # fmt: skip


def _parquet() -> bytes:
    made = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(ROWS), made)
    return made.getvalue()


def _mail(page: str = "") -> bytes:
    head = "From: a@herald.example\nSubject: Velo\nMIME-Version: 1.0\n"
    if not page:
        return f"{head}Content-Type: text/plain; charset=utf-8\n\n{STORIES[0]}\n".encode()
    related = 'Content-Type: multipart/related; boundary="b"\n\n--b\nContent-Type: text/html; charset=utf-8\nContent-Location: https://x.example/a\n\n'
    return f"{head}{related}{page}\n--b--\n".encode()


def _rtf() -> bytes:
    written = "\\par ".join("".join(c if c < "\x80" else f"\\u{ord(c)}?" for c in story) for story in STORIES)
    return ("{\\rtf1\\ansi " + written.replace("\n\n", "\\par ") + "}").encode()


def _csv() -> bytes:
    head = "text,outlet,date,id\n"
    return (head + "".join(f'"{row["text"]}",{row["outlet"]},{row["date"]},{row["id"]}\n' for row in ROWS)).encode()


def _uni(town: str, story: str) -> tuple[str, ...]:
    return (
        f"{town} falls", "The Harbour Post", "March 5, 2024 Tuesday", "Section: NEWS", "Length: 20 words", "Body",
        *story.split("\n\n"), "Classification", "Language: ENGLISH", "Load-Date: March 5, 2024", "End of Document",
    )  # fmt: skip


def _old(i: int, town: str, story: str) -> str:
    return (
        f"\n\n                 {i + 1} of 4 DOCUMENTS\n\n          The Harbour Post\n\n      March 5, 2024 Tuesday\n\n{town} falls\n\n"
        f"LENGTH: 20 words\n\n{story}\n\nLOAD-DATE: March 5, 2024\n\nLANGUAGE: ENGLISH\n"
    )


def _coded(i: int, town: str, story: str) -> list[tuple[str, object]]:
    return [
        ("HD", f"{town} falls"), ("WC", "20 words"), ("PD", "5 March 2024"), ("SN", "Herald"), ("LA", "English"),
        ("TD", story.split("\n\n")), ("AN", f"Document HARP000020240305ek350000{i}"),
    ]  # fmt: skip


PAIRS = list(enumerate(zip(TOWNS, STORIES, strict=True)))
LINES = [line for _, (town, story) in PAIRS for line in _uni(town, story)]
OLD = "".join(_old(i, town, story) for i, (town, story) in PAIRS)
CODED = [_coded(i, town, story) for i, (town, story) in PAIRS]
WHOLE: dict[str, bytes] = {
    "a.txt": "\n\n".join(STORIES).encode(),
    "b.html": newsroom.article(3).encode(),
    "c.csv": _csv(),
    "d.jsonl": "\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS).encode(),
    "e.parquet": _parquet(),
    "f.docx": exports.docx(LINES),
    "g.txt": "\n\n".join(LINES).encode(),
    "h.txt": OLD.encode(),
    "i.html": exports.old_html(OLD).encode(),
    "j.html": exports.factiva_html(*CODED).encode(),
    "k.txt": exports.factiva_text(*CODED).encode(),
    "l.txt": exports.PLAIN.encode(),
    "m.csv": (
        exports.MEDIA_CLOUD.replace("url\n", "url,text\n").replace("/velo\n", f'/velo,"{STORIES[0]}"\n')
    ).encode(),
    "n.json": json.dumps(ROWS, ensure_ascii=False, indent=1).encode(),
    "o.eml": _mail(),
    "p.mhtml": _mail(newsroom.article(4)),
    "q.rtf": _rtf(),
    "r.xml": f"<nitf><body><body.content>{''.join(f'<p>{story}</p>' for story in STORIES)}</body.content></body></nitf>".encode(),
    "s.md": ("---\noutlet: Herald\n---\n# Velo\n\n" + "\n\n".join(STORIES)).encode(),
}
CLOSED = {"d.jsonl", "e.parquet", "f.docx", "g.txt", "h.txt", "j.html", "k.txt"}  # kinds whose articles show their ends


def damaged(random: Random, whole: bytes, others: Sequence[bytes]) -> bytes:
    """One to three things happen to the bytes of a file."""
    data = whole
    for _ in range(random.randint(1, 3)):
        data = _damaged_once(random, data, others)
    return data


def _damaged_once(random: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    a = random.randrange(len(data) + 1)
    b = min(len(data), a + random.choice((1, 20, 400)))
    encoding = random.choice(("utf-16", "latin-1", "cp1251", "utf-8-sig"))
    happens: Sequence[Callable[[], bytes]] = (
        lambda: data[:a],
        lambda: data[:a] + data[b:],
        lambda: data[:b] + data[a:b] * random.choice((1, 3)) + data[b:],
        lambda: data[:a] + random.choice(NASTY) + data[a:],
        lambda: data[:a] + bytes([random.randrange(256)]) + data[a + 1 :],
        lambda: data[:a] + data[a:b][::-1] + data[b:],
        lambda: data[:a] + random.choice(others)[a:],
        lambda: data.replace(b"\n", random.choice((b"\r\n", b"\r", b"\n\n", b" "))),
        lambda: data.replace(b" ", random.choice((b"  ", b"\t", "\u00a0".encode(), b"\n"))),
        lambda: data.decode("utf-8", "ignore").encode(encoding, "ignore"),
    )
    return random.choice(happens)()


def file(seed: int) -> tuple[str, bytes]:
    """The file of a seed: a name whose ending may lie, and damaged bytes."""
    random = Random(seed)
    name = random.choice(sorted(WHOLE))
    others = list(WHOLE.values())
    if name == "f.docx" and random.random() < 0.7:
        data = rezipped(WHOLE[name], lambda inner: damaged(random, inner, others))
    else:
        data = damaged(random, WHOLE[name], others)
    if random.random() < 0.1:
        name = f"{name[0]}{random.choice(['.txt', '.html', '.csv', '.jsonl', '.parquet', '.docx', '.rtf', ''])}"
    return name, data


def rezipped(whole: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """A Word file whose paragraphs were changed, and its packing not."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == "word/document.xml" else old.read(name))
    return made.getvalue()
