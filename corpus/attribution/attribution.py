"""Attribution: decide whose words a span is in, and name the speaker."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from corpus.span import Enclosures, check_offsets, paragraphs_around

from .attributive_participles import is_attributive_participle
from .languages import Lexicon, load_lexicon
from .quotations import Quotation, find_quotations, innermost_quotation
from .quoted_speakers import dialogue_speaker, quotation_speaker
from .reported_speech import reported_source
from .scare_quotes import find_so_called, is_clause, is_proper_name, so_called_speaker
from .sentence import count_words, sentence_around
from .speakers import Offsets, speaker_of_verb

ATTRIBUTIONS = ("marked", "direct", "indirect", "outlet")
UNKNOWN = "unknown"  # where the rules do not read the text's language well enough to call a word the outlet's own
RULES = "rules-3"  # the version of the rules, stored with their suggestions; increase it with each change


NEAR = 200  # quotations on each side of a span; a speech has at most twenty paragraphs


@dataclass(frozen=True)
class Attribution:
    """Whose words a span is in: one of ATTRIBUTIONS or UNKNOWN, the speaker as the text has it, and the evidence."""

    kind: str
    speaker: str | None = None
    evidence: Offsets | None = None


def attribute_span(text: str, start: int, end: int, language: str = "en", headline: bool = False) -> Attribution:
    """Decide whose words `text[start:end]` is in, as the codebook territorial-control defines `attribution`.

    The first kind that applies: "marked" (scare quotes, a single quoted word, "so-called"), "direct" (inside a
    quotation of a clause or more, even if no speaker is named), "indirect" (inside reported speech, or with a source in
    the headline), else "outlet". `headline` says whether the text is a headline. For a language without a lexicon only
    quotation marks count, and all else is "unknown", as it is for one with a partial lexicon. Offsets are code points
    of the normalised text. Raises SpanOutOfText.

    >>> attribute_span("Southland retook Velo, its ministry said.", 10, 16)
    Attribution(kind='indirect', speaker='its ministry', evidence=(36, 40))
    >>> attribute_span("„Wir haben Velo befreit“, sagte Oberst Ilm.", 16, 23, "de").speaker
    'Oberst Ilm'
    """
    check_offsets(text, start, end)
    lexicon = load_lexicon(language)
    quoted = _quotations_near(text, start, end)
    quote = innermost_quotation(quoted, start, end)
    while quote and lexicon and is_proper_name(text, quote, lexicon):
        outer = [q for q in quoted if q.start < quote.start and quote.end <= q.end]
        quote = outer[-1] if outer else None
    if quote and not is_clause(text, quote, lexicon, (start, end)) and not _is_spoken(text, quote, quoted, lexicon):
        speaker = _speaker_of_quoted_word(text, quote, quoted, lexicon, headline) if lexicon else None
        return Attribution("marked", _slice(text, speaker), (quote.start, quote.end))
    if lexicon and (phrase := find_so_called(text, start, end, quoted, lexicon)):
        speaker = so_called_speaker(text, start, end, phrase, quoted, lexicon)
        return Attribution("marked", _slice(text, speaker), phrase)
    if quote:
        speaker = quotation_speaker(text, quote, quoted, lexicon)
        return Attribution("direct", _slice(text, speaker), (quote.start, quote.end))
    if lexicon is None:
        return Attribution(UNKNOWN)
    others = UNKNOWN if lexicon.partial else "outlet"
    if dialogue := dialogue_speaker(text, *paragraphs_around(text, start, start), start, lexicon):
        return Attribution("direct", _slice(text, dialogue.speaker), dialogue.evidence)
    if is_attributive_participle(text, start, end, quoted, lexicon, headline):
        return Attribution(others)
    low, high = sentence_around(text, start, end, quoted)
    sentence = _mask_quotations(text, low, high, quoted)
    noun = bool(lexicon.noun_form.fullmatch(text[start:end]))
    source = reported_source(sentence, start - low, end - low, lexicon, headline=headline, noun=noun)
    if source is None:
        return Attribution(others)
    return Attribution("indirect", _slice(text, _shift(source.speaker, low)), _shift(source.evidence, low))


def _is_spoken(text: str, quote: Quotation, quoted: Sequence[Quotation], lexicon: Lexicon | None) -> bool:
    """Return whether a short quotation is what someone says: next to words of saying, or inside other speech.

    The speaker, and not the outlet, marks a quoted word in speech.
    """
    outer = [q for q in quoted if q.depth < quote.depth and q.start < quote.start and quote.end <= q.end]
    if outer and count_words(text[slice(*outer[-1].inner)]) > 3 * count_words(text[slice(*quote.inner)]) + 3:
        return lexicon is not None
    if lexicon is None or not lexicon.partial or count_words(text[slice(*quote.inner)]) < 2:
        return False
    low, high = sentence_around(text, quote.start, quote.end, quoted)
    before, after = text[low : quote.start].rstrip(), text[quote.end : high].lstrip(" ,.—–-")
    if lexicon.beside_quotations:
        said = lexicon.beside_quotations.search(before[-8:]) and before[-1:] in ":：，,"
        return bool(said or lexicon.beside_quotations.search(after[:8]))
    verbs = lexicon.reporting_verbs
    return bool((before.endswith(":") and verbs.search(before)) or verbs.match(after))


def _quotations_near(text: str, start: int, end: int) -> Sequence[Quotation]:
    """Return the quotations around and near a span; of the thousands in a very long text, only NEAR on each side."""
    quoted, places = _quotations(text)
    if len(quoted) <= 2 * NEAR:
        return quoted
    first = max(0, bisect_right(quoted, start, key=lambda q: q.start) - NEAR)
    around = [q for _, _, (i, q) in places.around(start, end) if i < first]
    return [*around, *quoted[first : first + 2 * NEAR]]


@lru_cache(maxsize=8)  # called for many spans of one text
def _quotations(text: str) -> tuple[list[Quotation], Enclosures[tuple[int, Quotation]]]:
    quoted = find_quotations(text)
    return quoted, Enclosures((q.start, q.end, (i, q)) for i, q in enumerate(quoted))


def _slice(text: str, offsets: Offsets | None) -> str | None:
    return text[slice(*offsets)] if offsets else None


def _shift(offsets: Offsets | None, shift: int) -> Offsets | None:
    return (offsets[0] + shift, offsets[1] + shift) if offsets else None


def _mask_quotations(text: str, low: int, high: int, quoted: Sequence[Quotation]) -> str:
    """Return a sentence with its quotations replaced by NUL characters, so that verbs inside them are ignored."""
    letters = list(text[low:high])
    for q in quoted:
        if q.start < high and q.end > low:
            letters[max(q.start, low) - low : min(q.end, high) - low] = "\x00" * (min(q.end, high) - max(q.start, low))
    return "".join(letters)


def _speaker_of_quoted_word(
    text: str, quote: Quotation, quoted: Sequence[Quotation], lexicon: Lexicon, headline: bool
) -> Offsets | None:
    """Return where the sentence names the person who uses a quoted word."""
    low, high = sentence_around(text, quote.start, quote.end, quoted)
    before, after = _mask_quotations(text, low, quote.start, quoted), _mask_quotations(text, quote.end, high, quoted)
    sentence = f"{before} {text[quote.start + 1 : quote.end - 1]} {after}"
    start, end = quote.inner
    source = reported_source(sentence, start - low, end - low, lexicon, headline=headline, noun=False)
    if source is None and (verb := _nearest_verb(text, low, quote.start, lexicon)):
        return speaker_of_verb(text, low, verb, quote.start, lexicon)
    return _shift(source.speaker, low) if source else None


def _nearest_verb(text: str, low: int, high: int, lexicon: Lexicon) -> re.Match[str] | None:
    verbs = lexicon.reporting_verbs.finditer(text, low, high)
    return next((verb for verb in verbs if count_words(text[verb.end() : high]) <= 4), None)
