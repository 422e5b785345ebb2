"""Split a revision into spans of every unit, and paragraphs into sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import pairwise
from typing import TYPE_CHECKING

from corpus.span import Passage, Span, check_offsets, paragraphs, paragraphs_around

from . import boilerplate, terms
from .language_names import language_code
from .sentence_rules import run_on_starts, sentence_starts

if TYPE_CHECKING:
    import pysbd

    from corpus.article import Revision

SPLITTER = "3"  # raised when the same text is split into other spans

# A paragraph without any of these characters is one sentence; skipping pysbd for it saves 4 ms.
_BREAK_CHARACTERS = re.compile(r"[.!?:;()\[\]{}\n]|[^\x00-\u024f\u0400-\u052f\u2010-\u2022\u20ac]")


# pysbd's time grows with the cube of the items of a list in one line, "a) … b) … ii) …" (2,400 characters take 9 s), so
# longer lists are cut before an item, which begins a sentence anyway
_LIST_ITEM = re.compile(r"(?<!\S)\(?[A-Za-z]{1,4}\)(?=\s)")
MOST_LIST_ITEMS = 60

# its time grows faster than the text's length, too: a long paragraph is split in stretches
LONGEST_STRETCH = 4000  # characters
_NAMES_WHAT_FOLLOWS = re.compile(r"\b(?:cf|viz|approx|pp|p)\.$")  # "cf. p. 12"
_DASHED_ON = re.compile(r"--\s+[a-z]")
_CLOSING = ".!?…\"”’'»“ "


_BY_LIBRARY = ("en",)  # all other languages are split by our rules, which are tested on sentences of each


@lru_cache(maxsize=8)
def _segmenter(language: str) -> pysbd.Segmenter:
    import pysbd

    # pysbd passes more pattern strings to `re` than the 512 that `re` caches
    re._MAXCACHE = max(getattr(re, "_MAXCACHE", 0), 8192)  # type: ignore[attr-defined]
    return pysbd.Segmenter(language=language, clean=False, char_span=True)


_code = lru_cache(maxsize=256)(language_code)


def sentences(text: str, language: str = "en") -> list[tuple[int, int]]:
    """Return (start, end) of the sentences of one paragraph; only white space is between them.

    `language` is a name or code in any form. English is split by pysbd, other languages by rules.

    >>> text = "Gen. Ilm spoke. “We took it.” Nobody replied."
    >>> [text[start:end] for start, end in sentences(text)]
    ['Gen. Ilm spoke.', '“We took it.”', 'Nobody replied.']
    """
    code = _code(language) or "en"
    if code not in _BY_LIBRARY:
        return _join_fragments(text, list(_by_stretches(text, (0, len(text)), partial(_by_rules, language=code))))
    if text.strip() and not _BREAK_CHARACTERS.search(text.rstrip(_CLOSING)):
        return [_trim(text, 0, len(text))]
    cuts = [match.start() for match in _LIST_ITEM.finditer(text)][MOST_LIST_ITEMS::MOST_LIST_ITEMS]
    if not cuts and len(text) <= LONGEST_STRETCH:
        return _sentences(text, code)
    by_library = partial(_sentences, language=code)
    return [found for bounds in pairwise([0, *cuts, len(text)]) for found in _by_stretches(text, bounds, by_library)]


def _by_stretches(
    text: str, bounds: tuple[int, int], split: Callable[[str], list[tuple[int, int]]]
) -> Iterator[tuple[int, int]]:
    """Split a part of a text in stretches, since splitting takes time quadratic in the length.

    The last sentence of a stretch may go on, so the next stretch begins with it.
    """
    start, end = bounds
    while end - start > LONGEST_STRETCH:
        limit = text.rfind(" ", start + 1, start + LONGEST_STRETCH) + 1 or start + LONGEST_STRETCH
        found = split(text[start:limit])
        whole = found[:-1] or found
        yield from ((start + a, start + b) for a, b in whole)
        start = start + found[-1][0] if len(found) > 1 else limit
    yield from ((start + a, start + b) for a, b in split(text[start:end]))


def _by_rules(text: str, language: str) -> list[tuple[int, int]]:
    bounds = [0, *sentence_starts(text, language), len(text)]
    return [_trim(text, a, b) for a, b in pairwise(bounds) if text[a:b].strip()]


def _sentences(text: str, language: str) -> list[tuple[int, int]]:
    offsets: list[tuple[int, int]] = []
    position = 0
    segmenter = _segmenter(language)
    masked = text.replace("--", "––")  # pysbd takes all that stands between two "--" for a parenthesis
    segmenter.original_text = masked
    # not `segment`, which spends three quarters of its time on locating the sentences by regular expressions
    for piece in segmenter.processor(masked).process():
        words = piece.strip()
        start = masked.find(words, position) if words else -1
        if start < 0:  # pysbd changed or dropped a character; the text is added below
            continue
        if text[position:start].strip():  # no text is lost between two sentences
            offsets.append(_trim(text, position, start))
        offsets.append((start, start + len(words)))
        position = start + len(words)
    if text[position:].strip():
        offsets.append(_trim(text, position, len(text)))
    return _join_fragments(text, _mend(text, offsets))


def _mend(text: str, offsets: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join "et al. [2004]", "cf. p. 12" and "Why? -- he asked", and cut "He left.Then she came." in two."""
    mended: list[tuple[int, int]] = []
    for start, end in offsets:
        after_al = mended and text[start] in "[(" and text[: mended[-1][1]].endswith("et al.")
        named = (
            mended
            and (text[start].islower() or text[start].isdigit())
            and (_NAMES_WHAT_FOLLOWS.search(text, max(mended[-1][0], mended[-1][1] - 10), mended[-1][1]))
        )
        if after_al or named or (mended and _DASHED_ON.match(text, start)):
            mended[-1] = (mended[-1][0], end)
            continue
        cuts = [start + cut for cut in run_on_starts(text[start:end])]
        mended += [_trim(text, a, b) for a, b in pairwise([start, *cuts, end])]
    return mended


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())


def _join_fragments(text: str, offsets: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Append fragments without letters (a closing quotation mark, a full stop) to the sentence before them."""
    joined: list[tuple[int, int]] = []
    for start, end in offsets:
        if joined and not any(character.isalnum() for character in text[start:end]):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def split_into_spans(
    revision: Revision,
    *,
    mention_terms: Sequence[str] = (),
    other_terms: Sequence[str] = (),
    title: str | None = None,
    language: str = "en",
    repeated: Callable[[str], bool] = lambda paragraph: False,
    overrides: Mapping[tuple[int, int], str] | None = None,
) -> list[Span]:
    r"""Split a revision into spans of every kind, in the order of the text.

    Each paragraph is a headline, a teaser, furniture or a body paragraph. Mentions are found in headlines and body
    paragraphs, sentences in body paragraphs. `repeated` returns whether the outlet prints a paragraph in other articles
    too, which makes it furniture unless it has one of these terms or of the study's `other_terms`; `overrides` are the
    kinds of paragraphs that a person corrected, by their offsets.

    >>> from corpus.article import Revision
    >>> revision = Revision("0feaaab8ee6d", "Velo falls\n\nNorthland took Velo. It burned.")
    >>> for span in split_into_spans(revision, mention_terms=["took", "fall*"], title="Velo falls"):
    ...     print(span.unit, repr(revision.text[span.start : span.end]))
    article 'Velo falls\n\nNorthland took Velo. It burned.'
    headline 'Velo falls'
    mention 'falls'
    paragraph 'Northland took Velo. It burned.'
    sentence 'Northland took Velo.'
    mention 'took'
    sentence 'It burned.'
    """
    text = revision.text
    if not text:
        return []
    offsets = paragraphs(text)
    kinds = boilerplate.classify_paragraphs(
        [text[start:end] for start, end in offsets],
        title=title,
        repeated=repeated,
        contested=lambda paragraph: bool(terms.find([*mention_terms, *other_terms], paragraph)),
    )
    spans = [Span(revision.id, 0, len(text), "article")]
    for (start, end), kind_by_shape in zip(offsets, kinds, strict=True):
        kind = (overrides or {}).get((start, end), kind_by_shape)
        spans.append(Span(revision.id, start, end, kind))
        if kind in ("teaser", "furniture"):
            continue
        inner = [(start + a, start + b, "mention") for a, b in terms.mention_candidates(mention_terms, text[start:end])]
        if kind == "paragraph":
            inner += [(start + a, start + b, "sentence") for a, b in sentences(text[start:end], language)]
        order = {"sentence": 0, "mention": 1}
        spans += [Span(revision.id, a, b, unit) for a, b, unit in sorted(inner, key=lambda s: (s[0], order[s[2]]))]
    return spans


def neighbouring_sentences(text: str, start: int, end: int, language: str = "en") -> Passage:
    r"""Return `text[start:end]` with the sentences before and after it in the same paragraph.

    >>> neighbouring_sentences("Velo fell. It burned. Nobody spoke. Karsk held.", 11, 21)
    Passage(text='Velo fell. It burned. Nobody spoke.', start=11, end=21)
    """
    check_offsets(text, start, end)
    first, last = paragraphs_around(text, start, end)  # a span may touch several paragraphs
    bounds = [
        (first + left + a, first + left + b)
        for left, right in paragraphs(text[first:last])
        for a, b in sentences(text[first + left : first + right], language)
    ]
    touched = [i for i, (a, b) in enumerate(bounds) if a < end and start < b]
    if not touched:
        return Passage(text[start:end], 0, end - start)
    left = min(start, bounds[max(0, touched[0] - 1)][0])
    right = max(end, bounds[min(len(bounds) - 1, touched[-1] + 1)][1])
    return Passage(text[left:right], start - left, end - left)
