"""Furniture: what belongs to the page and not to the article, found by repetition, position and shape."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import groupby
from statistics import median

HEADING = 110  # characters: a longer line without a full stop is a standfirst or a cut paragraph, so body
LABEL = 3  # words: "Read more", "Lesen Sie auch", "12 Posts"
BYLINE = 8  # words: "By Mira Stahl and Jon Okafor, Karsk"

_ENDS = re.compile(r"[.!?…:;,。！？；：，؟।۔–—-][\"'”’»«“)\]\s]*(?:\[\d+\])*$")  # also what goes on: comma, colon, dash
_BREAK = re.compile(r"(?<!\b\w)[.!?…。！？؟।۔][\"'”’»“)\]]*\s*\S")  # not the full stops of "U.S. envoy"
_WIDE = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")  # scripts that set no space between words
_LIST = re.compile(r"[•·▪●◦‣*–—-]")
_QUOTES = "\"'“”„«»‘’‹›「」"
_CLOCK = re.compile(r"\b\d{1,2}[:h]\d{2}\b")
_CREDIT = re.compile(r"[A-Z]\w+\.? [A-Z]\w+ ?/ ?[A-Z][^()]*\)\W*$")  # "(… Mira Stahl/Agency)"
_NAMED = re.compile(r"[^\W\d_][\w ]{1,24} ?: ?[^:]+")  # "Source: Agency"
_PREFIX = re.compile(r"([^\W\d_][^:.,]{3,28}?) ?: \S")
_SUFFIX = re.compile(r" [|] \w+(?: \w+){0,2}$")  # "… | The Harbour Post"
_DATE = r"(?:[^\W\d_]{3,} \d{1,2}(?:, \d{4})?|\d{1,2}\.? [^\W\d_]{3,}(?: \d{4})?)"
_DATED = re.compile(rf"{_DATE}(?<= \d{{4}})$")  # "Publié le 3 mai 2025"
_CAPTION = re.compile(rf"(?:,|--|[–—])(?: \w+){{0,2}} {_DATE}\W*$")  # "… in Karsk, Northland on May 3."


def classify_paragraphs(
    blocks: Sequence[str], *, title: str | None = None, repeated: Callable[[str], bool] = lambda paragraph: False
) -> list[str]:
    """Return for each paragraph of a page "headline", "paragraph", "teaser" or "furniture".

    No phrase of any outlet is known here, only shapes, places and what recurs. Where these leave it open the answer is
    "paragraph", because lost body text is the worse error. `repeated` says what the outlet prints in other articles.

    >>> page = ["Velo falls", "3 May 2025", "Northland took Velo.", "READ MORE: Karsk in flames", "The town burned."]
    >>> classify_paragraphs(page)
    ['headline', 'furniture', 'paragraph', 'furniture', 'paragraph']
    """
    lines = [block.strip() for block in blocks]
    shapes = _shapes(lines, _reprints(lines, repeated))
    found: list[str | None] = [_SURE.get(shape) for shape in shapes]
    start = _headline(lines, shapes, title)
    if start is not None:
        found[start] = "headline"
        _before_headline(lines, shapes, found, start)
        _after_headline(lines, shapes, found, start)
    if _written_in_sentences(lines, shapes):
        _around_labels(lines, shapes, found)
        _headings(lines, shapes, found)
    return [kind or "paragraph" for kind in found]


# What a line looks like: "body" text, a "label", a "heading", a "mark" that is furniture wherever it stands, or a
# "reprint", a long paragraph that the outlet prints elsewhere too.
_TEXT = (None, "paragraph")
_SURE = {"body": "paragraph", "mark": "furniture", "reprint": "paragraph"}


def _words(line: str) -> int:
    return sum(any(c.isalnum() for c in word) for word in line.split()) + len(_WIDE.findall(line)) // 2


def _ended(line: str) -> bool:
    return bool(_ENDS.search(line[-40:]))


def _quoted(line: str) -> bool:
    inner = line.rstrip(".,;!? ")
    return len(inner) > 1 and inner[0] in _QUOTES and inner[-1] in _QUOTES


def _credited(line: str) -> bool:
    if len(line) > 250:
        return False
    return "©" in line or bool(_CREDIT.search(line) and not _BREAK.search(line[: line.rfind("(")].rstrip()))


def _shape(line: str) -> str:
    words = _words(line)
    if not words or _credited(line):
        return "mark"
    if _LIST.match(line) or _quoted(line):
        return "body"
    if line[0] in "[(" and line[-1] in "])" and len(line) <= HEADING and not _ended(line[:-1]):
        return "mark"
    if _ended(line) and not (1 < words <= LABEL and line.isupper()):  # "FILE PHOTO." is a label all the same
        return "body"
    if len(line) > HEADING:
        return "heading" if _SUFFIX.search(line) and len(line) <= 2 * HEADING else "body"
    numbers = sum(any(c.isdigit() for c in word) for word in line.split())
    if words <= BYLINE and (2 * numbers >= words or (words <= 6 and (_CLOCK.search(line) or _DATED.search(line)))):
        return "mark"  # a date, a time, a duration
    if words <= 4 and (_NAMED.fullmatch(line) or (words <= LABEL and line[0].isdigit())):
        return "mark"  # a source, a counter
    return "label" if words <= LABEL else "heading"


def _prefix(line: str) -> str:
    """Return what stands before a line's colon, if it is a label of two words or more, or of one in capitals."""
    match = _PREFIX.match(line) if len(line) <= 2 * HEADING else None
    prefix = match[1].strip() if match else ""
    return prefix if " " in prefix or (prefix.isupper() and len(prefix) > 4) else ""  # shorter ones are acronyms


def _shapes(lines: Sequence[str], again: Sequence[bool]) -> list[str]:
    """Return each line's shape, corrected by how often it recurs and by the line that follows."""
    shapes = [_shape(line) for line in lines]
    counts = Counter(lines)
    prefixes = [_prefix(line) for line in lines]
    pointing = Counter(p for p, line in zip(prefixes, lines, strict=True) if p and not _ended(line))
    speaking = {p for p, line in zip(prefixes, lines, strict=True) if line.endswith((".", "!", "…"))}  # "MS HALE: No."
    listed = False
    for i, (line, shape, prefix) in enumerate(zip(lines, shapes, prefixes, strict=True)):
        words, after = _words(line), lines[i + 1] if i + 1 < len(lines) else ""
        points = not _ended(line) or (line.endswith("?") and prefix.isupper())
        if again[i]:
            shapes[i] = "reprint" if shape == "body" and len(line) > 200 else "mark"
        elif shape in ("label", "heading") and (after[:1].islower() or listed) and not _SUFFIX.search(line):
            shapes[i] = "body"  # a line break inside a sentence, or an item under a colon
        elif i and prefix and points and prefix not in speaking and (prefix.isupper() or pointing[prefix] > 1):
            shapes[i] = "mark"  # "READ MORE: …" once, "Lesen Sie auch: …" twice
        elif counts[line] > 1 and ((shape == "heading" and words <= 6) or (line[-1:] == ":" and words <= LABEL)):
            shapes[i] = "label"
        elif shape == "body" and counts[line] > 2 and _ended(line) and LABEL <= words <= 12 and line[-1] not in '?"”':
            shapes[i] = "mark"  # a prompt to subscribe after every post
        listed = (shapes[i] == "body" and line.endswith(":")) or (listed and shape in ("label", "heading"))
    return shapes


def _reprints(lines: Sequence[str], repeated: Callable[[str], bool]) -> list[bool]:
    """Return which lines the outlet prints elsewhere; none where most of the page is, for then it is a second copy."""
    again = [bool(line) and repeated(line) for line in lines]
    size = sum(len(line) for line, seen in zip(lines, again, strict=True) if seen)
    return again if 2 * size <= sum(map(len, lines)) else [False] * len(lines)


def _written_in_sentences(lines: Sequence[str], shapes: Sequence[str]) -> bool:
    """Tell whether a missing full stop means anything on this page: not in verse, lists and bare transcripts."""
    text = [line for line, shape in zip(lines, shapes, strict=True) if shape != "mark"]
    return 2 * sum(len(line) for line in text if _ended(line) or len(line) > HEADING) >= sum(map(len, text))


def _letters(line: str) -> str:
    return "".join(c for c in line.casefold() if c.isalnum())


def _headline(lines: Sequence[str], shapes: Sequence[str], title: str | None) -> int | None:
    """Return the headline's place: what the title says, else the first line if it has the shape of one."""
    sought = _letters(title or "")
    alike: list[tuple[int, int]] = []
    for i, line in enumerate(lines if sought else []):
        if len(line) > len(title or "") + HEADING:
            continue
        letters = _letters(line)
        if letters == sought:
            return i
        begins = letters.startswith(sought) and shapes[i] != "body"
        if (begins and len(sought) >= 12) or (sought.startswith(letters) and 2 * len(letters) >= max(24, len(sought))):
            alike.append((min(len(letters), len(sought)), -i))
    if alike:
        return -max(alike)[1]
    first = next((i for i, shape in enumerate(shapes) if shape in ("body", "reprint")), None)
    if first is None or not _written_in_sentences(lines, shapes):
        return None
    for wanted in ("heading", "label"):
        for i in range(first):
            if shapes[i] == wanted and _words(lines[i]) > 1 and not _twice(lines, i):
                return i
    return _headline_below_teasers(lines, shapes) if first == 0 else None


def _twice(lines: Sequence[str], i: int) -> bool:
    """Tell whether a line is the next one with the outlet's name behind it, as browsers show it."""
    after = lines[i + 1] if i + 1 < len(lines) else ""
    return bool(after) and lines[i].startswith(after) and bool(re.match(r" [|–—-] ", lines[i][len(after) :]))


def _headline_below_teasers(lines: Sequence[str], shapes: Sequence[str]) -> int | None:
    """Return the first heading, if what stands above it is teasers: one is a sentence of the article below."""
    place = next((i for i, shape in enumerate(shapes) if shape == "heading"), None)
    if place is None or any(len(line) > 5 * HEADING for line in lines[:place]):
        return None
    above = {line for line in lines[:place] if _words(line) >= 10 and not _LIST.match(line)}
    near = lines[place + 1 : place + 4]  # an article's summary is taken from its beginning
    return place if above.intersection(near) else None


def _before_headline(lines: Sequence[str], shapes: Sequence[str], found: list[str | None], start: int) -> None:
    above, below = (sum(map(len, part)) for part in (lines[:start], lines[start + 1 :]))
    posts = any(shapes[i : i + 3] == ["heading", "body", "body"] for i in range(start - 2))
    if above > below or posts:  # the title is printed again below its own article, or over one of its posts
        return
    for i in range(start):
        same = _letters(lines[i]).startswith(_letters(lines[start]))
        found[i] = "teaser" if shapes[i] in ("body", "heading") and not same else "furniture"


def _after_headline(lines: Sequence[str], shapes: list[str], found: list[str | None], start: int) -> None:
    """Judge what stands between a headline and its text: bylines, dates, a picture, a video, a standfirst."""
    timed = sum(
        shape == "heading" and after == "mark" and bool(_CLOCK.match(line))
        for shape, after, line in zip(shapes, shapes[1:], lines[1:], strict=False)
    )
    bodies = 0
    for i in range(start + 1, len(lines)):
        next_shape = shapes[i + 1] if i + 1 < len(lines) else ""
        words = lines[i].split()
        shouted = lines[i].isupper() and len(words) > 6
        named = len(words) <= BYLINE and not shouted and 2 * sum(word[0].isupper() for word in words) > len(words)
        if shapes[i] == "body":
            bodies += 1
            if bodies > 1:  # one may be the standfirst, with the byline below it
                return
        elif shapes[i] == "label" or (shapes[i] == "heading" and (named or _CAPTION.search(lines[i]))):
            found[i] = "furniture"
        elif shapes[i] == "heading" and bodies == 0:
            if next_shape == "mark" and _CLOCK.match(lines[i + 1]):
                found[i] = "teaser" if timed == 1 else None  # a video's title and duration; a live blog times all posts
            elif next_shape != "body" or len(words) > 6:
                found[i] = "paragraph"  # a standfirst without a full stop


def _around_labels(lines: Sequence[str], shapes: Sequence[str], found: list[str | None]) -> None:
    """Mark labels, the headlines of other articles that they lead to, and the captions between the two."""
    labels = [i for i, shape in enumerate(shapes) if shape == "label"]
    counts = Counter(lines[i] for i in labels)
    direct = Counter(lines[i] for i in labels if shapes[i + 1 : i + 2] == ["heading"])
    leads = {i: _led_to(lines, shapes, i, 1 < counts[lines[i]] >= 2 * direct[lines[i]]) for i in labels}
    leading = Counter(lines[i] for i, end in leads.items() if end is not None)
    for i, end in leads.items():
        if found[i] == "headline" or (found[i] and counts[lines[i]] == 1):  # a byline leads nowhere
            continue
        if counts[lines[i]] > 1 or _words(lines[i]) < 2:
            found[i] = "furniture"
        if end is not None and 2 * leading[lines[i]] >= counts[lines[i]]:
            found[i:end] = [kind if kind == "headline" else "furniture" for kind in found[i:end]]
            while end < len(lines) and shapes[end] == "heading" and found[end] is None:
                found[end] = "teaser"
                end += 1
    for i, line in enumerate(lines):
        if shapes[i] == "heading" and found[i] is None and _SUFFIX.search(line):  # another page by its browser title
            found[i] = "teaser"
            for opener in range(i - 1, max(i - 3, -1), -1):
                if lines[opener].endswith(":") and _words(lines[opener]) <= BYLINE:
                    found[opener:i] = ["furniture"] * (i - opener)


def _led_to(lines: Sequence[str], shapes: Sequence[str], label: int, pictured: bool) -> int | None:
    """Return the heading that a label leads to, at most two lines further on; one may be a picture's caption."""
    for i in range(label + 1, min(label + 4, len(lines))):
        if shapes[i] == "heading":
            return i
        caption = pictured and shapes[i] == "body" and len(lines[i]) <= HEADING and not _BREAK.search(lines[i])
        over = caption and shapes[i + 1 : i + 2] == ["heading"]
        if not over and (shapes[i] not in ("mark", "label") or lines[i] == lines[label]):
            return None
    return None


def _headings(lines: Sequence[str], shapes: Sequence[str], found: list[str | None]) -> None:
    """Judge the lines that are left, in runs: headings stand alone or in pairs over a text, lists have more items."""
    open_ends = [len(line) for line, kind in zip(lines, found, strict=True) if kind in _TEXT and not _ended(line)]
    standfirsts = bool(open_ends) and median(open_ends) > HEADING  # the lines of one page are of one kind
    loud = any(line.isupper() for line, kind in zip(lines, found, strict=True) if kind == "headline")
    last = max((i for i, shape in enumerate(shapes) if shape == "body"), default=len(lines))
    single = []
    for run in [list(group) for kind, group in groupby(range(len(lines)), found.__getitem__) if kind is None]:
        first, kind = run[0], "headline"
        listed = first > 0 and lines[first - 1].endswith(":")
        if listed or standfirsts or (first < last and len(run) > 2) or (first > last and len(run) == 1):
            kind = "paragraph"
        elif first > last or (len(run) == 1 and lines[first].isupper() and _words(lines[first]) > 6 and not loud):
            kind = "teaser"  # a list at the page's foot, or a whole headline in capitals amid the text
        else:
            single.append(first)
        for i in run:
            found[i] = kind
    alone = [i for i in single if shapes[i + 1 : i + 2] == ["body"]]
    pointing = [i for i in alone if (match := _PREFIX.match(lines[i])) and len(match[1].split()) <= 2]
    for i in pointing if len(pointing) <= 2 and len(single) <= 4 else []:  # more of them are a live blog's posts
        found[i] = "furniture"  # "Related: …"
    for i in range(last + 1, len(lines)):
        found[i] = "furniture" if shapes[i] == "reprint" else found[i]
    _captions(lines, shapes, found)


def _captions(lines: Sequence[str], shapes: Sequence[str], found: list[str | None]) -> None:
    """Mark the captions under a live blog's headings: they end in a place and a day, and there are several."""
    under = []
    for i in range(1, len(lines) - 1):
        placed = found[i - 1] == "headline" and shapes[i] == shapes[i + 1] == "body"
        if placed and _CAPTION.search(lines[i][-80:]) and not _BREAK.search(lines[i]):
            under.append(i)
    for i in under if len(under) > 2 else []:
        found[i] = "furniture"
