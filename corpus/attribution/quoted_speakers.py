"""Voices: who speaks a direct quotation, or a paragraph that opens with a dash."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .languages import Lexicon
from .quotations import Quotation, dialogue_segments
from .sentence import sentence_around
from .speakers import Offsets, speaker_after, speaker_before

PARAGRAPHS = 20  # a speech over more is not followed to its speaker

_WORD = re.compile(r"\w+(?:[’'\-]\w+)*")
_SOME_VERB = re.compile(
    r"[^\W\d_A-ZА-ЯІЇЄҐ]\w+ ((?:[A-ZÀ-ÞА-ЯІЇЄҐ][\w’'-]+ ?){1,3}(?<! ))"
)  # behind a quotation any verb speaks: ", sighs Ana"
_APART = re.compile(r"[\s,;:.!?…–—-]*")


def quotation_speaker(
    text: str, quote: Quotation, quoted: Sequence[Quotation], lexicon: Lexicon | None
) -> Offsets | None:
    """Return where the speaker of a quotation is named: behind it, before it, or beside its neighbours."""
    if lexicon is None:
        return None
    outer = [q for q in quoted if q.depth == quote.depth]
    at = outer.index(quote)
    chain = [at]
    while outer[chain[-1]].continues_next and chain[-1] + 1 < min(len(outer), at + PARAGRAPHS):
        chain.append(chain[-1] + 1)
    while outer[chain[0]].continues_previous and chain[0] > max(0, at - PARAGRAPHS):
        chain.insert(0, chain[0] - 1)
    order = [quote, *(outer[i] for i in chain if i != at)]
    order += [
        q
        for q in outer[max(0, at - 2) : at + 3]
        if "\n\n" not in text[min(q.end, quote.end) : max(q.start, quote.start)] and q not in order
    ]
    for one in order:
        sides = (
            (_ahead, _behind) if one.depth else (_behind, _ahead)
        )  # "he shouted ‘Go!’ and ran" stands inside another's
        if found := sides[0](text, one, quoted, lexicon) or sides[1](text, one, quoted, lexicon):
            return found
        inside = _incise(text, one, lexicon)
        if inside:
            return inside
    return None


def _room(text: str, place: int, quoted: Sequence[Quotation], depth: int) -> int:
    """Return the end of the words behind a quotation: the next one, the paragraph's or the sentence's end."""
    stop = text.find("\n\n", place)
    stop = len(text) if stop < 0 else stop
    stop = min([q.start for q in quoted if q.start >= place and q.depth <= depth] + [stop])
    full = re.search(r"(?<=\w\w)[.!?…](?:\s|$)", text[place:stop])
    return place + full.start() if full and full.start() > 2 else stop


def _behind(text: str, quote: Quotation, quoted: Sequence[Quotation], lexicon: Lexicon) -> Offsets | None:
    begin = _APART.match(text, quote.end)
    place = begin.end() if begin else quote.end
    if re.search(r"[.!?]\s", text[quote.end : place]) and not text[place : place + 1].islower():
        return None  # the sentence ended with the quotation
    stop = _room(text, place, quoted, quote.depth)
    return _beside(text, place, stop, lexicon, near=True)


def _beside(text: str, place: int, stop: int, lexicon: Lexicon, near: bool) -> Offsets | None:
    by = lexicon.source_phrases.search(text, place, stop)
    if by and by.start() - place < 3:
        return speaker_after(text, by.end(), stop, lexicon)
    verbs = sorted(
        [*lexicon.reporting_verbs.finditer(text, place, stop), *lexicon.quotation_verbs.finditer(text, place, stop)],
        key=lambda m: m.start(),
    )
    for verb in verbs:
        if near and len(_WORD.findall(text[place : verb.start()])) > 9:
            return None
        found = speaker_before(text, place, verb.start(), lexicon)
        return found or speaker_after(text, verb.end(), stop, lexicon)
    name = _SOME_VERB.match(text, place, stop)
    return name.span(1) if name and text[:place].rstrip()[-1:] in ",—–" else None


def _ahead(text: str, quote: Quotation, quoted: Sequence[Quotation], lexicon: Lexicon) -> Offsets | None:
    low, _ = sentence_around(text, quote.start, min(quote.start + 1, len(text)), quoted)
    low = max([low, *(q.end for q in quoted if low < q.end <= quote.start and q.depth == quote.depth)])
    lead = text[low : quote.start].rstrip()
    if not lead:
        return None
    by = lexicon.source_phrases.search(text, low, quote.start)
    if by:
        return speaker_after(text, by.end(), quote.start, lexicon)
    verbs = [*lexicon.reporting_verbs.finditer(text, low, quote.start)] or [
        *lexicon.quotation_verbs.finditer(text, low, quote.start)
    ]
    if verbs:
        edge = max((m.end() for m in re.finditer(r"[,;]", text[low : verbs[0].start()])), default=0) + low
        return speaker_before(text, edge, verbs[0].start(), lexicon) or speaker_after(
            text, verbs[0].end(), quote.start, lexicon
        )
    if lead.endswith(":") and not lexicon.topic_words.search(lead):
        return speaker_before(text, low, low + len(lead) - 1, lexicon)
    return None


def _incise(text: str, quote: Quotation, lexicon: Lexicon) -> Offsets | None:
    """Return the speaker named inside the marks: « Brenik, a précisé le commandant, est à nous »."""
    inner = text[slice(*quote.inner)]
    for part in re.finditer(r",\s+(?:[—–]\s+)?([^,—–]{4,60}),", inner):
        verb = lexicon.reporting_verbs.search(part[1])
        if verb and len(_WORD.findall(part[1][: verb.start()])) <= 4:
            low = quote.inner[0] + part.start(1)
            return speaker_before(text, low, low + verb.start(), lexicon) or speaker_after(
                text, low + verb.end(), low + len(part[1]), lexicon
            )
    return None


def dialogue_speaker(
    text: str, first: int, last: int, start: int, lexicon: Lexicon
) -> tuple[Offsets | None, Offsets] | None:
    """Return who speaks a paragraph that opens with a dash, and where that is said; None where nobody does."""
    parts = dialogue_segments(text, first, last)
    tales = [
        p
        for p in parts
        if (verb := lexicon.reporting_verbs.search(text, *p)) and len(_WORD.findall(text[p[0] : verb.start()])) <= 3
    ]
    tales = [p for p in tales if p != parts[0]]
    if not tales or any(a <= start < b for a, b in tales):
        return None
    return _beside(text, *tales[0], lexicon, near=True), tales[0]
