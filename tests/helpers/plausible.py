"""Plausible files: of real structure, with odd keys, encodings, separators, columns and missing values, by a seed.

Each article has sentences that occur nowhere else, with marks that 8-bit encodings have too, so that a test can ask
where every one of them went.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import escape
from random import Random

PLACES = ("Velo", "Karsk", "Brenik", "Ardun", "Marn", "Oslo", "Łódź", "Žilina")
VERBS = ("took", "liberated", "occupied", "captured", "left", "shelled", "retook")
WHO = ("Northland’s army", "The marines", "A militia", "Southland", "Two brigades", "The ministry", "Farmers")
REST = (
    "and shops stayed shut", "– nobody replied", "as bread ran out", "“at dawn”, it said", "for the 3rd time", "while it rained",
    "and the bridge didn’t hold", "though trains ran",
)  # fmt: skip
MISSING = ("", "NA", "nan", "None", "null", "N/A")


@dataclass(frozen=True)
class Planted:
    """An article that was put into a file: each of its paragraphs is found there and nowhere else."""

    title: str
    paragraphs: tuple[str, ...]
    key: str
    outlet: str
    date: str


def planted(random: Random, number: int) -> Planted:
    """Return an article; `number` makes its words its own."""
    word = "".join(chr(ord("a") + int(digit)) for digit in f"{number:07d}")
    paragraphs = tuple(
        f"{random.choice(WHO)} {random.choice(VERBS)} {random.choice(PLACES[:6])} {random.choice(REST)}, {word}{part} "
        f"said “{random.choice(VERBS)}” on day {random.randrange(30)}. {random.choice(WHO)} {random.choice(VERBS)} the "
        f"station of {word}{part}, {random.choice(REST)}."
        for part in ("alpha", "beta", "gamma")[: random.choice((1, 2, 3))]
    )
    return Planted(
        title=f"{random.choice(PLACES[:6])} {random.choice(VERBS)} {word}",
        paragraphs=paragraphs,
        key=random.choice((f"{number}", str(random.randrange(3)), "https://herald.example/", f"https://herald.example/{number}", *MISSING[:2])),
        outlet=random.choice(("The Herald", "Courier", "Žurnal", *MISSING[:2])),
        date=random.choice(("2024-03-05", "5.3.2024", "March 5, 2024", "5/3/2024", "2024-03-05T23:30:00-08:00", "1.1.0001", "soon", *MISSING[:3])),
    )  # fmt: skip


def _encoded(random: Random, text: str) -> bytes:
    """Return a text in an encoding that can hold it, as scholars' programs write it."""
    for encoding in random.sample(("utf-8", "utf-8-sig", "utf-16", "windows-1252"), 4):
        try:
            return text.encode(encoding)
        except UnicodeEncodeError:
            continue
    return text.encode()


def _line_ends(random: Random, text: str) -> str:
    return text.replace("\n", random.choice(("\n", "\r\n")))


def text_file(random: Random, articles: Sequence[Planted]) -> tuple[str, bytes, Sequence[Planted]]:
    """One article, with or without its title, its paragraphs apart by an empty line or a line end."""
    (article, *_) = articles
    apart = random.choice(("\n\n", "\n"))
    body = apart.join([article.title, *article.paragraphs] if random.random() < 0.7 else article.paragraphs)
    return ".txt", _encoded(random, _line_ends(random, body)), [article]


def page(random: Random, articles: Sequence[Planted]) -> tuple[str, bytes, Sequence[Planted]]:
    """One article on a page whose declaration of its encoding is right, near or missing."""
    (article, *_) = articles
    encoding, declared = random.choice(
        (("utf-8", "utf-8"), ("utf-8", ""), ("windows-1252", "windows-1252"), ("windows-1252", "iso-8859-1"), ("utf-8", "iso-8859-1"))
    )  # fmt: skip
    meta = f'<meta charset="{declared}">' if declared else ""
    body = "".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in article.paragraphs)
    canonical = f'<link rel="canonical" href="{article.key}">' if article.key.startswith("http") else ""
    html = (
        f'<!doctype html><html lang="en"><head>{meta}<title>{article.title}</title>{canonical}</head><body><nav><a href="/">Home</a>'
        f"</nav><article><h1>{article.title}</h1>{body}</article><footer>Contact</footer></body></html>"
    )  # fmt: skip
    return random.choice((".html", ".htm")), html.encode(encoding, "xmlcharrefreplace"), [article]


NAMES = {
    "text": ("text", "Text", "TEXT", "body", "content"),
    "title": ("title", "Title", "headline"),
    "outlet": ("outlet", "Outlet", "OUTLET"),
    "date": ("date", "published", "Date"),
    "id": ("id", "url", "article_id"),
}


def _rows(random: Random, articles: Sequence[Planted]) -> list[dict[str, str]]:
    """Return a table's rows, with some of the columns, by one of their names, in any order."""
    columns = ["text", *random.sample(("title", "outlet", "date", "id"), random.randrange(5))]
    random.shuffle(columns)
    names = {column: random.choice(NAMES[column]) for column in columns}
    apart = random.choice(("\n\n", "\n", " "))
    return [
        {
            names[column]: {
                "text": apart.join(article.paragraphs), "title": article.title, "outlet": article.outlet,
                "date": article.date, "id": article.key,
            }[column]
            for column in columns
        }
        for article in articles
    ]  # fmt: skip


def csv_table(random: Random, articles: Sequence[Planted]) -> tuple[str, bytes, Sequence[Planted]]:
    """A table with any separator and quoting; sometimes with a column without a name, as pandas writes."""
    rows = _rows(random, articles)
    out, separator = io.StringIO(newline=""), random.choice(",;\t|")
    quoting = random.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    numbered = random.random() < 0.3
    writer = csv.writer(out, delimiter=separator, quoting=quoting, lineterminator=random.choice(("\n", "\r\n")))
    writer.writerow(["", *rows[0]] if numbered else list(rows[0]))
    for number, row in enumerate(rows):
        writer.writerow([number, *row.values()] if numbered else list(row.values()))
    head = f"sep={separator}\n" if random.random() < 0.1 else ""
    return ".tsv" if separator == "\t" else ".csv", _encoded(random, head + out.getvalue()), articles


def table_of_r(random: Random, articles: Sequence[Planted]) -> tuple[str, bytes, Sequence[Planted]]:
    """A table as R's write.table writes it: quotation marks within a cell behind a backslash, NA, names of rows."""
    articles = [_with_straight_marks(article) for article in articles]
    rows, separator, numbered = _rows(random, articles), random.choice(" ;,\t"), random.random() < 0.5

    def cell(value: str) -> str:
        return "NA" if value in MISSING else '"' + value.replace('"', '\\"') + '"'

    lines = [separator.join(map(cell, rows[0]))]
    for number, row in enumerate(rows, 1):
        cells = [cell(value) for value in row.values()]
        lines.append(separator.join([f'"{number}"', *cells] if numbered else cells))
    return ".csv", _encoded(random, "\n".join([*lines, ""])), articles


def table_between_tabs(random: Random, articles: Sequence[Planted]) -> tuple[str, bytes, Sequence[Planted]]:
    """A table between tabs whose quotation marks are as they are in the text."""
    articles = [_with_straight_marks(article) for article in articles]
    rows = [{name: " ".join(value.split()) for name, value in row.items()} for row in _rows(random, articles)]
    lines = ["\t".join(rows[0]), *("\t".join(row.values()) for row in rows)]
    return ".tsv", _encoded(random, _line_ends(random, "\n".join([*lines, ""]))), articles


def table_in_a_page(random: Random, articles: Sequence[Planted]) -> tuple[str, bytes, Sequence[Planted]]:
    """A table in a page, as databases export it for spreadsheets."""
    rows = _rows(random, articles)
    rows = [{"text" if name == "content" else name: value for name, value in row.items()} for row in rows]
    head = "".join(f"<th>{escape(name)}</th>" for name in (*rows[0], "Outlet" if len(rows[0]) == 1 else "Desk"))
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(value)}</td>' for value in (*row.values(), 'Herald'))}</tr>" for row in rows
    )
    html = f'<html><head><meta charset="utf-8"></head><body><table><tr>{head}</tr>{body}</table></body></html>'
    return random.choice((".xls", ".html")), html.encode(), articles


def _with_straight_marks(article: Planted) -> Planted:
    straight = (paragraph.replace("“", '"').replace("”", '"') for paragraph in article.paragraphs)
    return replace(article, paragraphs=tuple(straight))


def json_table(random: Random, articles: Sequence[Planted]) -> tuple[str, bytes, Sequence[Planted]]:
    """JSON lines, or a list."""
    rows = [
        {name: None if value in MISSING[:1] else value for name, value in row.items()}
        for row in _rows(random, articles)
    ]
    if random.random() < 0.5:
        return (
            ".jsonl",
            ("\n".join(json.dumps(row, ensure_ascii=random.random() < 0.5) for row in rows) + "\n").encode(),
            articles,
        )
    document = rows if random.random() < 0.7 else {"articles": rows}
    return ".json", json.dumps(document, ensure_ascii=False, indent=random.choice((None, 1))).encode(), articles


def mail(random: Random, articles: Sequence[Planted]) -> tuple[str, bytes, Sequence[Planted]]:
    """A mail with the article as its text."""
    from email.message import EmailMessage

    (article, *_) = articles
    message = EmailMessage()
    message["From"], message["Subject"], message["Date"] = (
        "desk@herald.example",
        article.title,
        "Tue, 05 Mar 2024 09:30:00 +0100",
    )
    message.set_content(
        "\n\n".join(article.paragraphs),
        charset=random.choice(("utf-8", "windows-1252")),
        cte=random.choice(("base64", "quoted-printable")),
    )
    return ".eml", message.as_bytes(), [article]


KINDS: tuple[Callable[[Random, Sequence[Planted]], tuple[str, bytes, Sequence[Planted]]], ...] = (
    text_file, page, csv_table, json_table, mail, table_of_r, table_between_tabs, table_in_a_page,
)  # fmt: skip


def plausible_file(seed: int) -> tuple[str, bytes, Sequence[Planted]]:
    """Return a file's name, its bytes and the articles that were put into it."""
    random = Random(seed)
    articles = [planted(random, seed * 10 + n) for n in range(random.randrange(1, 6))]
    suffix, data, inside = random.choice(KINDS)(random, articles)
    return f"{seed}{suffix}", data, inside
