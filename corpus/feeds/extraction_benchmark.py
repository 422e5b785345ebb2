"""The extraction benchmark: how well articles are cut out of real pages, by shingles of four words."""

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
from typing import Any

from corpus.article import normalise
from corpus.errors import BadFile, SlantwiseError
from corpus.readers.html import MAX_BYTES, draft_of_page
from corpus.span import headline_in, paragraphs, with_headline
from corpus.text.boilerplate import classify_paragraphs

SHINGLE = 4  # words, as the published benchmark counts
_WORD = re.compile(r"\w+")

Words = Counter[tuple[str, ...]]


@dataclass(frozen=True)
class ExtractionScore:
    """How much of what was taken is the article (precision), and how much of the article was taken (recall)."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Their harmonic mean, 0 where both are."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def rounded(self) -> dict[str, float]:
        """Return the three figures with four digits."""
        return {"precision": round(self.precision, 4), "recall": round(self.recall, 4), "f1": round(self.f1, 4)}


def shingle_counts(text: str) -> Words:
    """Return how often each run of four words stands in a text; a shorter text is one run.

    >>> sorted(shingle_counts("Northland took Velo at dawn"))
    [('Northland', 'took', 'Velo', 'at'), ('took', 'Velo', 'at', 'dawn')]
    """
    words = _WORD.findall(text)
    return Counter(tuple(words[i : i + SHINGLE]) for i in range(max(len(words) - SHINGLE + 1, min(len(words), 1))))


def score_extraction(found: str, truth: str) -> ExtractionScore:
    """Compare a text with the true one.

    >>> score_extraction("Northland took Velo at dawn", "Northland took Velo at")
    ExtractionScore(precision=0.5, recall=1.0)
    """
    one, other = shingle_counts(found), shingle_counts(truth)
    shared = sum((one & other).values())
    return ExtractionScore(
        *(shared / total if (total := sum(words.values())) else float(not shared) for words in (one, other))
    )


def extract_body(data: bytes) -> str:
    """Return a page's article as coders meet it: without furniture, teasers and its headline, a unit of its own.

    Raises BadFile where no article is found.
    """
    draft = draft_of_page(data, "page").normalised()
    text = with_headline(draft.text, draft.title)
    headline = headline_in(text, draft.title) if draft.title else None
    places = paragraphs(text)
    blocks = [text[start:end] for start, end in places]
    found = classify_paragraphs(blocks, title=text[slice(*headline)] if headline else None)
    kept = [
        block
        for place, block, kind in zip(places, blocks, found, strict=True)
        if place != headline and kind not in ("furniture", "teaser")
    ]
    return "\n\n".join(kept)


def _trafilatura_defaults(data: bytes) -> str:
    import trafilatura

    return trafilatura.extract(data) or ""


EXTRACTORS: Mapping[str, Callable[[bytes], str]] = {"slantwise": extract_body, "trafilatura": _trafilatura_defaults}


def measure_extraction(
    folder: Path, progress: Callable[[float], None] = lambda share: None, worst: int = 5
) -> dict[str, Any]:
    """Measure extraction on pages with known articles, beside trafilatura's own defaults on the same pages.

    The folder holds `ground-truth.json` (id: `articleBody`, `url`) and `html/ID.html.gz`. Precision and recall are
    means over pages, F1 is the harmonic mean of these two. A page on which nothing is found counts, with 0.

    Raises BadFile where the folder holds no such pages.
    """
    truth = read_ground_truth(folder)
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    scores: dict[str, dict[str, ExtractionScore]] = {name: {} for name in EXTRACTORS}
    seconds = dict.fromkeys(EXTRACTORS, 0.0)
    refused = []
    for number, (page, known) in enumerate(sorted(truth.items()), 1):
        data = read_packed_page(folder / "html" / f"{page}.html.gz")
        for name, extract in EXTRACTORS.items():
            started = time.perf_counter()
            try:
                text = extract(data)
            except SlantwiseError as error:
                text = ""
                refused.append({"where": page, "why": str(error)})
            seconds[name] += time.perf_counter() - started
            scores[name][page] = score_extraction(text, normalise(known["articleBody"]))
        progress(number / len(truth))
    means = {name: _mean_score(list(found.values())) for name, found in scores.items()}
    last = sorted(scores["slantwise"], key=lambda page: scores["slantwise"][page].f1)[:worst]
    return {
        "pages": len(truth),
        "mean": means["slantwise"].rounded(),
        "baselines": {"trafilatura": means["trafilatura"].rounded()},
        "worst": [
            {"page": page, "url": truth[page].get("url"), **scores["slantwise"][page].rounded()} for page in last
        ],
        "refused": refused,
        "seconds": {name: round(taken, 2) for name, taken in seconds.items()},
    }


def _mean_score(scores: list[ExtractionScore]) -> ExtractionScore:
    return ExtractionScore(
        sum(one.precision for one in scores) / len(scores), sum(one.recall for one in scores) / len(scores)
    )


def read_ground_truth(folder: Path) -> dict[str, dict[str, Any]]:
    """Return by page what is known of it, `articleBody` above all. Raises BadFile where the folder has no such list."""
    file = folder / "ground-truth.json"
    try:
        truth = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadFile(f"{file} cannot be opened ({error.strerror}); expected a folder with ground-truth.json") from None
    except (ValueError, RecursionError) as error:
        raise BadFile(f"{file} is not JSON ({str(error)[:80]})") from None
    if not isinstance(truth, dict) or not truth:
        raise BadFile(f'{file} names no pages; expected {{ID: {{"articleBody": …, "url": …}}}}')
    for page, known in truth.items():
        if not isinstance(known, dict) or not isinstance(known.get("articleBody"), str):
            raise BadFile(f"{file}: the page {page} has no articleBody")
    return truth


def read_packed_page(file: Path) -> bytes:
    """Return a packed page. Raises BadFile where it cannot be read."""
    try:
        with gzip.open(file) as packed:
            return packed.read(MAX_BYTES)
    except (OSError, EOFError) as error:
        raise BadFile(f"{file} cannot be read ({error}); expected html/ID.html.gz beside ground-truth.json") from None
