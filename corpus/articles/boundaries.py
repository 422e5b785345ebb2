"""Borders: where a file with several articles goes over from one to the next, and what speaks for it.

An archive page or a live blog is no article, and once it is text no markup tells its parts. What is left are shapes: a
line without a full stop over each text, a time or a byline beneath it, a rule above it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from corpus.readers.archives.dates import is_date_line
from corpus.span import paragraphs
from corpus.text.boilerplate import classify_paragraphs

SHORTEST = 12  # words of text under a headline: with fewer it is a heading of what comes next
SENTENCE = 7  # words: headlines say what happened, the headings inside an article name its parts in fewer
LEAST = 1000  # characters: a page with several articles is longer
MANY = 4  # articles whose only evidence is a headline, before a file is said to look like several

_ENDED = re.compile(r"[.!?…:;,。！？—–-][\"'”’»«“)\]\s]*$")
_LIST = re.compile(r"[•·▪●◦‣*–—-]")
_CLOCK = re.compile(r"\b\d{1,2}[:.h]\d{2}(?:\s*[ap]\.?m\b\.?)?", re.IGNORECASE)
_BYLINE = re.compile(r"(?:by|von|par|por|di|от|автор:?|from cnn's) \S.{2,80}", re.IGNORECASE)
_CAPITALS = "A-ZÄÖÜÉÈА-ЯЁЇІЄ"
_DATELINE = re.compile(
    rf"[{_CAPITALS}][{_CAPITALS} .'’-]{{2,30}}(?:, [\w .]{{2,20}})? ?(?:\([^()]{{2,30}}\) ?)?[–—-]{{1,2}} "
)
_COUNTER = re.compile(r"(\d{1,4}) (?:posts?|updates?|stories|articles?|beiträge|artikel|entrées)", re.IGNORECASE)


@dataclass(frozen=True)
class Boundary:
    """Where an article begins, its headline, and what speaks for it in plain words."""

    start: int
    title: str | None
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Proposal:
    """The borders of a text; `several` says whether the text looks like more than one article."""

    borders: tuple[Boundary, ...]
    several: bool
    why: str


def propose_boundaries(text: str, title: str | None = None) -> Proposal:
    r"""Return where a normalised text's articles probably begin; the first border is the text's beginning.

    >>> story = "Northland took the town of {} at dawn on Monday, its ministry said in a statement.\n\nNobody replied."
    >>> page = "\n\n".join(f"Northland takes {town} after long siege\n\n10:3{i} a.m.\n\n{story.format(town)}"
    ...                    for i, town in enumerate(("Velo", "Karsk")))
    >>> [(border.start, border.title) for border in propose_boundaries(page).borders]
    [(0, 'Northland takes Velo after long siege'), (154, 'Northland takes Karsk after long siege')]
    """
    places = paragraphs(text)
    lines = [text[start:end] for start, end in places]
    found = classify_paragraphs(lines, title=title)
    openers = [i for i, kind in enumerate(found) if _opens(lines[i], kind)]
    openers = _with_text(lines, found, openers)
    if not openers:
        return Proposal((), False, "no line over a text looks like an article's headline")
    counts = Counter(line for line, kind in zip(lines, found, strict=True) if kind == "furniture")
    borders, strong = [], 0
    for number, i in enumerate(openers):
        end = openers[number + 1] if number + 1 < len(openers) else len(lines)
        begin = _begin(lines, found, i, openers[number - 1] if number else -1)
        own = _own_evidence(lines, found, begin, i, end)
        strong += bool(own)
        boxes = sum(counts[line] > 1 for line in lines[i:end])
        evidence = [f"a headline over {_words(lines, found, i, end)} words of text", *own]
        evidence += ["a box that stands in other parts too"] if boxes else []
        borders.append(Boundary(places[begin][0], lines[i], tuple(evidence)))
    if _body(lines, found, range(openers[0])) >= SHORTEST:
        named = title if title in lines[: openers[0]] else None
        borders.insert(0, Boundary(0, named, ("what stands before the first headline",)))
    borders[0] = Boundary(0, borders[0].title, borders[0].evidence)
    several, why = _judged(lines, openers, strong, len(borders))
    return Proposal(tuple(borders), several, why)


def looks_like_several(text: str, title: str | None = None) -> str | None:
    """Return in words why a text looks like several articles; None where it does not, or is too short for them."""
    if text.count("\n\n") < 2 * MANY or len(text) < LEAST:
        return None
    found = propose_boundaries(text, title)
    return found.why if found.several else None


def _opens(line: str, kind: str) -> bool:
    if kind == "headline":
        return True
    unfinished = not _ENDED.search(line[-20:]) and not _LIST.match(line)
    return kind == "paragraph" and unfinished and len(line.split()) >= 5 and len(line) < 300


def _body(lines: Sequence[str], found: Sequence[str], where: range) -> int:
    """Return how many words of text, in finished sentences or lists, stand in some lines."""
    text = (lines[i] for i in where if found[i] == "paragraph" and not _opens(lines[i], "paragraph"))
    return sum(len(line.split()) for line in text)


def _words(lines: Sequence[str], found: Sequence[str], start: int, end: int) -> int:
    return _body(lines, found, range(start, end))


def _with_text(lines: Sequence[str], found: Sequence[str], openers: Sequence[int]) -> list[int]:
    """Return the openers under which a text stands; one without is a heading of the next, or a page's title."""
    kept = []
    for number, i in enumerate(openers):
        end = openers[number + 1] if number + 1 < len(openers) else len(lines)
        if _words(lines, found, i, end) >= SHORTEST:
            kept.append(i)
    return kept


def _begin(lines: Sequence[str], found: Sequence[str], opener: int, before: int) -> int:
    """Return where an article's lines begin: with the rule, the time or the date above its headline."""
    begin = opener
    while begin - 1 > before and found[begin - 1] == "furniture":
        if not (_rule(lines[begin - 1]) or _timed(lines[begin - 1])):
            break
        begin -= 1
    return begin


def _rule(line: str) -> bool:
    return not any(character.isalnum() for character in line)


def _timed(line: str) -> bool:
    return len(line) < 60 and bool(_CLOCK.search(line) or is_date_line(line))


def _own_evidence(lines: Sequence[str], found: Sequence[str], begin: int, opener: int, end: int) -> list[str]:
    """Return what speaks for this one border besides its headline."""
    above, below = lines[max(0, begin - 1) : opener], lines[opener + 1 : min(opener + 4, end)]
    own = []
    if any(_rule(line) for line in above):
        own.append("a rule above it")
    if any(_timed(line) for line in [*lines[begin:opener], *below]):
        own.append("a time or a date beside it")
    if any(_BYLINE.fullmatch(line) for line in below[:2]):
        own.append("a byline beneath it")
    if any(_DATELINE.match(line) for line in below):
        own.append("a place in capitals where its text begins")
    return own


def _judged(lines: Sequence[str], openers: Sequence[int], strong: int, parts: int) -> tuple[bool, str]:
    counter = next((int(match[1]) for line in lines if (match := _COUNTER.fullmatch(line))), 0)
    length = median(len(lines[i].split()) for i in openers)
    if counter > 1 and len(openers) > 1:
        return True, f"{parts} parts; the page itself counts {counter}"
    if len(openers) > 1 and strong >= len(openers) - 1:
        return True, f"{parts} parts, each with its own time, byline, dateline or rule"
    if len(openers) >= MANY and length >= SENTENCE:
        return True, f"{parts} parts under headlines of {length:g} words (median)"
    return False, f"{len(openers)} headlines of {length:g} words: too few, or too short, to be those of articles"
