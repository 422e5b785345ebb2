"""Attribution: whose words a span is in, and who speaks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from corpus.errors import SpanOutOfText
from corpus.span import paragraphs

from .languages import Lexicon, load_lexicon
from .participles import is_attributive_participle
from .quotations import Quotation, find_quotations, innermost_quotation
from .quoted_speakers import dialogue_speaker, quotation_speaker
from .reported_speech import reported_source
from .scare_quotes import find_so_called, is_clause, is_proper_name, so_called_speaker
from .sentence import sentence_around
from .speakers import speaker_after, speaker_before

ATTRIBUTIONS = ("marked", "direct", "indirect", "outlet")
RULES = "rules-1"  # who proposes; raised when the rules judge otherwise

_WORD = re.compile(r"\w+(?:[’'\-]\w+)*")


@dataclass(frozen=True)
class Attribution:
    """Whose words a span is in: `kind` is one of KINDS, `speaker` as the text names him, `evidence` (start, end)."""

    kind: str
    speaker: str | None = None
    evidence: tuple[int, int] | None = None


def attribute_span(text: str, start: int, end: int, language: str = "en", headline: bool = False) -> Attribution:
    """Say whose words `text[start:end]` is in, by the codebook territorial-control's variable `attribute_span`.

    The first that fits: "marked" (scare quotes, a single quoted word, "so-called"), "direct" (inside a quotation of a
    clause or more), "indirect" (inside a clause of saying, or under a headline's source), else "outlet". `headline`
    says that the text is one. A language without a table is judged by its quotation marks alone. Offsets are code
    points of the normalised text; raises SpanOutOfText. A quotation that nobody is named for is "direct" too.

    >>> attribute_span("Southland retook Velo, its ministry said.", 10, 16)
    Attributed(kind='indirect', speaker='its ministry', evidence=(36, 40))
    >>> attribute_span("„Wir haben Velo befreit“, sagte Oberst Ilm.", 16, 23, "de").speaker
    'Oberst Ilm'
    """
    if not 0 <= start < end <= len(text):
        raise SpanOutOfText(f"a span from {start} to {end} does not lie in a text of {len(text)} characters")
    lexicon = load_lexicon(language)
    quoted = _quotations(text)
    quote = innermost_quotation(list(quoted), start, end)
    while quote and lexicon and is_proper_name(text, quote, lexicon):
        outer = [q for q in quoted if q.start < quote.start and quote.end <= q.end]
        quote = outer[-1] if outer else None
    if quote and not is_clause(text, quote, quoted, lexicon, (start, end)):
        return Attribution("marked", *_speaker_beside(text, quote, quoted, lexicon, headline))
    if lexicon and (mark := find_so_called(text, start, end, quoted, lexicon)):
        return Attribution("marked", _cut(text, so_called_speaker(text, start, end, mark, quoted, lexicon)), mark)
    if quote:
        place = quotation_speaker(text, quote, quoted, lexicon)
        return Attribution("direct", _cut(text, place), (quote.start, quote.end))
    if lexicon is None:
        return Attribution("outlet")
    for first, last in paragraphs(text):
        if first <= start < last and (said := dialogue_speaker(text, first, last, start, lexicon)):
            return Attribution("direct", _cut(text, said[0]), said[1])
    if is_attributive_participle(text, start, end, quoted, lexicon, headline):
        return Attribution("outlet")
    low, high = sentence_around(text, start, end, quoted)
    sentence = _masked(text, low, high, quoted)
    source = reported_source(
        sentence,
        start - low,
        end - low,
        lexicon,
        headline=headline,
        noun=bool(lexicon.noun_form.fullmatch(text[start:end])),
    )
    if source is None:
        return Attribution("outlet")
    place = (source.speaker[0] + low, source.speaker[1] + low) if source.speaker else None
    return Attribution("indirect", _cut(text, place), (source.evidence[0] + low, source.evidence[1] + low))


@lru_cache(maxsize=8)  # one text is asked about span after span
def _quotations(text: str) -> tuple[Quotation, ...]:
    return tuple(find_quotations(text))


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
    text: str, quote: Quotation, quoted: Sequence[Quotation], lexicon: Lexicon | None, headline: bool
) -> tuple[str | None, tuple[int, int]]:
    """Return who is said to use a quoted word, and where it stands."""
    here = (quote.start, quote.end)
    if lexicon is None:
        return None, here
    low, high = sentence_around(text, quote.start, quote.end, quoted)
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
    source = reported_source(
        sentence, quote.inner[0] - low, quote.inner[1] - low, lexicon, headline=headline, noun=False
    )
    if source is None and (verb := _nearest_verb(text, low, quote.start, lexicon)):
        place = speaker_before(text, low, verb.start(), lexicon) or speaker_after(
            text, verb.end(), quote.start, lexicon
        )
        return _cut(text, place), here
    place = (source.speaker[0] + low, source.speaker[1] + low) if source and source.speaker else None
    return _cut(text, place), here


def _nearest_verb(text: str, low: int, high: int, lexicon: Lexicon) -> re.Match[str] | None:
    return next(
        (m for m in lexicon.reporting_verbs.finditer(text, low, high) if len(_WORD.findall(text[m.end() : high])) <= 4),
        None,
    )
