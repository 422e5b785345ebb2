"""How rightly what belongs to the page is told from the article, by kind, on hand-marked texts and real pages.

`python benchmarks/furniture.py --shared ../shared` writes one JSON line a run. On the seeds each paragraph's kind is
compared with the one marked by hand at its offsets. On the extraction pages a paragraph of what was cut out of the page
is body where most of its runs of four words stand in the annotated body; headlines are left out, since the annotated
bodies have some and lack others.
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

from corpus.article import normalise
from corpus.errors import SlantwiseError
from corpus.feeds.extraction_benchmark import known_bodies, page_bytes, shingles
from corpus.readers import read
from corpus.readers.html import draft_of_page
from corpus.span import headline_in, paragraphs, with_headline
from corpus.text.boilerplate import classify_paragraphs

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "furniture.jsonl"
MARKS = ROOT / "tests" / "data" / "furniture"
MARGIN = (0.2, 0.8)  # a paragraph of which such a share stands in the body is neither the one nor the other

Pairs = list[tuple[str, str]]  # marked, found


def seeds(folder: Path) -> dict[str, Pairs]:
    """Return by seed each paragraph's marked and found kind."""
    found = {}
    for file in sorted(MARKS.glob("*.json")):
        text = normalise(read(folder / file.stem).drafts[0].text)
        marked = {(start, end): kind for start, end, kind in json.loads(file.read_text())["marks"]}
        places = paragraphs(text)
        judged = classify_paragraphs([text[start:end] for start, end in places])
        found[file.stem] = [(marked.get(place, "paragraph"), kind) for place, kind in zip(places, judged, strict=True)]
    return found


def pages(folder: Path) -> dict[str, Pairs]:
    """Return by page "body" or "not body" of each paragraph that was cut out, as annotated and as found."""
    found = {}
    for page, known in sorted(known_bodies(folder).items()):
        try:
            draft = draft_of_page(page_bytes(folder / "html" / f"{page}.html.gz"), "page").normalised()
        except SlantwiseError:
            continue
        text = with_headline(draft.text, draft.title)
        headline = headline_in(text, draft.title) if draft.title else None
        places = paragraphs(text)
        blocks = [text[start:end] for start, end in places]
        judged = classify_paragraphs(blocks, title=text[slice(*headline)] if headline else None)
        body = shingles(normalise(known["articleBody"]))
        rows = []
        for place, block, kind in zip(places, blocks, judged, strict=True):
            runs = shingles(block)
            share = sum((runs & body).values()) / max(1, sum(runs.values()))
            if place == headline or MARGIN[0] < share < MARGIN[1] or sum(map(str.isalnum, block)) == 0:
                continue
            marked = "body" if share >= MARGIN[1] else "not body"
            rows.append((marked, "not body" if kind in ("furniture", "teaser") else "body"))
        found[page] = rows
    return found


def scored(rows: dict[str, Pairs], draws: int = 1000) -> dict[str, dict[str, Any]]:
    """Return precision and recall by kind with 95 % intervals by bootstrap over texts."""
    counts = [Counter(pairs) for pairs in rows.values()]
    drawn = np.random.default_rng(1).integers(0, len(counts), size=(draws, len(counts)))
    names = sorted({name for count in counts for pair in count for name in pair})
    result: dict[str, dict[str, Any]] = {}
    for name in names:
        hits = np.array([count[name, name] for count in counts])
        told = np.array([sum(n for (_, found), n in count.items() if found == name) for count in counts])
        true = np.array([sum(n for (marked, _), n in count.items() if marked == name) for count in counts])
        result[name] = {"marked": int(true.sum()), "found": int(told.sum())}
        for label, among in (("precision", told), ("recall", true)):
            below = among[drawn].sum(axis=1)
            shares = hits[drawn].sum(axis=1)[below > 0] / below[below > 0]
            low, high = np.percentile(shares, (2.5, 97.5)) if len(shares) else (0.0, 1.0)
            value = hits.sum() / among.sum() if among.sum() else 1.0
            result[name][label] = round(float(value), 4)
            result[name][f"{label}_interval"] = [round(float(low), 4), round(float(high), 4)]
    return result


def main() -> None:
    """Measure and write one line."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--shared", type=Path, default=Path("../shared"))
    shared = options.parse_args().shared
    on_seeds, on_pages = seeds(shared / "seeds"), pages(shared / "data" / "extraction")
    line = {
        "benchmark": "furniture",
        "at": datetime.now(UTC).strftime("%Y-%m-%d"),
        "seeds": {"texts": len(on_seeds), **scored(on_seeds)},
        "pages": {"texts": len(on_pages), **scored(on_pages)},
    }
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    sys.stdout.write(json.dumps(line, indent=1) + "\n")


if __name__ == "__main__":
    main()
