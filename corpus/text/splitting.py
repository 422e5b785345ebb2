"""Splitting: a revision's text into spans of every unit, and a paragraph into its sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from corpus.span import Passage, Span, paragraphs, passage

from . import boilerplate, terms

if TYPE_CHECKING:
    import pysbd

    from corpus.article import Revision

# what the splitter may part at: a paragraph without any is one sentence (so it was with 3,000 without brackets), and
# asking the splitter costs 4 ms
_MANY = re.compile(r"[.!?:;()\[\]{}\n]|[^\x00-\u024f\u0400-\u052f\u2010-\u2022\u20ac]")


# a list set in one line, "a) … b) … ii) …": the splitter's time grows with the cube of its items (2,400 characters take
# 9 s), so one with more of them is cut before an item, which begins a sentence anyhow
_LETTERED = re.compile(r"(?<!\S)\(?[A-Za-z]{1,4}\)(?=\s)")


MOST_LETTERED = 60


_END = ".!?…\"”’'»“ "


@lru_cache(maxsize=8)
def _segmenter(language: str) -> pysbd.Segmenter:
    import pysbd
    from pysbd.languages import LANGUAGE_CODES

    # pysbd hands `re` its patterns as strings, more than the 512 that `re` remembers
    re._MAXCACHE = max(getattr(re, "_MAXCACHE", 0), 8192)  # type: ignore[attr-defined]
    return pysbd.Segmenter(language=language if language in LANGUAGE_CODES else "en", clean=False, char_span=True)


def sentences(text: str, language: str = "en") -> list[tuple[int, int]]:
    """Return (start, end) of the sentences of one paragraph; whatever lies between them is white space.

    >>> text = "Gen. Ilm spoke. “We took it.” Nobody replied."
    >>> [text[start:end] for start, end in sentences(text)]
    ['Gen. Ilm spoke.', '“We took it.”', 'Nobody replied.']
    """
    if text.strip() and not _MANY.search(text.rstrip(_END)):
        return [_trimmed(text, 0, len(text))]
    cuts = [match.start() for match in _LETTERED.finditer(text)][MOST_LETTERED::MOST_LETTERED]
    if cuts:
        pieces = zip([0, *cuts], [*cuts, len(text)], strict=True)
        return [(first + a, first + b) for first, end in pieces for a, b in _sentences(text[first:end], language)]
    return _sentences(text, language)


def _sentences(text: str, language: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    position = 0
    segmenter = _segmenter(language)
    segmenter.original_text = text
    # not `segment`: to find its sentences again it compiles each of them to a pattern, three quarters of its time
    for piece in segmenter.processor(text).process():
        words = piece.strip()
        start = text.find(words, position) if words else -1
        if start < 0:  # the splitter changed or dropped a character; what it missed is caught below
            continue
        if text[position:start].strip():  # so nothing of the text is ever lost between two sentences
            found.append(_trimmed(text, position, start))
        found.append((start, start + len(words)))
        position = start + len(words)
    if text[position:].strip():
        found.append(_trimmed(text, position, len(text)))
    return _joined(text, found)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())


def _joined(text: str, found: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join a piece without letters (a closing quotation mark, a full stop) to the sentence before it."""
    joined: list[tuple[int, int]] = []
    for start, end in found:
        if joined and not any(character.isalnum() for character in text[start:end]):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def split_into_spans(
    revision: Revision,
    *,
    mention_terms: Sequence[str] = (),
    title: str | None = None,
    language: str = "en",
    repeated: Callable[[str], bool] = lambda paragraph: False,
    marks: Mapping[tuple[int, int], str] | None = None,
) -> list[Span]:
    r"""Split a revision into spans of every kind, in the order of the text.

    Each paragraph is a headline, a teaser, furniture or a body paragraph; sentences and mentions are found in headlines
    and body paragraphs only. `repeated` says whether the outlet prints a paragraph in other articles too; `marks`
    overrule what a paragraph is, by its offsets.

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
    blocks = paragraphs(text)
    kinds = boilerplate.classify_paragraphs([text[start:end] for start, end in blocks], title=title, repeated=repeated)
    spans = [Span(revision.id, 0, len(text), "article")]
    for (start, end), found_kind in zip(blocks, kinds, strict=True):
        kind = (marks or {}).get((start, end), found_kind)
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
    r"""Return `text[start:end]` with the sentence before and the sentence after it, of the same paragraph.

    >>> neighbouring_sentences("Velo fell. It burned. Nobody spoke. Karsk held.", 11, 21)
    Passage(text='Velo fell. It burned. Nobody spoke.', start=11, end=21)
    """
    whole = passage(text, start, end)
    shift = start - whole.start
    bounds, offset = [], 0
    for block in whole.text.split("\n\n"):  # a span may touch several paragraphs
        bounds += [(offset + a, offset + b) for a, b in sentences(block, language)]
        offset += len(block) + 2
    touched = [i for i, (a, b) in enumerate(bounds) if a < whole.end and whole.start < b]
    if not touched:
        return Passage(text[start:end], 0, end - start)
    left = min(whole.start, bounds[max(0, touched[0] - 1)][0])
    right = max(whole.end, bounds[min(len(bounds) - 1, touched[-1] + 1)][1])
    return Passage(whole.text[left:right], start - shift - left, end - shift - left)
