"""Outlets, articles and the revisions of an article's text."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import InitVar, dataclass, field
from datetime import date
from functools import cached_property

from .errors import BadText


@dataclass(frozen=True)
class Outlet:
    """Who publishes (the source, in the words of content analysis)."""

    name: str
    country: str | None = None


@dataclass(frozen=True)
class Article:
    """One text as one outlet published it, known by the outlet and a key.

    The key is the canonical URL, an archive's accession number, or the file's name in a manifest. If an outlet reposts
    another one's text, it is the article's outlet and the other is its `originator`.

    >>> Article(outlet="The Harbour Post", key="https://harbour-post.example/brenik").id
    '4082983c83aa'
    """

    outlet: str
    key: str
    title: str | None = None
    published: date | None = None
    language: str | None = None
    url: str | None = None
    rights: str | None = None
    event: str | None = None
    originator: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def id(self) -> str:
        """Twelve hexadecimal digits, the same in every study."""
        return short_digest(f"{self.outlet}\n{self.key}", 12)


@dataclass(frozen=True)
class Revision:
    """One state of an article's text, known by the text's digest, with the reason it arose."""

    article: str
    text: str
    reason: str = "published"  # or "edited", "re-extracted"
    normalised: InitVar[bool] = False  # whether the text is known to be normalised, so that it need not be checked

    def __post_init__(self, normalised: bool) -> None:
        if not normalised and self.text != normalise(self.text):
            raise BadText("the text of a revision must be normalised; call corpus.article.normalise on it first")

    @classmethod
    def stored(cls, article: str, text: str, reason: str, digest: str) -> Revision:
        """Return a stored revision; its text is neither checked nor hashed again."""
        revision = cls(article, text, reason, normalised=True)
        revision.__dict__["digest"] = digest
        return revision

    @cached_property
    def digest(self) -> str:
        """The text's sha256."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @cached_property
    def id(self) -> str:
        """The article's id and the beginning of the text's digest."""
        return f"{self.article}-{self.digest[:8]}"


def short_digest(text: str, digits: int = 12) -> str:
    """Return the first digits of a text's sha256.

    >>> short_digest("Brenik", 8)
    '27cf2f4a'
    """
    return hashlib.sha256(text.encode()).hexdigest()[:digits]


_LINE_END = re.compile("\r\n|[\r\x0b\x0c\u2028]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_HALF_PAIR = re.compile("[\ud800-\udfff]")
# the control characters U+0080 to U+009F are marks of windows-1252 that were read as latin-1: “ ” ’ – … €
_C1 = {byte: bytes([byte]).decode("cp1252", "ignore") or None for byte in range(0x80, 0xA0)}
_ANY_C1 = re.compile("[\x80-\x9f]")


def normalise(text: str) -> str:
    r"""Normalise a text when it is read; all offsets refer to the result.

    The text is in Unicode form NFC. Line ends become LF, paragraphs are separated by one empty line, and any other run
    of white space becomes one space. Control characters (Cc) are dropped, but those from U+0080 to U+009F become the
    quotation marks, apostrophes and dashes that they are in windows-1252. Format characters (Cf: joiners, direction
    marks), private ones and U+FFFD are kept. Raises BadText for lone surrogates, which no encoding can store.

    >>> normalise("Velo \t fell.\r\n \r\n\r\nKarsk\nheld.\x07 ")
    'Velo fell.\n\nKarsk held.'
    >>> normalise("Troops \x93liberated\x94 Velo \x96 again.")
    'Troops “liberated” Velo – again.'
    """
    if _HALF_PAIR.search(text):
        raise BadText("the text holds half of a character pair (a lone surrogate); save the file as UTF-8 again")
    if _ANY_C1.search(text):
        text = text.translate(_C1)
    text = _CONTROL.sub("", _LINE_END.sub("\n", text).replace("\u2029", "\n\n"))
    text = unicodedata.normalize("NFC", text)
    paragraphs: list[list[str]] = [[]]
    for line in text.split("\n"):
        words = line.split()
        if words:
            paragraphs[-1] += words
        elif paragraphs[-1]:
            paragraphs.append([])
    return "\n\n".join(" ".join(words) for words in paragraphs if words)
