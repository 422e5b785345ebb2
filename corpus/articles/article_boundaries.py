"""Find where one article of a text ends and the next begins, with the evidence for each boundary.

An archive page or a live blog holds several articles, and as plain text it has no markup to separate them. Boundaries
are recognised by shape: a line without a full stop above each text, a time or a byline below it, a rule above it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from corpus.readers.archives.dates import is_date_line
from corpus.readers.live_blog import count_entries
from corpus.span import paragraphs
from corpus.text.boilerplate import classify_paragraphs

SHORTEST = 12  # words of text under a headline; with fewer it is a heading of the next one
SENTENCE = 7  # words of a headline; headings inside an article are shorter
LEAST = 1000  # characters: a page with several articles is longer
MANY = 4  # articles with no evidence but a headline, from which on a text looks like several

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
    """Where an article begins, its headline, and the evidence in plain words."""

    start: int
    title: str | None
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Proposal:
    """The boundaries of a text; `several` says whether the text looks like more than one article."""

    boundaries: tuple[Boundary, ...]
    several: bool
    why: str


def propose_boundaries(text: str, title: str | None = None) -> Proposal:
    r"""Return where a normalised text's articles probably begin; the first boundary is the text's beginning.

    >>> story = "Northland took the town of {} at dawn on Monday, its ministry said in a statement.\n\nNobody replied."
    >>> page = "\n\n".join(f"Northland takes {town} after long siege\n\n10:3{i} a.m.\n\n{story.format(town)}"
    ...                    for i, town in enumerate(("Velo", "Karsk")))
    >>> [(boundary.start, boundary.title) for boundary in propose_boundaries(page).boundaries]
    [(0, 'Northland takes Velo after long siege'), (154, 'Northland takes Karsk after long siege')]
    """
    places = paragraphs(text)
    lines = [text[start:end] for start, end in places]
    line_kinds = classify_paragraphs(lines, title=title)
    openers = [i for i, kind in enumerate(line_kinds) if _opens(lines[i], kind)]
    openers = _with_text(lines, line_kinds, openers)
    if not openers:
        return Proposal((), False, "no line above a text looks like an article's headline")
    counts = Counter(line for line, kind in zip(lines, line_kinds, strict=True) if kind == "furniture")
    boundaries, strong = [], 0
    for number, i in enumerate(openers):
        end = openers[number + 1] if number + 1 < len(openers) else len(lines)
        begin = _begin(lines, line_kinds, i, openers[number - 1] if number else -1)
        own = _own_evidence(lines, begin, i, end)
        strong += bool(own)
        boxes = sum(counts[line] > 1 for line in lines[i:end])
        evidence = [f"a headline over {_words(lines, line_kinds, range(i, end))} words of text", *own]
        evidence += ["a box that other parts have too"] if boxes else []
        boundaries.append(Boundary(places[begin][0], lines[i], tuple(evidence)))
    if _words(lines, line_kinds, range(openers[0])) >= SHORTEST:
        named = title if title in lines[: openers[0]] else None
        boundaries.insert(0, Boundary(0, named, ("text before the first headline",)))
    boundaries[0] = replace(boundaries[0], start=0)
    several, why = _looks_several(lines, openers, strong, len(boundaries))
    return Proposal(tuple(boundaries), several, why)


def looks_like_several(text: str, title: str | None = None, *, entries: int = 0) -> str | None:
    """Return in words why a text looks like several articles; None if it does not or is too short.

    `entries` are those that its page gave a time.
    """
    if entries := max(entries, count_entries(text.split("\n\n"))):
        return f"{entries} entries, each with its own time"
    if text.count("\n\n") < 2 * MANY or len(text) < LEAST:
        return None
    proposal = propose_boundaries(text, title)
    return proposal.why if proposal.several else None


def _opens(line: str, kind: str) -> bool:
    if kind == "headline":
        return True
    unfinished = not _ENDED.search(line[-20:]) and not _LIST.match(line)
    return kind == "paragraph" and unfinished and len(line.split()) >= 5 and len(line) < 300


def _words(lines: Sequence[str], line_kinds: Sequence[str], rows: range) -> int:
    """Return the number of words of text, in finished sentences or lists, in some lines."""
    text = (lines[i] for i in rows if line_kinds[i] == "paragraph" and not _opens(lines[i], "paragraph"))
    return sum(len(line.split()) for line in text)


def _with_text(lines: Sequence[str], line_kinds: Sequence[str], openers: Sequence[int]) -> list[int]:
    """Return the openers that are followed by text; one without is a heading of the next, or a page's title."""
    ends = [*openers[1:], len(lines)]
    return [i for i, end in zip(openers, ends, strict=False) if _words(lines, line_kinds, range(i, end)) >= SHORTEST]


def _begin(lines: Sequence[str], line_kinds: Sequence[str], opener: int, before: int) -> int:
    """Return where an article's lines begin: with the rule, the time or the date above its headline."""
    begin = opener
    while begin - 1 > before and line_kinds[begin - 1] == "furniture":
        if not (_rule(lines[begin - 1]) or _timed(lines[begin - 1])):
            break
        begin -= 1
    return begin


def _rule(line: str) -> bool:
    return not any(character.isalnum() for character in line)


def _timed(line: str) -> bool:
    return len(line) < 60 and bool(_CLOCK.search(line) or is_date_line(line))


def _own_evidence(lines: Sequence[str], begin: int, opener: int, end: int) -> list[str]:
    """Return the evidence for one boundary apart from its headline."""
    above, below = lines[max(0, begin - 1) : opener], lines[opener + 1 : min(opener + 4, end)]
    own = []
    if any(_rule(line) for line in above):
        own.append("a rule above it")
    if any(_timed(line) for line in [*lines[begin:opener], *below]):
        own.append("a time or a date next to it")
    if any(_BYLINE.fullmatch(line) for line in below[:2]):
        own.append("a byline below it")
    if any(_DATELINE.match(line) for line in below):
        own.append("a place in capitals where its text begins")
    return own


def _looks_several(lines: Sequence[str], openers: Sequence[int], strong: int, parts: int) -> tuple[bool, str]:
    """Return whether the parts are probably articles of their own, and why."""
    counter = next((int(match[1]) for line in lines if (match := _COUNTER.fullmatch(line))), 0)
    length = median(len(lines[i].split()) for i in openers)
    if counter > 1 and len(openers) > 1:
        return True, f"{parts} parts; the page itself counts {counter}"
    if len(openers) > 1 and strong >= len(openers) - 1:
        return True, f"{parts} parts, each with its own time, byline, dateline or rule"
    if len(openers) >= MANY and length >= SENTENCE:
        return True, f"{parts} parts under headlines of {length:g} words (median)"
    return False, f"{len(openers)} headlines of {length:g} words: too few or too short for articles"
