"""Marking: words under quotation marks that are no clause, and words that are called "so-called"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .languages import Speech
from .quotations import Quotation
from .sentence import around
from .speakers import Place, speaker_before

FEW = 3  # words: a shorter quotation without a verb of its own is a quoted word and no clause

_WORD = re.compile(r"\w+(?:[’'\-]\w+)*")


def is_name(text: str, quote: Quotation, table: Speech) -> bool:
    """Tell whether a quotation names a work or a body: the film “Free Land”."""
    before = _WORD.findall(text[max(0, quote.start - 40) : quote.start])[-1:]
    words = _WORD.findall(text[slice(*quote.inner)])
    return bool(before and words and table.works.fullmatch(before[0]) and words[0][0].isupper() and len(words) <= 5)


def is_clause(
    text: str, quote: Quotation, quoted: Sequence[Quotation], table: Speech | None, unit: tuple[int, int]
) -> bool:
    """Tell whether a quotation is a clause or more, and not a word or a few under marks."""
    inner = text[slice(*quote.inner)]
    words = _WORD.findall(inner)
    if quote.follows or quote.goes_on or len(words) > 7:
        return True
    if len(words) < 2:
        return False
    finite = bool(table and table.finite.search(inner))
    if len(words) > FEW:
        unit_is_noun = bool(table and table.noun.fullmatch(text[slice(*unit)])) and not text[: unit[0]].endswith(" to ")
        return finite or not unit_is_noun or (inner[0].isupper() and bool(re.search(r"[.!?…]$", inner)))
    ended = bool(re.search(r"[.!?…]$", inner)) or bool(re.match(r"[.!?]", text[quote.end : quote.end + 1]))
    before = text[: quote.start].rstrip()
    opens = inner[0].isupper() and (not before or before[-1] in ":.!?…" or text[: quote.start].endswith("\n\n"))
    return (finite and (len(words) > 2 or ended or opens)) or (opens and bool(re.search(r"[.!?…]$", inner)))


def marked_by(text: str, start: int, end: int, quoted: Sequence[Quotation], table: Speech) -> Place | None:
    """Return where "so-called" or "what they call" stands for a span."""
    low, high = around(text, start, end, quoted)
    for match in table.so_called.finditer(text, low, start):
        between = text[match.end() : start]
        words = _WORD.findall(between)
        if match[0].endswith((".", "-")) or not re.search(r"[,;:()]", between):
            few = len(words) <= (2 if table.noun.fullmatch(text[start:end]) else 0)
            if (
                few
                and not any(w.lower() in table.prepositions - {"of", "de", "d", "di"} for w in words)
                and not re.search("[.;:,]", between.lstrip("."))
            ):
                return match.span()
    for match in table.calls.finditer(text, low, high):
        if match.end() <= start and _called_before(text, low, match, start, end, table):
            return match.span()
        if match.start() >= end and _called_behind(text, low, match, start, end, table):
            return match.span()
    return None


def _called_before(text: str, low: int, match: re.Match[str], start: int, end: int, table: Speech) -> bool:
    between = text[match.end() : start]
    words = [w.lower() for w in _WORD.findall(between)]
    if len(words) > 4 or re.search(r"[.;:()]", between):
        return False
    own = table.themselves.search(text, max(low, match.start() - 12), start)
    if own and len(words) <= 2:
        return True
    if table.case.pattern != "(?!)":
        return bool(table.case.fullmatch(text[start:end])) and len(words) <= 2
    what = table.what.search(text, low, match.start())
    if what and "," not in text[what.end() : match.start()] and len(words) <= 3:
        return True
    as_what = bool({"as", "als", "come", "comme", "de"} & set(words[-2:]) or {"a", "an"} & set(words[1:]))
    return as_what and table.noun.fullmatch(text[start:end]) is not None


def _called_behind(text: str, low: int, match: re.Match[str], start: int, end: int, table: Speech) -> bool:
    between = text[end : match.start()]
    if table.language != "de" or len(_WORD.findall(between)) > 1 or re.search(r"[,.;:()]", between):
        return False
    before = text[low:start]
    said_as = [w.lower() for w in _WORD.findall(before)[-2:]]
    return bool("als" in said_as or table.what.search(before))


def caller(text: str, start: int, end: int, mark: Place, quoted: Sequence[Quotation], table: Speech) -> Place | None:
    """Return where the one is named who calls `text[start:end]` so by the words at `mark`."""
    low, _ = around(text, start, end, quoted)
    if table.so_called.fullmatch(text[slice(*mark)]):
        return None
    what = list(table.what.finditer(text, low, min(mark[0], start)))
    begin = what[-1].end() if what else low
    if mark[0] < start:
        own = table.themselves.search(text, max(low, mark[0] - 12), start)
        return None if own else speaker_before(text, begin, mark[0], table)
    words = [m for m in _WORD.finditer(text, begin, start) if m[0].lower() != "als"]  # "was Generäle Befreiung nennen"
    if not words:
        return None
    place = (words[0].start(), words[-1].end())
    by = text.find(" von ", *place)  # "die von Nordland als Befreiung bezeichnete Operation"
    return (by + 5, place[1]) if by >= 0 and words[0][0].lower() in table.determiners else place
