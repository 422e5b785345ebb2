"""Quote attribution: the speaker of a direct quotation, or of a paragraph of dialogue that opens with a dash."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from .languages import Lexicon, load_lexicon
from .quotations import Quotation, dialogue_segments
from .sentence import LONGEST, count_words, end_of_last, sentence_around
from .speakers import Offsets, Source, speaker_after, speaker_before, speaker_of_verb

MOST_PARAGRAPHS = 20  # of one speech in which its speaker is searched

_ANY_VERB = re.compile(r"[^\W\d_A-ZА-ЯІЇЄҐ]\w+ ((?:[A-ZÀ-ÞА-ЯІЇЄҐ][\w’'-]+ ?){1,3}(?<! ))")  # ", sighs Ana"
_ONE_DASH = ("fr", "it")  # languages that set no second dash before the words of the narrator
_PUNCTUATION = re.compile(r"[\s,;:.!?…–—-]*")
_COMMA = re.compile(r"[,;]")


def quotation_speaker(
    text: str, quote: Quotation, quoted: Sequence[Quotation], lexicon: Lexicon | None
) -> Offsets | None:
    """Return where the speaker of a quotation is named: after it, before it, inside it, or near adjacent quotations."""
    if lexicon is None:
        return None
    same_depth = [q for q in quoted if q.depth == quote.depth]
    index = first = last = same_depth.index(quote)
    while same_depth[last].continues_next and last + 1 < min(len(same_depth), index + MOST_PARAGRAPHS):
        last += 1
    while same_depth[first].continues_previous and first > max(0, index - MOST_PARAGRAPHS):
        first -= 1
    order = [quote, *(same_depth[i] for i in range(first, last + 1) if i != index)]
    order += [
        q
        for q in same_depth[max(0, index - 2) : index + 3]
        if "\n\n" not in text[min(q.end, quote.end) : max(q.start, quote.start)] and q not in order
    ]
    for q in order:
        # "he shouted ‘Go!’ and ran" may be inside another quotation
        before_or_after = (_speaker_before, _speaker_after) if q.depth else (_speaker_after, _speaker_before)
        for find_speaker in before_or_after:
            if speaker := find_speaker(text, q, quoted, lexicon):
                return speaker
        if speaker := _speaker_inside(text, q, lexicon):
            return speaker
    return None


def _end_of_tag(text: str, start: int, quoted: Sequence[Quotation], depth: int) -> int:
    """Return where the words after a quotation end: at the next quotation or the end of the sentence or paragraph."""
    paragraph_break = text.find("\n\n", start)
    end = len(text) if paragraph_break < 0 else paragraph_break
    end = min([q.start for q in quoted if q.start >= start and q.depth <= depth] + [end])
    full_stop = re.search(r"(?<=\w\w)[.!?…](?:\s|$)", text[start:end])
    return start + full_stop.start() if full_stop and full_stop.start() > 2 else end


def _speaker_after(text: str, quote: Quotation, quoted: Sequence[Quotation], lexicon: Lexicon) -> Offsets | None:
    punctuation = _PUNCTUATION.match(text, quote.end)
    start = punctuation.end() if punctuation else quote.end
    if re.search(r"[.!?]\s", text[quote.end : start]) and not text[start : start + 1].islower():
        return None  # the sentence ended with the quotation
    return _speaker_in_tag(text, start, _end_of_tag(text, start, quoted, quote.depth), lexicon)


def _speaker_in_tag(text: str, start: int, end: int, lexicon: Lexicon) -> Offsets | None:
    """Return the speaker in `text[start:end]`, the words after a quotation."""
    phrase = lexicon.source_phrases.search(text, start, end)
    if phrase and phrase.start() - start < 3:
        return speaker_after(text, phrase.end(), end, lexicon)
    patterns = (lexicon.reporting_verbs, lexicon.quotation_verbs)
    verbs = [verb for pattern in patterns for verb in pattern.finditer(text, start, end)]
    if verbs:
        verb = min(verbs, key=lambda verb: verb.start())
        if count_words(text[start : verb.start()]) > 9:
            return None
        return speaker_of_verb(text, start, verb, end, lexicon)
    name = _ANY_VERB.match(text, start, end)
    return name.span(1) if name and text[max(0, start - LONGEST) : start].rstrip()[-1:] in ",—–" else None


def _speaker_before(text: str, quote: Quotation, quoted: Sequence[Quotation], lexicon: Lexicon) -> Offsets | None:
    low, _ = sentence_around(text, quote.start, min(quote.start + 1, len(text)), quoted)
    low = max([low, *(q.end for q in quoted if low < q.end <= quote.start and q.depth == quote.depth)])
    lead = text[low : quote.start].rstrip()
    if not lead:
        return None
    phrase = lexicon.source_phrases.search(text, low, quote.start)
    if phrase:
        return speaker_after(text, phrase.end(), quote.start, lexicon)
    verb = lexicon.reporting_verbs.search(text, low, quote.start)
    verb = verb or lexicon.quotation_verbs.search(text, low, quote.start)
    if verb:
        return speaker_of_verb(text, end_of_last(_COMMA, text, low, verb.start()), verb, quote.start, lexicon)
    if lead.endswith(":") and not lexicon.topic_words.search(lead):
        return speaker_before(text, low, low + len(lead) - 1, lexicon)
    return None


def _speaker_inside(text: str, quote: Quotation, lexicon: Lexicon) -> Offsets | None:
    """Return the speaker named between the marks: « Brenik, a précisé le commandant, est à nous »."""
    inner = text[slice(*quote.inner)]
    for part in re.finditer(r",\s+(?:[—–]\s+)?([^,—–]{4,60}),", inner):
        low, high = quote.inner[0] + part.start(1), quote.inner[0] + part.end(1)
        verb = lexicon.reporting_verbs.search(part[1])
        if verb and count_words(part[1][: verb.start()]) <= 4:
            before = speaker_before(text, low, low + verb.start(), lexicon)
            return before or speaker_after(text, low + verb.end(), high, lexicon)
    return None


def dialogue_speaker(text: str, first: int, last: int, start: int, lexicon: Lexicon) -> Source | None:
    """Return the speaker of a paragraph that opens with a dash; None if `start` is in the narrator's words."""
    narration = _narration(text, first, last, lexicon.language)
    if not narration or any(a <= start < b for a, b in narration):
        return None
    return Source(_speaker_in_tag(text, *narration[0], lexicon), narration[0])


@lru_cache(maxsize=8)  # called for many spans of one paragraph
def _narration(text: str, first: int, last: int, language: str) -> list[tuple[int, int]]:
    """Return (start, end) of the narrator's words in a paragraph that opens with a dash; empty if there are none."""
    segments, narration = dialogue_segments(text, first, last), []
    lexicon = load_lexicon(language)
    if lexicon is None:
        return []
    if len(segments) == 1 and lexicon.language in _ONE_DASH:  # "— Velo est à nous, dit le colonel."
        words = (match.end() for match in re.finditer(r"[,!?…] ", text[first:last]))
        tags = (first + end for end in words if lexicon.reporting_verbs.match(text, first + end, last))
        narration = [(tag, last) for tag in tags][:1]
    for a, b in segments[1:]:
        verb = lexicon.reporting_verbs.search(text, a, b)
        if verb and count_words(text[a : verb.start()]) <= 3:
            narration.append((a, b))
    return narration
