"""Boilerplate removal: separate navigation, teasers, bylines and captions from an article's text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import groupby
from statistics import median

HEADING = 110  # characters: a longer line without a full stop is a standfirst or a truncated paragraph, so body text
LABEL = 3  # words: "Read more", "Lesen Sie auch", "12 Posts"
BYLINE = 8  # words: "By Mira Stahl and Jon Okafor, Karsk"

_ENDS = re.compile(r"[.!?…:;,。！？；：，؟।۔–—-][\"'”’»«“)\]\s]*(?:\[\d+\])*$")  # also comma, colon and dash
_BREAK = re.compile(r"(?<!\b\w)[.!?…。！？؟।۔][\"'”’»“)\]]*\s*\S")  # not the full stops of "U.S. envoy"
_WIDE = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")  # scripts without spaces between words
_LIST = re.compile(r"[•·▪●◦‣*–—-]")
_QUOTES = "\"'“”„«»‘’‹›「」"
_CLOCK = re.compile(r"\b\d{1,2}[:h]\d{2}\b")
_CREDIT = re.compile(r"[A-Z]\w+\.? [A-Z]\w+ ?/ ?[A-Z][^()]*\)\W*$")  # "(… Mira Stahl/Agency)"
_SOURCE_LINE = re.compile(r"[^\W\d_][\w ]{1,24} ?: ?[^:]+")  # "Source: Agency"
_PREFIX = re.compile(r"([^\W\d_][^:.,]{3,28}?) ?: \S")
_SUFFIX = re.compile(r" [|] \w+(?: \w+){0,2}$")  # "… | The Harbour Post"
_DATE = r"(?:[^\W\d_]{3,} \d{1,2}(?:, \d{4})?|\d{1,2}\.? [^\W\d_]{3,}(?: \d{4})?)"
_ENDS_IN_YEAR = re.compile(rf"{_DATE}(?<= \d{{4}})$")  # "Publié le 3 mai 2025"
_CAPTION = re.compile(rf"(?:,|--|[–—])(?: \w+){{0,2}} {_DATE}\W*$")  # "… in Karsk, Northland on May 3."


def classify_paragraphs(
    paragraphs: Sequence[str],
    *,
    title: str | None = None,
    repeated: Callable[[str], bool] = lambda paragraph: False,
    contested: Callable[[str], bool] = lambda paragraph: False,
) -> list[str]:
    """Classify each paragraph of a page as "headline", "paragraph", "teaser" or "furniture".

    The rules use a line's shape, position and repetition, not the phrases of particular outlets. Doubtful lines are
    "paragraph", because losing body text is the worse error. `repeated` returns whether the outlet prints a paragraph
    in other articles too. A `contested` paragraph has a term that the study counts: it is never furniture because it is
    repeated, since outlets also repeat stock phrases.

    >>> page = ["Velo falls", "3 May 2025", "Northland took Velo.", "READ MORE: Karsk in flames", "The town burned."]
    >>> classify_paragraphs(page)
    ['headline', 'furniture', 'paragraph', 'furniture', 'paragraph']
    """
    lines = [paragraph.strip() for paragraph in paragraphs]
    reprinted = _reprints(lines, repeated)
    counts = Counter(lines)
    again = [seen or counts[line] > 2 for line, seen in zip(lines, reprinted, strict=True)]
    kept = [seen and contested(line) for line, seen in zip(lines, again, strict=True)]
    shapes = _shapes(lines, reprinted, kept)
    kinds: list[str | None] = [_KIND_OF_SHAPE.get(shape) for shape in shapes]
    start = _headline(lines, shapes, title)
    if start is not None:
        kinds[start] = "headline"
        _before_headline(lines, shapes, kinds, start)
        _after_headline(lines, shapes, kinds, start)
    if _has_sentences(lines, shapes):
        _around_labels(lines, shapes, kinds)
        _headings(lines, shapes, kinds)
    return [kind or "paragraph" for kind in kinds]


# The shapes of lines: "body" text, a "label", a "heading", a "mark" that is furniture in any position, or a "reprint",
# a long paragraph that the outlet prints in other articles too.
_TEXT = (None, "paragraph")
_KIND_OF_SHAPE = {"body": "paragraph", "mark": "furniture", "reprint": "paragraph"}


def _words(line: str) -> int:
    return sum(any(c.isalnum() for c in word) for word in line.split()) + len(_WIDE.findall(line)) // 2


def _ends_like_text(line: str) -> bool:
    return bool(_ENDS.search(line[-40:]))


def _is_quotation(line: str) -> bool:
    inner = line.rstrip(".,;!? ")
    return len(inner) > 1 and inner[0] in _QUOTES and inner[-1] in _QUOTES


def _is_credit(line: str) -> bool:
    if len(line) > 250:
        return False
    return "©" in line or bool(_CREDIT.search(line) and not _BREAK.search(line[: line.rfind("(")].rstrip()))


def _shape(line: str) -> str:
    words = _words(line)
    if not words or _is_credit(line):
        return "mark"
    if _LIST.match(line) or _is_quotation(line):
        return "body"
    if line[0] in "[(" and line[-1] in "])" and len(line) <= HEADING and not _ends_like_text(line[:-1]):
        return "mark"
    if _ends_like_text(line) and not (1 < words <= LABEL and line.isupper()):  # but "FILE PHOTO." is a label
        return "body"
    if len(line) > HEADING:
        return "heading" if _SUFFIX.search(line) and len(line) <= 2 * HEADING else "body"
    numbers = sum(any(c.isdigit() for c in word) for word in line.split())
    if words <= BYLINE and (
        2 * numbers >= words or (words <= 6 and (_CLOCK.search(line) or _ENDS_IN_YEAR.search(line)))
    ):
        return "mark"  # a date, a time, a duration
    if words <= 4 and (_SOURCE_LINE.fullmatch(line) or (words <= LABEL and line[0].isdigit())):
        return "mark"  # a source, a counter
    return "label" if words <= LABEL else "heading"


def is_furniture_by_shape(line: str) -> bool:
    """Return whether a line is furniture in any position: a date, a credit, a rule, a counter.

    >>> is_furniture_by_shape("3 May 2025"), is_furniture_by_shape("Northland took Velo.")
    (True, False)
    """
    return _shape(line) == "mark"


def _prefix(line: str) -> str:
    """Return the label before a line's colon if it has several words or is in capitals, else an empty string."""
    match = _PREFIX.match(line) if len(line) <= 2 * HEADING else None
    prefix = match[1].strip() if match else ""
    return prefix if " " in prefix or (prefix.isupper() and len(prefix) > 4) else ""  # shorter ones are acronyms


def _shapes(lines: Sequence[str], reprinted: Sequence[bool], kept: Sequence[bool]) -> list[str]:
    """Return each line's shape, corrected by how often it occurs and by the next line; `kept` lines may be repeated."""
    shapes = [_shape(line) for line in lines]
    counts = Counter(lines)
    prefixes = [_prefix(line) for line in lines]
    pointing = Counter(p for p, line in zip(prefixes, lines, strict=True) if p and not _ends_like_text(line))
    speaking = {p for p, line in zip(prefixes, lines, strict=True) if line.endswith((".", "!", "…"))}  # "MS HALE: No."
    listed = False
    for i, (line, shape, prefix) in enumerate(zip(lines, shapes, prefixes, strict=True)):
        words, after = _words(line), lines[i + 1] if i + 1 < len(lines) else ""
        points = not _ends_like_text(line) or (line.endswith("?") and prefix.isupper())
        if kept[i] and shape != "mark" and (reprinted[i] or shape == "body"):
            shapes[i] = "heading" if shape == "heading" and "body" not in shapes[:i] else "body"
        elif reprinted[i]:
            shapes[i] = "reprint" if shape == "body" and len(line) > 200 else "mark"
        elif shape in ("label", "heading") and (after[:1].islower() or listed) and not _SUFFIX.search(line):
            shapes[i] = "body"  # a line break inside a sentence, or an item under a colon
        elif i and prefix and points and prefix not in speaking and (prefix.isupper() or pointing[prefix] > 1):
            shapes[i] = "mark"  # "READ MORE: …" once, "Lesen Sie auch: …" twice
        elif counts[line] > 1 and ((shape == "heading" and words <= 6) or (line[-1:] == ":" and words <= LABEL)):
            shapes[i] = "label"
        elif (
            shape == "body"
            and counts[line] > 2
            and _ends_like_text(line)
            and LABEL <= words <= 12
            and line[-1] not in '?"”'
        ):
            shapes[i] = "mark"  # a prompt to subscribe after every post
        listed = (shapes[i] == "body" and line.endswith(":")) or (listed and shape in ("label", "heading"))
    return shapes


def _reprints(lines: Sequence[str], repeated: Callable[[str], bool]) -> list[bool]:
    """Return which lines are reprinted in other articles; none if most of the page is, as it is then a second copy."""
    reprinted = [bool(line) and repeated(line) for line in lines]
    size = sum(len(line) for line, seen in zip(lines, reprinted, strict=True) if seen)
    return reprinted if 2 * size <= sum(map(len, lines)) else [False] * len(lines)


def _has_sentences(lines: Sequence[str], shapes: Sequence[str]) -> bool:
    """Return whether a missing full stop is informative on this page: it is not in verse, lists and transcripts."""
    text = [line for line, shape in zip(lines, shapes, strict=True) if shape != "mark"]
    return 2 * sum(len(line) for line in text if _ends_like_text(line) or len(line) > HEADING) >= sum(map(len, text))


def _letters(line: str) -> str:
    return "".join(c for c in line.casefold() if c.isalnum())


def _headline(lines: Sequence[str], shapes: Sequence[str], title: str | None) -> int | None:
    """Return the index of the headline: the line that matches the title, else the first line shaped like one."""
    wanted = _letters(title or "")
    similar: list[tuple[int, int]] = []
    for i, line in enumerate(lines if wanted else []):
        if len(line) > len(title or "") + HEADING:
            continue
        letters = _letters(line)
        if letters == wanted:
            return i
        begins = letters.startswith(wanted) and shapes[i] != "body"
        if (begins and len(wanted) >= 12) or (wanted.startswith(letters) and 2 * len(letters) >= max(24, len(wanted))):
            similar.append((min(len(letters), len(wanted)), -i))
    if similar:
        return -max(similar)[1]
    first = next((i for i, shape in enumerate(shapes) if shape in ("body", "reprint")), None)
    if first is None or not _has_sentences(lines, shapes):
        return None
    for shape in ("heading", "label"):
        for i in range(first):
            if shapes[i] == shape and _words(lines[i]) > 1 and not _repeats_next(lines, i):
                return i
    return _headline_below_teasers(lines, shapes) if first == 0 else None


def _repeats_next(lines: Sequence[str], i: int) -> bool:
    """Return whether a line is the next line plus the outlet's name, as in a browser's title."""
    after = lines[i + 1] if i + 1 < len(lines) else ""
    return bool(after) and lines[i].startswith(after) and bool(re.match(r" [|–—-] ", lines[i][len(after) :]))


def _headline_below_teasers(lines: Sequence[str], shapes: Sequence[str]) -> int | None:
    """Return the first heading if the lines above it are teasers: one repeats a sentence of the article below."""
    place = next((i for i, shape in enumerate(shapes) if shape == "heading"), None)
    if place is None or any(len(line) > 5 * HEADING for line in lines[:place]):
        return None
    above = {line for line in lines[:place] if _words(line) >= 10 and not _LIST.match(line)}
    near = lines[place + 1 : place + 4]  # summaries quote an article's beginning
    return place if above.intersection(near) else None


def _before_headline(lines: Sequence[str], shapes: Sequence[str], kinds: list[str | None], start: int) -> None:
    above, below = (sum(map(len, part)) for part in (lines[:start], lines[start + 1 :]))
    posts = any(shapes[i : i + 3] == ["heading", "body", "body"] for i in range(start - 2))
    if above > below or posts:  # the title is repeated below the article or above a post
        return
    for i in range(start):
        same = _letters(lines[i]).startswith(_letters(lines[start]))
        kinds[i] = "teaser" if shapes[i] in ("body", "heading") and not same else "furniture"


def _after_headline(lines: Sequence[str], shapes: list[str], kinds: list[str | None], start: int) -> None:
    """Classify the lines between a headline and its text: bylines, dates, captions, videos, a standfirst."""
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
            kinds[i] = "furniture"
        elif shapes[i] == "heading" and bodies == 0:
            if next_shape == "mark" and _CLOCK.match(lines[i + 1]):
                kinds[i] = "teaser" if timed == 1 else None  # a video's title and duration; a live blog times all posts
            elif next_shape != "body" or len(words) > 6:
                kinds[i] = "paragraph"  # a standfirst without a full stop


def _around_labels(lines: Sequence[str], shapes: Sequence[str], kinds: list[str | None]) -> None:
    """Classify labels, the headlines of other articles below them, and the captions between the two."""
    labels = [i for i, shape in enumerate(shapes) if shape == "label"]
    counts = Counter(lines[i] for i in labels)
    direct = Counter(lines[i] for i in labels if shapes[i + 1 : i + 2] == ["heading"])
    leads = {i: _linked_heading(lines, shapes, i, 1 < counts[lines[i]] >= 2 * direct[lines[i]]) for i in labels}
    leading = Counter(lines[i] for i, end in leads.items() if end is not None)
    for i, end in leads.items():
        if kinds[i] == "headline" or (kinds[i] and counts[lines[i]] == 1):  # a byline has no links
            continue
        if counts[lines[i]] > 1 or _words(lines[i]) < 2:
            kinds[i] = "furniture"
        if end is not None and 2 * leading[lines[i]] >= counts[lines[i]]:
            kinds[i:end] = [kind if kind == "headline" else "furniture" for kind in kinds[i:end]]
            while end < len(lines) and shapes[end] == "heading" and kinds[end] is None:
                kinds[end] = "teaser"
                end += 1
    for i, line in enumerate(lines):
        if shapes[i] == "heading" and kinds[i] is None and _SUFFIX.search(line):  # the browser title of another page
            kinds[i] = "teaser"
            for opener in range(i - 1, max(i - 3, -1), -1):
                if lines[opener].endswith(":") and _words(lines[opener]) <= BYLINE:
                    kinds[opener:i] = ["furniture"] * (i - opener)


def _linked_heading(lines: Sequence[str], shapes: Sequence[str], label: int, pictured: bool) -> int | None:
    """Return the index of the heading that a label links to; up to two captions may be between them."""
    for i in range(label + 1, min(label + 4, len(lines))):
        if shapes[i] == "heading":
            return i
        caption = pictured and shapes[i] == "body" and len(lines[i]) <= HEADING and not _BREAK.search(lines[i])
        over = caption and shapes[i + 1 : i + 2] == ["heading"]
        if not over and (shapes[i] not in ("mark", "label") or lines[i] == lines[label]):
            return None
    return None


def _headings(lines: Sequence[str], shapes: Sequence[str], kinds: list[str | None]) -> None:
    """Classify the remaining lines by runs: subheadings come singly or in pairs above text, lists are longer."""
    open_ends = [
        len(line) for line, kind in zip(lines, kinds, strict=True) if kind in _TEXT and not _ends_like_text(line)
    ]
    standfirsts = bool(open_ends) and median(open_ends) > HEADING  # then unfinished lines are paragraphs on this page
    loud = any(line.isupper() for line, kind in zip(lines, kinds, strict=True) if kind == "headline")
    last = max((i for i, shape in enumerate(shapes) if shape == "body"), default=len(lines))
    single = []
    for run in [list(group) for kind, group in groupby(range(len(lines)), kinds.__getitem__) if kind is None]:
        first, kind = run[0], "headline"
        listed = first > 0 and lines[first - 1].endswith(":")
        if listed or standfirsts or (first < last and len(run) > 2) or (first > last and len(run) == 1):
            kind = "paragraph"
        elif first > last or (len(run) == 1 and lines[first].isupper() and _words(lines[first]) > 6 and not loud):
            kind = "teaser"  # a list at the end of the page, or a long headline in capitals within the text
        else:
            single.append(first)
        for i in run:
            kinds[i] = kind
    alone = [i for i in single if shapes[i + 1 : i + 2] == ["body"]]
    pointing = [i for i in alone if (match := _PREFIX.match(lines[i])) and len(match[1].split()) <= 2]
    for i in pointing if len(pointing) <= 2 and len(single) <= 4 else []:  # more of them are posts of a live blog
        kinds[i] = "furniture"  # "Related: …"
    for i in range(last + 1, len(lines)):
        kinds[i] = "furniture" if shapes[i] == "reprint" else kinds[i]
    _captions(lines, shapes, kinds)


def _captions(lines: Sequence[str], shapes: Sequence[str], kinds: list[str | None]) -> None:
    """Mark the captions under a live blog's headings: several lines that end in a place and a day."""
    under = []
    for i in range(1, len(lines) - 1):
        placed = kinds[i - 1] == "headline" and shapes[i] == shapes[i + 1] == "body"
        if placed and _CAPTION.search(lines[i][-80:]) and not _BREAK.search(lines[i]):
            under.append(i)
    for i in under if len(under) > 2 else []:
        kinds[i] = "furniture"
