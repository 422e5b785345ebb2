"""Drafts: articles as read from a file, before they are added to a study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import NamedTuple

from .article import Article, normalise

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
    entries: int = 0  # entries of a live blog that a page counts, whose times its text has lost; not stored

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
