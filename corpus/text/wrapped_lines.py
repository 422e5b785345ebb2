"""Tell lines that an editor wrapped from lines that are paragraphs, in any script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from itertools import pairwise

NARROWEST, WIDEST = 40, 100  # columns at which editors wrap; longer lines are paragraphs
SHARE = 0.8  # minimum share of lines that are as full as the next word allows
# from this width on lines count as full that are shorter by this share: some people break lines by hand, and verses are
# narrower
LOOSE, SLACK = 55, 0.12
LOWER = 0.2  # minimum share of lines that begin in lower case, in scripts with two cases

_ITEM = re.compile(r"\s*(?:[-–—•*·]\s|\(?\w{1,3}[.)]\s)")
_STOP = re.compile(r"[.!?…:。！？؟۔।॥։።၊။][\"'”’»“›)\]」』）]*$")
_HYPHEN = re.compile(r"\w[-\u00ad\u2010]$")


def paragraphs_of_lines(text: str) -> str:
    r"""Separate paragraphs by empty lines: every line is a paragraph, unless an editor has wrapped the lines.

    Lines are wrapped if nearly each is so full that the first word of the next one would not have fitted into the width
    of the text. In wrapped text a paragraph ends at an empty line, before an indented line, and after a line that is
    too short to be wrapped.

    >>> paragraphs_of_lines("Velo falls\nNorthland took the town after a siege.")
    'Velo falls\n\nNorthland took the town after a siege.'
    >>> wrapped = "Northland took the town of Velo on Monday after a siege\nof weeks, it said.\n\nIt burned."
    >>> paragraphs_of_lines(wrapped) == wrapped
    True
    """
    lines = [line.rstrip() for line in text.splitlines()]
    for width in (len, _columns):
        if room := _wrapping_width(lines, width):
            return "\n".join(_with_breaks(lines, width, room)) + "\n" * text.endswith("\n")
    return "\n\n".join(lines)


def _wrapping_width(lines: Sequence[str], width: Callable[[str], int]) -> int:
    """Return the width at which lines were wrapped, as `width` measures it; 0 if they are not wrapped."""
    pairs = [(line, following) for line, following in pairwise(lines) if line and following]
    pairs = [pair for pair in pairs if not _ends_paragraph(*pair)]
    widths = sorted(width(line) for line, _ in pairs)
    if not widths:
        return 0
    room = widths[-1 - len(widths) // 20]  # some lines are longer: an address, a title
    if not NARROWEST <= room <= WIDEST:
        return 0
    least = room if room < LOOSE else int(room * (1 - SLACK))
    full = sum(_is_full(*pair, width, least) for pair in pairs)
    # where no empty line is between paragraphs, their last lines are short
    last = sum(not _is_full(*pair, width, least) and bool(_STOP.search(pair[0])) for pair in pairs)
    items = sum(bool(_ITEM.match(line)) for line, _ in pairs)
    if full < SHARE * (len(pairs) - min(last, len(pairs) // 2)) or items > 0.3 * len(pairs):
        return 0
    mid_sentence = sum(not _STOP.search(line) for line, _ in pairs)
    if mid_sentence < 0.5 * len(pairs):
        return 0
    if _has_two_cases("".join(lines)):
        lower = sum(following.lstrip()[:1].islower() or bool(_HYPHEN.search(line)) for line, following in pairs)
        return room if lower > LOWER * len(pairs) else 0
    # without two cases a few lines show less: the last one has to end a sentence
    return room if len(pairs) >= 3 or _STOP.search(next(line for line in reversed(lines) if line)) else 0


def _has_two_cases(text: str) -> bool:
    """Return whether most letters of a text have capitals: names in Latin letters are in texts of any script."""
    letters = [letter for letter in text if letter.isalpha()]
    cased = sum(letter.islower() or letter.isupper() for letter in letters)
    return 2 * cased > len(letters) and any(map(str.islower, letters)) and any(map(str.isupper, letters))


def _ends_paragraph(line: str, following: str) -> bool:
    """Return whether a line surely ends a paragraph: it ends a sentence, and the next line is indented."""
    return following[:1].isspace() and not line[:1].isspace() and bool(_STOP.search(line))


def _is_full(line: str, following: str, width: Callable[[str], int], room: int) -> bool:
    """Return whether the first word of the following line does not fit into the line."""
    if _HYPHEN.search(line):
        return True
    first = following.split(maxsplit=1)[0]
    if _without_blanks(first):
        return width(line) + 3 * width(first[0]) > room  # two signs more or less, as marks may not begin a line
    return width(line) + 1 + width(first) > room


def _without_blanks(word: str) -> bool:
    """Return whether a word is of a script that writes no blanks between words, and breaks lines anywhere."""
    return word[0] >= "\u2e80" and not "\uac00" <= word[0] <= "\ud7af"


def _columns(line: str) -> int:
    """Return how many columns of a terminal a line takes: two for a Chinese sign, none for a combining one."""
    columns = 0
    for character in line:
        if not unicodedata.combining(character) and unicodedata.category(character) not in ("Mn", "Cf"):
            columns += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return columns


def _with_breaks(lines: Sequence[str], width: Callable[[str], int], room: int) -> list[str]:
    """Return wrapped lines with an empty line between the paragraphs that have none."""
    indents = [len(line) - len(line.lstrip()) for line in lines if line]
    usual = max(set(indents), key=indents.count)
    broken: list[str] = []
    for number, line in enumerate(lines):
        previous = lines[number - 1] if number else ""
        if line and previous:
            indent = len(line) - len(line.lstrip())
            short = not _is_full(previous, line, width, room) and not line.lstrip()[0].islower()
            if (indent > usual and len(previous) - len(previous.lstrip()) <= usual) or short or _ITEM.match(line):
                broken.append("")
        if line and broken and broken[-1] and _is_wrapped_inside(broken[-1], line):
            broken[-1] += line.lstrip()  # a blank would stand inside a word
        else:
            broken.append(line)
    return broken


def _is_wrapped_inside(line: str, following: str) -> bool:
    """Return whether the end of a line, and the beginning of the next, are of scripts without blanks."""
    return _without_blanks(line[-1]) and _without_blanks(following.lstrip()[0])
