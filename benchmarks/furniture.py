"""How well page furniture is separated from articles, by kind, on hand-marked texts and real pages.

`python benchmarks/furniture.py --shared ../shared` writes one JSON line a run. On the seeds each paragraph's kind is
compared with the one marked by hand at its offsets. On the extraction pages an extracted paragraph counts as body if
most of its runs of four words are in the annotated body; headlines are left out, since only some annotated bodies
include them.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from benchmarks.kept_lines import append_line
from corpus.article import normalise
from corpus.errors import SlantwiseError
from corpus.feeds.extraction_benchmark import read_ground_truth, read_packed_page, shingle_counts
from corpus.readers import read_file
from corpus.readers.html import draft_of_page
from corpus.span import headline_in, paragraphs, with_headline
from corpus.text.boilerplate import classify_paragraphs

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "furniture.jsonl"
MARKS = ROOT / "tests" / "data" / "furniture"
MARGIN = (0.2, 0.8)  # paragraphs with such a share in the body are left out as ambiguous

Pairs = list[tuple[str, str]]  # marked, found


def seed_paragraphs(folder: Path) -> dict[str, Pairs]:
    """Return by seed each paragraph's marked and found kind."""
    by_seed = {}
    for file in sorted(MARKS.glob("*.json")):
        text = normalise(read_file(folder / file.stem).drafts[0].text)
        marked = {(start, end): kind for start, end, kind in json.loads(file.read_text())["marks"]}
        offsets = paragraphs(text)
        kinds_found = classify_paragraphs([text[start:end] for start, end in offsets])
        by_seed[file.stem] = [
            (marked.get(place, "paragraph"), kind) for place, kind in zip(offsets, kinds_found, strict=True)
        ]
    return by_seed


def page_paragraphs(folder: Path) -> dict[str, Pairs]:
    """Return by page whether each extracted paragraph is "body" or "not body", as annotated and as found."""
    by_page = {}
    for page, truth in sorted(read_ground_truth(folder).items()):
        try:
            draft = draft_of_page(read_packed_page(folder / "html" / f"{page}.html.gz"), "page").normalised()
        except SlantwiseError:
            continue
        text = with_headline(draft.text, draft.title)
        headline = headline_in(text, draft.title) if draft.title else None
        offsets = paragraphs(text)
        blocks = [text[start:end] for start, end in offsets]
        kinds_found = classify_paragraphs(blocks, title=text[slice(*headline)] if headline else None)
        body = shingle_counts(normalise(truth.text))
        rows = []
        for place, block, kind in zip(offsets, blocks, kinds_found, strict=True):
            runs = shingle_counts(block)
            share = sum((runs & body).values()) / max(1, sum(runs.values()))
            if place == headline or MARGIN[0] < share < MARGIN[1] or sum(map(str.isalnum, block)) == 0:
                continue
            marked = "body" if share >= MARGIN[1] else "not body"
            rows.append((marked, "not body" if kind in ("furniture", "teaser") else "body"))
        by_page[page] = rows
    return by_page


def score_kinds(rows: dict[str, Pairs], draws: int = 1000) -> dict[str, dict[str, Any]]:
    """Return precision and recall by kind with 95 % intervals by bootstrap over texts."""
    counts = [Counter(pairs) for pairs in rows.values()]
    drawn = np.random.default_rng(1).integers(0, len(counts), size=(draws, len(counts)))
    names = sorted({name for count in counts for pair in count for name in pair})
    result: dict[str, dict[str, Any]] = {}
    for name in names:
        hits = np.array([count[name, name] for count in counts])
        found_counts = np.array([sum(n for (_, found), n in count.items() if found == name) for count in counts])
        marked_counts = np.array([sum(n for (marked, _), n in count.items() if marked == name) for count in counts])
        result[name] = {"marked": int(marked_counts.sum()), "found": int(found_counts.sum())}
        for label, among in (("precision", found_counts), ("recall", marked_counts)):
            below = among[drawn].sum(axis=1)
            shares = hits[drawn].sum(axis=1)[below > 0] / below[below > 0]
            low, high = np.percentile(shares, (2.5, 97.5)) if len(shares) else (0.0, 1.0)
            value = hits.sum() / among.sum() if among.sum() else 1.0
            result[name][label] = round(float(value), 4)
            result[name][f"{label}_interval"] = [round(float(low), 4), round(float(high), 4)]
    return result


def main() -> None:
    """Measure and write one line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    shared = parser.parse_args().shared
    on_seeds, on_pages = seed_paragraphs(shared / "seeds"), page_paragraphs(shared / "data" / "extraction")
    line = {
        "benchmark": "furniture",
        "at": datetime.now(UTC).strftime("%Y-%m-%d"),
        "seeds": {"texts": len(on_seeds), **score_kinds(on_seeds)},
        "pages": {"texts": len(on_pages), **score_kinds(on_pages)},
    }
    append_line(RESULTS, line)
    sys.stdout.write(json.dumps(line, indent=1) + "\n")


if __name__ == "__main__":
    main()
