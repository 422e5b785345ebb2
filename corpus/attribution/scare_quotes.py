"""Marking: words under quotation marks that are no clause, and words that are called "so-called"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .languages import Lexicon
from .quotations import Quotation
from .sentence import sentence_around
from .speakers import Offsets, speaker_before

FEW = 3  # words: a shorter quotation without a verb of its own is a quoted word and no clause

_WORD = re.compile(r"\w+(?:[’'\-]\w+)*")


def is_proper_name(text: str, quote: Quotation, lexicon: Lexicon) -> bool:
    """Tell whether a quotation names a work or a body: the film “Free Land”."""
    before = _WORD.findall(text[max(0, quote.start - 40) : quote.start])[-1:]
    words = _WORD.findall(text[slice(*quote.inner)])
    return bool(
        before and words and lexicon.work_nouns.fullmatch(before[0]) and words[0][0].isupper() and len(words) <= 5
    )


def is_clause(
    text: str, quote: Quotation, quoted: Sequence[Quotation], lexicon: Lexicon | None, unit: tuple[int, int]
) -> bool:
    """Tell whether a quotation is a clause or more, and not a word or a few under marks."""
    inner = text[slice(*quote.inner)]
    words = _WORD.findall(inner)
    if quote.continues_previous or quote.continues_next or len(words) > 7:
        return True
    if len(words) < 2:
        return False
    finite = bool(lexicon and lexicon.finite_verbs.search(inner))
    if len(words) > FEW:
        unit_is_noun = bool(lexicon and lexicon.noun_form.fullmatch(text[slice(*unit)])) and not text[
            : unit[0]
        ].endswith(" to ")
        return finite or not unit_is_noun or (inner[0].isupper() and bool(re.search(r"[.!?…]$", inner)))
    ended = bool(re.search(r"[.!?…]$", inner)) or bool(re.match(r"[.!?]", text[quote.end : quote.end + 1]))
    before = text[: quote.start].rstrip()
    opens = inner[0].isupper() and (not before or before[-1] in ":.!?…" or text[: quote.start].endswith("\n\n"))
    return (finite and (len(words) > 2 or ended or opens)) or (opens and bool(re.search(r"[.!?…]$", inner)))


def find_so_called(text: str, start: int, end: int, quoted: Sequence[Quotation], lexicon: Lexicon) -> Offsets | None:
    """Return where "so-called" or "what they call" stands for a span."""
    low, high = sentence_around(text, start, end, quoted)
    for match in lexicon.so_called.finditer(text, low, start):
        between = text[match.end() : start]
        words = _WORD.findall(between)
        if match[0].endswith((".", "-")) or not re.search(r"[,;:()]", between):
            few = len(words) <= (2 if lexicon.noun_form.fullmatch(text[start:end]) else 0)
            if (
                few
                and not any(w.lower() in lexicon.prepositions - {"of", "de", "d", "di"} for w in words)
                and not re.search("[.;:,]", between.lstrip("."))
            ):
                return match.span()
    for match in lexicon.naming_verbs.finditer(text, low, high):
        if match.end() <= start and _called_before(text, low, match, start, end, lexicon):
            return match.span()
        if match.start() >= end and _called_behind(text, low, match, start, end, lexicon):
            return match.span()
    return None


def _called_before(text: str, low: int, match: re.Match[str], start: int, end: int, lexicon: Lexicon) -> bool:
    between = text[match.end() : start]
    words = [w.lower() for w in _WORD.findall(between)]
    if len(words) > 4 or re.search(r"[.;:()]", between):
        return False
    own = lexicon.reflexives.search(text, max(low, match.start() - 12), start)
    if own and len(words) <= 2:
        return True
    if lexicon.case_form.pattern != "(?!)":
        return bool(lexicon.case_form.fullmatch(text[start:end])) and len(words) <= 2
    what = lexicon.free_relatives.search(text, low, match.start())
    if what and "," not in text[what.end() : match.start()] and len(words) <= 3:
        return True
    as_what = bool({"as", "als", "come", "comme", "de"} & set(words[-2:]) or {"a", "an"} & set(words[1:]))
    return as_what and lexicon.noun_form.fullmatch(text[start:end]) is not None


def _called_behind(text: str, low: int, match: re.Match[str], start: int, end: int, lexicon: Lexicon) -> bool:
    between = text[end : match.start()]
    if lexicon.language != "de" or len(_WORD.findall(between)) > 1 or re.search(r"[,.;:()]", between):
        return False
    before = text[low:start]
    said_as = [w.lower() for w in _WORD.findall(before)[-2:]]
    return bool("als" in said_as or lexicon.free_relatives.search(before))


def so_called_speaker(
    text: str, start: int, end: int, mark: Offsets, quoted: Sequence[Quotation], lexicon: Lexicon
) -> Offsets | None:
    """Return where the one is named who calls `text[start:end]` so by the words at `mark`."""
    low, _ = sentence_around(text, start, end, quoted)
    if lexicon.so_called.fullmatch(text[slice(*mark)]):
        return None
    what = list(lexicon.free_relatives.finditer(text, low, min(mark[0], start)))
    begin = what[-1].end() if what else low
    if mark[0] < start:
        own = lexicon.reflexives.search(text, max(low, mark[0] - 12), start)
        return None if own else speaker_before(text, begin, mark[0], lexicon)
    words = [m for m in _WORD.finditer(text, begin, start) if m[0].lower() != "als"]  # "was Generäle Befreiung nennen"
    if not words:
        return None
    place = (words[0].start(), words[-1].end())
    by = text.find(" von ", *place)  # "die von Nordland als Befreiung bezeichnete Operation"
    return (by + 5, place[1]) if by >= 0 and words[0][0].lower() in lexicon.determiners else place
