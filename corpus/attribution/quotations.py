"""Find direct quotations: in the quotation marks of six languages, nested, and over several paragraphs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from typing import NamedTuple

from corpus.span import paragraphs

_ONE_WAY = {"「": "」", "『": "』", "｢": "｣", "﹁": "﹂", "﹃": "﹄", "〝": "〞〟"}  # of Chinese and Japanese
OPENERS = {"”": "”", **_ONE_WAY}
OPENERS |= {
    "“": '”"',
    "„": '“”"„',
    "«": "»",
    "»": "«»",
    "‘": "’'",
    "‚": "‘’'",
    "‹": "›",
    "›": "‹",
    '"': '"”',
    "'": "'’",
}
# two signs that stand for one mark in plain text, and the pairs in which they come
_TYPED = (
    (re.compile(r"``(?=[^`]{1,3000}?'')([^`]+?)''", re.DOTALL), "“ ", " ”"),
    (re.compile(r"(?<![\w<])<<(?=\S)([^<>]{1,3000}?)>>", re.DOTALL), "« ", " »"),
    (re.compile(r"(?<![\w,]),,(?=\w)([^,]?.{0,3000}?)(?:''|”|“|\"(?!\w))", re.DOTALL), "„ ", None),
    (re.compile(r"(?<![\w'’])''(?=\w)((?:(?!\n\n).){1,3000}?)(?<=[\w.,!?…])''(?![\w'])", re.DOTALL), "“ ", " ”"),
)
LONGEST = 3000  # characters within which a closing mark is searched
DEEPEST = 6  # nested quotations; deeper ones are stray marks
SINGLES = "‘‚'"
_CLOSERS = frozenset("".join(OPENERS.values()))
# an opening mark follows one of these, or another opening mark
_BEFORE = " \n([{—–-/:;,=\u00a0\u202f\u2009：，。、；！？（》"
# "— Speech, — said he. — Speech", "—Speech —said he—. Speech", "– Speech – said he"
_DIALOGUE_CUT = re.compile(r"(?:^|(?<=[,.!?…])\s)[—–] ?|\s[—–](?=\w)|(?<=\w)[—–](?=[.,;:!?])|\s[—–] ")
_DIALOGUE_DASH = re.compile(r"[—–] ?(?=\w|[«“„\"])")


@dataclass(frozen=True)
class Quotation:
    """`text[start:end]` including its quotation marks, with the offsets `inner` of the words between them.

    `depth` counts the quotations around it. One quotation over several paragraphs is one Quotation per paragraph, which
    continues that of the previous paragraph or continues in the next.
    """

    start: int
    end: int
    inner: tuple[int, int]
    depth: int = 0
    continues_previous: bool = False
    continues_next: bool = False


class _OpenMark(NamedTuple):
    """A quotation mark that is still open."""

    mark: str
    start: int
    continues_previous: bool = False


def find_quotations(text: str) -> list[Quotation]:
    r"""Return the quotations of a normalised text in order; an opening mark that is never closed is ignored.

    A quotation that is reopened or closed in the next paragraph yields one Quotation per paragraph.

    >>> [text[q.start : q.end] for text in ["Er rief: „Sie sagte ‚nein‘.“"] for q in find_quotations(text)]
    ['„Sie sagte ‚nein‘.“', '‚nein‘']
    >>> [(q.start, q.continues_next) for q in find_quotations("“It was cold.\n\n“They took it,” she said.")]
    [(0, True), (15, False)]
    """
    text = _with_marks(text)
    quotations: list[Quotation] = []
    left_open = ""  # the mark that the previous paragraph did not close
    offsets = paragraphs(text)
    for number, (start, end) in enumerate(offsets):
        next_paragraph = text[slice(*offsets[number + 1])] if number + 1 < len(offsets) else ""
        left_open = _add_paragraph(text, start, end, left_open, next_paragraph, quotations)
    return sorted(quotations, key=lambda q: (q.start, -q.end))


def _with_marks(text: str) -> str:
    """Return a text of the same length with marks and a blank each in the place of ``, '', <<, >> and two commas."""
    for pattern, opening, closing in _TYPED:
        if opening[0] == "„" or pattern.search(text):
            text = pattern.sub(partial(_typed, opening=opening, closing=closing), text)
    return text


def _typed(match: re.Match[str], opening: str, closing: str | None) -> str:
    end = match[0][2 + len(match[1]) :]
    return opening + match[1] + (closing or (" ”" if len(end) == 2 else "”"))


def innermost_quotation(quotations: Sequence[Quotation], start: int, end: int) -> Quotation | None:
    """Return the innermost quotation that contains `text[start:end]` between its marks."""
    around = [
        q
        for q in quotations
        if (q.start < start and end < q.end + q.continues_next)
        or (q.continues_previous and q.start == start and end <= q.end)
    ]
    return max(around, key=lambda q: (q.start, -q.end), default=None)


def dialogue_segments(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return (start, end) of the segments between the dashes of a dialogue paragraph, speech and narration.

    >>> line = "— Мы вернём Ардун, — сказал полковник."
    >>> [line[a:b] for a, b in dialogue_segments(line, 0, len(line))]
    ['Мы вернём Ардун,', 'сказал полковник.']
    """
    if not _DIALOGUE_DASH.match(text, start, end):
        return []
    segments, segment_start = [], start
    for match in _DIALOGUE_CUT.finditer(text[start:end]):
        if match.start():
            segments.append((segment_start, start + match.start()))
        segment_start = start + match.end()
    return [*segments, (segment_start, end)]


def _add_paragraph(
    text: str, start: int, end: int, left_open: str, next_paragraph: str, quotations: list[Quotation]
) -> str:
    """Add one paragraph's quotations; return the mark of the one that continues in the next paragraph, or ""."""
    stack: list[_OpenMark] = []
    first = start
    if left_open:
        reopened = text[start] == left_open or text[start] in "»«“"
        stack = [_OpenMark(left_open, start if reopened else start - 1, continues_previous=True)]
        first += reopened
    for i in range(first, end):
        c = text[i]
        if c not in OPENERS and c not in _CLOSERS:
            continue
        before = text[i - 1] if i > start else " "
        after = text[i + 1] if i + 1 < end else " "
        if c in "'’" and before.isalnum() and after.isalnum():
            continue  # an apostrophe
        rest = text[i + 1 : min(end, i + LONGEST)]
        index = _closed_by(stack, c, before, after, rest)
        if index is not None:
            opener = stack[index]
            del stack[index:]
            quotations.append(_quotation(text, start, opener, i + 1, depth=len(stack)))
        elif _opens(c, before, after, rest):
            stack.append(_OpenMark(c, i))
            del stack[:-DEEPEST]
    if not stack or (stack[0].mark in SINGLES and not stack[0].continues_previous):
        return ""
    if not _continues(stack[0].mark, next_paragraph):
        if _resumes(text, start, stack[0], quotations):  # “Velo is free,” he said, “because we took it.
            last = _OpenMark(stack[0].mark, stack[0].start)
            quotations.append(_quotation(text, start, last, end, unclosed=True))
        return ""
    quotations.append(_quotation(text, start, stack[0], end, continues_next=True))
    return stack[0].mark


def _closed_by(stack: Sequence[_OpenMark], c: str, before: str, after: str, rest: str) -> int | None:
    """Return the index of the open quotation that a mark closes, or None."""
    for index in range(len(stack) - 1, -1, -1):
        mark = stack[index].mark
        if c not in OPENERS[mark] or (c in "«»" and c == mark and before in _BEFORE and not before.isspace()):
            continue
        if c in "\"'" and before in " (\n" and (after.isalnum() or after in _CLOSERS) and mark == c:
            return None  # a straight mark after a blank opens
        if c == "“" and mark == "„" and before in " (" and after.isalnum():
            return None  # „Bruder rief “Velo” …“
        if c in "'’":
            possessive = before in "sxzß" and after == " " and rest[1:2].islower()
            if after.isalnum() or (possessive and _closes_later(c, rest)):
                return None  # the soldiers' boots
        return index
    return None


def _closes_later(c: str, rest: str) -> bool:
    return bool(re.search(rf"[\w.,!?…]{c}(?!\w)", rest))


def _opens(c: str, before: str, after: str, rest: str) -> bool:
    if c not in OPENERS:
        return False
    if c in "„«‚" or c in _ONE_WAY or (c == "“" and _is_han(before)):
        return True
    if c == "”":  # Swedish and Finnish ”…”
        closed = re.search(r"\S”(?!\w)", rest)
        inner = rest[: closed.start()] if closed else "“"
        return before in _BEFORE and not after.isspace() and "“" not in inner
    if before not in _BEFORE and before not in OPENERS:
        return False
    if c == "»":  # German »…«; after a blank it may be a stray closing mark
        return not after.isspace() and "«" in rest
    if c == "›":
        return "‹" in rest
    if c in "'‘":
        if not (after.isalnum() or after in OPENERS or after in "¡¿…"):
            return False
        return bool(re.search(r"[^\s][’'](?!\w)", rest)) or (c == "‘" and "’" in rest)
    return True


def _is_han(character: str) -> bool:
    return "\u2e80" <= character <= "\u9fff"


def _continues(mark: str, paragraph: str) -> bool:
    """Return whether an open quotation is reopened at the start of the next paragraph, or closed in it."""
    if not paragraph:
        return False
    first = paragraph[0]
    if first == mark or (mark == "«" and first in "»«") or (mark == "„" and first == "“"):
        return True
    if mark in "\"'":
        return False
    index = next((i for i, c in enumerate(paragraph) if c in OPENERS[mark] or c == mark), -1)
    return index > 0 and paragraph[index] in OPENERS[mark] and not paragraph[index - 1].isspace()


def _resumes(text: str, start: int, opener: _OpenMark, quotations: Sequence[Quotation]) -> bool:
    """Return whether an unclosed mark resumes a quotation of the same sentence, after a few words like "he said"."""
    of_paragraph = takewhile(lambda q: start <= q.start, reversed(quotations))
    earlier = [q for q in of_paragraph if q.end <= opener.start and not q.depth][::-1]
    if not earlier or opener.mark in SINGLES:
        return False
    between = text[earlier[-1].end : opener.start]
    ended = text[earlier[-1].inner[1] - 1] in ",.!?…"
    return ended and between.rstrip().endswith((",", ".", ":")) and 0 < len(between.split()) <= 8


def _quotation(
    text: str,
    start: int,
    opener: _OpenMark,
    end: int,
    *,
    depth: int = 0,
    continues_next: bool = False,
    unclosed: bool = False,
) -> Quotation:
    """Return the quotation in the paragraph that begins at `start`; a continued one may have no opening mark in it."""
    first = max(opener.start, start)
    inner_start = first + (opener.start >= start)
    words = text[inner_start : end if unclosed else end - 1]
    left = inner_start + len(words) - len(words.lstrip())
    right = end if continues_next else left + len(words.strip())
    return Quotation(first, end, (left, right), depth, opener.continues_previous, continues_next)
