"""Drafts: articles as read from a file, before they are added to a study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any, NamedTuple

from .article import Article, normalise

FOR_SUBSCRIBERS = "for_subscribers"  # the key in metadata of what a page says of itself
HARD_WRAP = 100  # columns: editors wrap lines before this width; longer lines are paragraphs


@dataclass(frozen=True)
class Draft:
    """A text with the metadata given in its file; the text is not normalised yet."""

    text: str
    key: str
    title: str | None = None
    published: date | None = None
    outlet: str | None = None
    language: str | None = None
    url: str | None = None
    rights: str | None = None
    event: str | None = None
    originator: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    doubt: str | None = None  # a warning about the draft, such as an encoding that its letters decided; not stored
    date_stated: bool = False  # whether a page states the day, which is else found in its text; not stored
    date_doubt: str | None = None  # why the date in the text's own metadata was ignored; not stored
    entries: int = 0  # entries of a live blog that a page counts, whose times its text has lost; not stored

    def row(self) -> dict[str, Any]:
        """Return the draft as JSON can hold it.

        >>> Draft.of_row(Draft("Velo fell.", "a.txt", published=date(2024, 5, 11)).row()).published
        datetime.date(2024, 5, 11)
        """
        day = self.published.isoformat() if self.published else None
        return {**vars(self), "published": day, "metadata": dict(self.metadata)}

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Draft:
        """Return the draft that `row` was made of."""
        return cls(**{**row, "published": date.fromisoformat(row["published"]) if row["published"] else None})

    def with_values(self, **values: object) -> Draft:
        """Return the draft with these fields set; empty values are ignored.

        >>> Draft("Velo fell.", "a.txt", title="Velo").with_values(title=None, outlet="Herald").outlet
        'Herald'
        """
        return replace(self, **{name: value for name, value in values.items() if value})  # type: ignore[arg-type]

    def normalised(self) -> Draft:
        r"""Return the draft with all its strings normalised. Raises BadText.

        >>> Draft("Velo\tfell.", "a.txt", outlet="Herald\x00").normalised().outlet
        'Herald'
        """
        strings = {field.name: value for field in fields(self) if isinstance(value := getattr(self, field.name), str)}
        metadata = {normalise(name): normalise(value) for name, value in self.metadata.items()}
        return replace(self, **{name: normalise(value) for name, value in strings.items()}, metadata=metadata)  # type: ignore[arg-type]

    def article(self) -> Article:
        """Return the article that the draft, whose outlet must be known, is a text of.

        >>> Draft("Velo fell.", "https://harbour-post.example/brenik", outlet="The Harbour Post").article().id
        '4082983c83aa'
        """
        assert self.outlet is not None
        return Article(
            outlet=self.outlet,
            key=self.key,
            title=self.title,
            published=self.published,
            language=self.language,
            url=self.url,
            rights=self.rights,
            event=self.event,
            originator=self.originator,
            metadata=self.metadata,
        )


class Refusal(NamedTuple):
    """Input that was rejected, passed over or used in part, with the reason and what to do."""

    where: str
    why: str


def short_message(error: Exception) -> str:
    r"""Return the first 80 characters of a library's error message, in one line.

    >>> short_message(ValueError("no such\n\x0fthing"))
    'no such thing'
    """
    return " ".join("".join(c if c.isprintable() else " " for c in str(error)).split())[:80]


@dataclass(frozen=True)
class ReadResult:
    """What a file holds: drafts of articles, refusals, what is not an article, and warnings.

    Each article or row is either a draft, or refused, or passed over. A warning concerns a draft that was read all the
    same: a date that was ignored, letters that look wrongly decoded.
    """

    drafts: list[Draft] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    passed_over: list[Refusal] = field(default_factory=list)
    warnings: list[Refusal] = field(default_factory=list)

    def json(self) -> dict[str, Any]:
        """Return the result as JSON can hold it."""
        return {**vars(self), "drafts": [draft.row() for draft in self.drafts]}

    @classmethod
    def of_json(cls, value: Mapping[str, Any]) -> ReadResult:
        """Return the result that `json` was made of."""
        others = {name: [Refusal(*row) for row in rows] for name, rows in value.items() if name != "drafts"}
        return cls([Draft.of_row(row) for row in value["drafts"]], **others)


LONGEST_TEXT = 2_000_000  # characters of an article: more than a book of 700 pages has
MOST_PARAGRAPHS = 10_000
LONGEST_PARAGRAPH = 50_000  # characters
LONGEST_TITLE = 5_000  # characters
LONGEST_NAME = 500  # characters of an outlet's name; PostgreSQL's index holds little more
LONGEST_FIELD = 100_000  # characters of anything else that is stored about an article


def size_problem(draft: Draft) -> str | None:
    r"""Return why a draft is too large for one article; None if it is not.

    >>> size_problem(Draft("Velo\n\n" * 20_000, "a.txt"))
    'its text has 20,000 paragraphs (limit 10,000); expected one article: divide the text into several'
    """
    divide = "expected one article: divide the text into several"
    if len(draft.text) > LONGEST_TEXT:
        return f"its text has {len(draft.text):,} characters (limit {LONGEST_TEXT:,}); {divide}"
    paragraphs = draft.text.split("\n\n")
    if (count := sum(1 for paragraph in paragraphs if paragraph)) > MOST_PARAGRAPHS:
        return f"its text has {count:,} paragraphs (limit {MOST_PARAGRAPHS:,}); {divide}"
    if (longest := max(map(len, paragraphs), default=0)) > LONGEST_PARAGRAPH:
        return (
            f"one paragraph has {longest:,} characters (limit {LONGEST_PARAGRAPH:,}); separate paragraphs with empty "
            "lines"
        )
    if len(draft.title or "") > LONGEST_TITLE:
        return (
            f"its title has {len(draft.title or ''):,} characters (limit {LONGEST_TITLE:,}); expected a headline: put "
            "the text where texts belong"
        )
    if len(draft.outlet or "") > LONGEST_NAME:
        return (
            f"its outlet has {len(draft.outlet or ''):,} characters (limit {LONGEST_NAME}); expected the name of its "
            "publisher"
        )
    values = [getattr(draft, name) for name in ("key", "outlet", "language", "url", "rights", "event", "originator")]
    longest = max(len(value) for value in (*values, *draft.metadata, *draft.metadata.values(), "") if value is not None)
    if longest > LONGEST_FIELD:
        return (
            f"one of its other values has {longest:,} characters (limit {LONGEST_FIELD:,}); expected metadata, such as "
            "an author: remove that column or field"
        )
    return None
