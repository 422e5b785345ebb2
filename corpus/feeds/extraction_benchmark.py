"""Benchmark the extraction of articles from real pages, by shingles of four words."""

from __future__ import annotations

import gzip
import json
import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from corpus.article import normalise
from corpus.draft import Refusal
from corpus.errors import BadFile, SlantwiseError
from corpus.readers.html import MAX_BYTES, draft_of_page
from corpus.result import Result, printed_as
from corpus.span import headline_in, paragraphs, with_headline
from corpus.text.boilerplate import classify_paragraphs

SHINGLE = 4  # words, as in the published benchmark
WORST_PAGES = 5  # listed: those with the lowest F1
_WORD = re.compile(r"\w+")

Words = Counter[tuple[str, ...]]


@dataclass(frozen=True)
class ExtractionScore:
    """The share of the extracted text that is in the article (precision), and vice versa (recall)."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Their harmonic mean; 0 if both are 0."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def rounded(self) -> RoundedScore:
        """Return precision, recall and F1 with four digits."""
        return RoundedScore(round(self.precision, 4), round(self.recall, 4), round(self.f1, 4))


@dataclass(frozen=True)
class RoundedScore:
    """Precision, recall and F1 with four digits."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class PageScore:
    """The scores of one page."""

    page: str
    url: str | None
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class PageTruth:
    """The true article of a page, and its address."""

    text: str
    url: str | None


@dataclass(frozen=True, kw_only=True)
class ExtractionBenchmark(Result):
    """How well articles were extracted from `pages` pages: the mean, that of trafilatura, and the worst pages."""

    pages: int
    mean: RoundedScore
    baselines: Mapping[str, RoundedScore]
    worst: tuple[PageScore, ...]
    refusals: tuple[Refusal, ...] = printed_as("refused")
    seconds: Mapping[str, float]
    rows = "worst"


def shingle_counts(text: str) -> Words:
    """Return how often each run of four words occurs in a text; a shorter text is one run.

    >>> sorted(shingle_counts("Northland took Velo at dawn"))
    [('Northland', 'took', 'Velo', 'at'), ('took', 'Velo', 'at', 'dawn')]
    """
    words = _WORD.findall(text)
    return Counter(tuple(words[i : i + SHINGLE]) for i in range(max(len(words) - SHINGLE + 1, min(len(words), 1))))


def score_extraction(text: str, truth: str) -> ExtractionScore:
    """Compare an extracted text with the true one.

    >>> score_extraction("Northland took Velo at dawn", "Northland took Velo at")
    ExtractionScore(precision=0.5, recall=1.0)
    """
    counts = shingle_counts(text), shingle_counts(truth)
    shared = (counts[0] & counts[1]).total()
    precision, recall = (shared / count.total() if count else float(not shared) for count in counts)
    return ExtractionScore(precision, recall)


def extract_body(data: bytes) -> str:
    """Return a page's article without furniture, teasers and its headline, which is a separate unit.

    Raises BadFile if no article is found.
    """
    draft = draft_of_page(data, "page").normalised()
    text = with_headline(draft.text, draft.title)
    headline = headline_in(text, draft.title) if draft.title else None
    offsets = paragraphs(text)
    blocks = [text[start:end] for start, end in offsets]
    block_kinds = classify_paragraphs(blocks, title=text[slice(*headline)] if headline else None)
    body_blocks = [
        block
        for span, block, kind in zip(offsets, blocks, block_kinds, strict=True)
        if span != headline and kind not in ("furniture", "teaser")
    ]
    return "\n\n".join(body_blocks)


def _trafilatura_defaults(data: bytes) -> str:
    import trafilatura

    return trafilatura.extract(data) or ""


EXTRACTORS: Mapping[str, Callable[[bytes], str]] = {"slantwise": extract_body, "trafilatura": _trafilatura_defaults}


def measure_extraction(
    folder: str | Path, *, progress: Callable[[float], None] = lambda share: None
) -> ExtractionBenchmark:
    """Measure extraction on pages with known articles, for Slantwise and for trafilatura with its default settings.

    The folder has `ground-truth.json` (id: `articleBody`, `url`) and `html/ID.html.gz`. Precision and recall are
    means over pages, F1 is the harmonic mean of these two. Pages without a result count as 0.

    Raises BadFile if the folder has no such pages.
    """
    folder = Path(folder)
    truth = read_ground_truth(folder)
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    scores: dict[str, dict[str, ExtractionScore]] = {name: {} for name in EXTRACTORS}
    seconds = dict.fromkeys(EXTRACTORS, 0.0)
    refusals = []
    for number, (page, reference) in enumerate(sorted(truth.items()), 1):
        data = read_packed_page(folder / "html" / f"{page}.html.gz")
        for name, extract in EXTRACTORS.items():
            started = time.perf_counter()
            try:
                text = extract(data)
            except SlantwiseError as error:
                text = ""
                refusals.append(Refusal(page, str(error)))
            seconds[name] += time.perf_counter() - started
            scores[name][page] = score_extraction(text, normalise(reference.text))
        progress(number / len(truth))
    means = {name: _mean_score(list(page_scores.values())) for name, page_scores in scores.items()}
    worst_pages = sorted(scores["slantwise"], key=lambda page: scores["slantwise"][page].f1)[:WORST_PAGES]
    return ExtractionBenchmark(
        pages=len(truth),
        mean=means["slantwise"].rounded(),
        baselines={"trafilatura": means["trafilatura"].rounded()},
        worst=tuple(
            PageScore(page, truth[page].url, **vars(scores["slantwise"][page].rounded())) for page in worst_pages
        ),
        refusals=tuple(refusals),
        seconds={name: round(duration, 2) for name, duration in seconds.items()},
    )


def _mean_score(scores: list[ExtractionScore]) -> ExtractionScore:
    return ExtractionScore(fmean(score.precision for score in scores), fmean(score.recall for score in scores))


def read_ground_truth(folder: Path) -> dict[str, PageTruth]:
    """Return the true article of each page. Raises BadFile if the folder has no ground truth."""
    file = folder / "ground-truth.json"
    try:
        truth = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadFile(f"{file} cannot be opened ({error.strerror}); expected a folder with ground-truth.json") from None
    except (ValueError, RecursionError) as error:
        raise BadFile(f"{file} is not JSON ({str(error)[:80]})") from None
    if not isinstance(truth, dict) or not truth:
        raise BadFile(f'{file} has no pages; expected {{ID: {{"articleBody": …, "url": …}}}}')
    for page, reference in truth.items():
        if not isinstance(reference, dict) or not isinstance(reference.get("articleBody"), str):
            raise BadFile(f"{file}: the page {page} has no articleBody")
    return {page: PageTruth(reference["articleBody"], reference.get("url")) for page, reference in truth.items()}


def read_packed_page(file: Path) -> bytes:
    """Return a gzipped page. Raises BadFile if it cannot be read."""
    try:
        with gzip.open(file) as packed:
            return packed.read(MAX_BYTES)
    except (OSError, EOFError) as error:
        raise BadFile(f"{file} cannot be read ({error}); expected html/ID.html.gz next to ground-truth.json") from None
