"""Quotations: what stands between quotation marks, in the marks of six languages, nested, and over paragraphs."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from corpus.span import paragraphs

OPENERS = {"“": '”"', "„": '“”"„', "«": "»", "»": "«»", "‘": "’'", "‚": "‘’'", "‹": "›", "›": "‹", '"': '"”', "'": "'’"}
LONGEST = 3000  # characters in which a mark is looked for that closes another
DEEPEST = 6  # quotations inside each other; more are stray marks
SINGLES = "‘‚'"
_CLOSERS = frozenset("".join(OPENERS.values()))
_BEFORE = " \n([{—–-/:;,=\u00a0\u202f\u2009"  # an opening mark follows one of these, or another opening mark
_SPEAKING_DASH = re.compile(r"[—–] ?(?=\w|[«“„\"])")


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


def find_quotations(text: str) -> list[Quotation]:
    r"""Return the quotations of a normalised text by their beginnings; a mark that nothing closes opens none.

    A quotation that goes on in the next paragraph, where it opens again or closes, is one quotation a paragraph.

    >>> [text[q.start : q.end] for text in ["Er rief: „Sie sagte ‚nein‘.“"] for q in find_quotations(text)]
    ['„Sie sagte ‚nein‘.“', '‚nein‘']
    >>> [(q.start, q.continues_next) for q in find_quotations("“It was cold.\n\n“They took it,” she said.")]
    [(0, True), (15, False)]
    """
    found: list[Quotation] = []
    left_open: list[str] = []  # marks that the paragraph before did not close
    blocks = paragraphs(text)
    for number, (start, end) in enumerate(blocks):
        after = text[slice(*blocks[number + 1])] if number + 1 < len(blocks) else ""
        left_open = _paragraph(text, start, end, left_open, after, found)
    return sorted(found, key=lambda q: (q.start, -q.end))


def innermost_quotation(found: list[Quotation], start: int, end: int) -> Quotation | None:
    """Return the deepest quotation whose words hold `text[start:end]`."""
    around = [q for q in found if q.start < start and end < q.end + (q.continues_next)] + [
        q for q in found if q.continues_previous and q.start == start and end <= q.end
    ]
    return max(around, key=lambda q: (q.start, -q.end), default=None)


def dialogue_segments(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return (start, end) of what is said in a paragraph that opens with a dash; the narrator's part may be among them.

    >>> line = "— Мы вернём Ардун, — сказал полковник."
    >>> [line[a:b] for a, b in dialogue_segments(line, 0, len(line))]
    ['Мы вернём Ардун,', 'сказал полковник.']
    """
    if not _SPEAKING_DASH.match(text, start, end):
        return []
    parts, at = [], start
    for match in re.finditer(r"(?:^|(?<=[,.!?…])\s)[—–] ?", text[start:end]):
        if match.start():
            parts.append((at, start + match.start()))
        at = start + match.end()
    return [*parts, (at, end)]


def _paragraph(text: str, start: int, end: int, left_open: list[str], after: str, found: list[Quotation]) -> list[str]:
    """Find one paragraph's quotations; return the marks of those that go on in the next one."""
    stack: list[tuple[str, int, bool]] = []  # mark, where it stands, whether it goes on from before
    at = start
    if left_open:
        reopened = text[start] in left_open or text[start] in "»«“"
        stack = [(left_open[0], start if reopened else start - 1, True)]
        at += reopened
    for i in range(at, end):
        c = text[i]
        if c not in OPENERS and c not in _CLOSERS:
            continue
        before = text[i - 1] if i > start else " "
        behind = text[i + 1] if i + 1 < end else " "
        if c in "'’" and before.isalnum() and behind.isalnum():
            continue  # an apostrophe
        rest = text[i + 1 : min(end, i + LONGEST)]
        closes = _closes(stack, c, before, behind, rest)
        if closes is not None:
            mark, opened, follows = stack[closes]
            del stack[closes:]
            found.append(_made(text, max(opened, start), i + 1, len(stack), follows, opened >= start))
        elif _opens(c, before, behind, rest):
            stack.append((c, i, False))
            del stack[:-DEEPEST]
    if stack and (stack[0][0] not in SINGLES or stack[0][2]) and _goes_on(stack[0][0], after):
        mark, opened, follows = stack[0]
        made = _made(text, max(opened, start), end, 0, follows, opened >= start)
        found.append(replace(made, continues_next=True, inner=(made.inner[0], end)))
        return [mark]
    return []


def _closes(stack: list[tuple[str, int, bool]], c: str, before: str, behind: str, rest: str) -> int | None:
    """Return which open quotation a mark closes, None where it closes none."""
    for place in range(len(stack) - 1, -1, -1):
        mark = stack[place][0]
        if c not in OPENERS[mark] or (c in "«»" and c == mark and before in _BEFORE and not before.isspace()):
            continue
        if c in "\"'" and before in " (\n" and (behind.isalnum() or behind in _CLOSERS) and mark == c:
            return None  # a straight mark after a blank opens
        if c == "“" and mark == "„" and before in " (" and behind.isalnum():
            return None  # „Bruder rief “Velo” …“
        if c in "'’" and (
            behind.isalnum() or (before in "sxzß" and behind == " " and rest[1:2].islower() and _later(c, rest))
        ):
            return None  # the soldiers' boots
        return place
    return None


def _later(c: str, rest: str) -> bool:
    return bool(re.search(rf"[\w.,!?…]{c}(?!\w)", rest))


def _opens(c: str, before: str, behind: str, rest: str) -> bool:
    if c not in OPENERS:
        return False
    if c in "„«‚":
        return True
    if before not in _BEFORE and before not in OPENERS:
        return False
    if c == "»":  # German »…«; after a blank it may be a stray closing mark
        return not behind.isspace() and "«" in rest
    if c == "›":
        return "‹" in rest
    if c in "'‘":
        return (behind.isalnum() or behind in OPENERS or behind in "¡¿…") and bool(
            re.search(r"[^\s][’'](?!\w)", rest) or (c == "‘" and "’" in rest)
        )
    return True


def _goes_on(mark: str, after: str) -> bool:
    """Tell whether a quotation that its paragraph leaves open goes on in the next: it opens again, or closes there."""
    if not after:
        return False
    first = after[0]
    if first == mark or (mark == "«" and first in "»«") or (mark == "„" and first == "“"):
        return True
    if mark in "\"'":
        return False
    place = next((i for i, c in enumerate(after) if c in OPENERS[mark] or c == mark), -1)
    return place > 0 and after[place] in OPENERS[mark] and not after[place - 1].isspace()


def _made(text: str, start: int, end: int, depth: int, follows: bool, marked: bool) -> Quotation:
    inner = text[start + marked : end - 1]
    left = start + marked + len(inner) - len(inner.lstrip())
    return Quotation(start, end, (left, left + len(inner.strip())), depth, follows)
