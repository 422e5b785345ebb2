"""Attribution: whose words a span is in, and who speaks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from corpus.errors import SpanOutOfText
from corpus.span import paragraphs

from .languages import Speech, speech
from .participles import before_noun
from .quotations import Quotation, innermost, quotations
from .quoted_speakers import speaker_of, spoken
from .reported_speech import source_of
from .scare_quotes import caller, is_clause, is_name, marked_by
from .sentence import around
from .speakers import speaker_after, speaker_before

KINDS = ("marked", "direct", "indirect", "outlet")
RULES = "rules-1"  # who proposes; raised when the rules judge otherwise

_WORD = re.compile(r"\w+(?:[’'\-]\w+)*")


@dataclass(frozen=True)
class Attributed:
    """Whose words a span is in: `kind` is one of KINDS, `speaker` as the text names him, `evidence` (start, end)."""

    kind: str
    speaker: str | None = None
    evidence: tuple[int, int] | None = None


def attribution(text: str, start: int, end: int, language: str = "en", headline: bool = False) -> Attributed:
    """Say whose words `text[start:end]` is in, by the codebook territorial-control's variable `attribution`.

    The first that fits: "marked" (scare quotes, a single quoted word, "so-called"), "direct" (inside a quotation of a
    clause or more), "indirect" (inside a clause of saying, or under a headline's source), else "outlet". `headline`
    says that the text is one. A language without a table is judged by its quotation marks alone. Offsets are code
    points of the normalised text; raises SpanOutOfText. A quotation that nobody is named for is "direct" too.

    >>> attribution("Southland retook Velo, its ministry said.", 10, 16)
    Attributed(kind='indirect', speaker='its ministry', evidence=(36, 40))
    >>> attribution("„Wir haben Velo befreit“, sagte Oberst Ilm.", 16, 23, "de").speaker
    'Oberst Ilm'
    """
    if not 0 <= start < end <= len(text):
        raise SpanOutOfText(f"a span from {start} to {end} does not lie in a text of {len(text)} characters")
    table = speech(language)
    quoted = _quotations(text)
    quote = innermost(list(quoted), start, end)
    while quote and table and is_name(text, quote, table):
        outer = [q for q in quoted if q.start < quote.start and quote.end <= q.end]
        quote = outer[-1] if outer else None
    if quote and not is_clause(text, quote, quoted, table, (start, end)):
        return Attributed("marked", *_speaker_beside(text, quote, quoted, table, headline))
    if table and (mark := marked_by(text, start, end, quoted, table)):
        return Attributed("marked", _cut(text, caller(text, start, end, mark, quoted, table)), mark)
    if quote:
        place = speaker_of(text, quote, quoted, table)
        return Attributed("direct", _cut(text, place), (quote.start, quote.end))
    if table is None:
        return Attributed("outlet")
    for first, last in paragraphs(text):
        if first <= start < last and (said := spoken(text, first, last, start, table)):
            return Attributed("direct", _cut(text, said[0]), said[1])
    if before_noun(text, start, end, quoted, table, headline):
        return Attributed("outlet")
    low, high = around(text, start, end, quoted)
    sentence = _masked(text, low, high, quoted)
    source = source_of(
        sentence, start - low, end - low, table, headline=headline, noun=bool(table.noun.fullmatch(text[start:end]))
    )
    if source is None:
        return Attributed("outlet")
    place = (source.speaker[0] + low, source.speaker[1] + low) if source.speaker else None
    return Attributed("indirect", _cut(text, place), (source.evidence[0] + low, source.evidence[1] + low))


@lru_cache(maxsize=8)  # one text is asked about span after span
def _quotations(text: str) -> tuple[Quotation, ...]:
    return tuple(quotations(text))


def _cut(text: str, place: tuple[int, int] | None) -> str | None:
    return text[slice(*place)] if place else None


def _masked(text: str, low: int, high: int, quoted: Sequence[Quotation]) -> str:
    """Return a sentence with its quotations masked, so that their verbs do not speak for it."""
    letters = list(text[low:high])
    for q in quoted:
        if q.start < high and q.end > low:
            letters[max(q.start, low) - low : min(q.end, high) - low] = "\x00" * (min(q.end, high) - max(q.start, low))
    return "".join(letters)


def _speaker_beside(
    text: str, quote: Quotation, quoted: Sequence[Quotation], table: Speech | None, headline: bool
) -> tuple[str | None, tuple[int, int]]:
    """Return who is said to use a quoted word, and where it stands."""
    here = (quote.start, quote.end)
    if table is None:
        return None, here
    low, high = around(text, quote.start, quote.end, quoted)
    sentence = (
        _masked(text, low, quote.start, quoted) + text[quote.start : quote.end] + _masked(text, quote.end, high, quoted)
    )
    sentence = (
        sentence[: quote.start - low]
        + " "
        + sentence[quote.start - low + 1 : quote.end - low - 1]
        + " "
        + sentence[quote.end - low :]
    )
    source = source_of(sentence, quote.inner[0] - low, quote.inner[1] - low, table, headline=headline, noun=False)
    if source is None and (verb := _nearest_verb(text, low, quote.start, table)):
        place = speaker_before(text, low, verb.start(), table) or speaker_after(text, verb.end(), quote.start, table)
        return _cut(text, place), here
    place = (source.speaker[0] + low, source.speaker[1] + low) if source and source.speaker else None
    return _cut(text, place), here


def _nearest_verb(text: str, low: int, high: int, table: Speech) -> re.Match[str] | None:
    return next(
        (m for m in table.says.finditer(text, low, high) if len(_WORD.findall(text[m.end() : high])) <= 4), None
    )
