"""Generate a corpus of any size with known copies by recombining sentences of public data; nothing is stored."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

KINDS = ("whole", "cut", "re-headlined", "reworded", "all three")


def sentences(folder: Path) -> tuple[list[str], list[str]]:
    """Return the sentences and the headlines of the public rows in a folder."""
    bodies: dict[str, None] = {}
    titles: dict[str, None] = {}
    for name in ("seesaw", "babe", "ukraine"):
        for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            bodies[" ".join(row["text"].split())] = None
    for line in (folder / "ruwa_headlines.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["title"]:
            titles[" ".join(row["title"].split())] = None
        if row["desc"] and len(row["desc"].split()) > 8:
            bodies[" ".join(row["desc"].split())] = None
    return [body for body in bodies if len(body.split()) > 4], list(titles)


def recombined_articles(
    folder: Path, articles: int, seed: int = 1, share: float = 0.2
) -> Iterator[tuple[str, str, str]]:
    """Yield (id, text, id of the original) of articles; after each, copies of random kinds follow with chance `share`.

    An article has 10 to 40 sentences, so among 100,000 each sentence occurs in about 80 articles that are not copies.
    """
    bodies, titles = sentences(folder)
    vocabulary = sorted({word for body in bodies for word in body.split()})
    draw = random.Random(seed)  # noqa: S311 -- not for secrets
    number = 0
    while number < articles:
        origin = f"{draw.randrange(16**10):010x}{number:06d}"
        parts = [draw.choice(titles), *draw.sample(bodies, draw.randint(10, 40))]
        yield origin, "\n\n".join(parts), origin
        number += 1
        while number < articles and draw.random() < share:
            copy = f"{draw.randrange(16**10):010x}{number:06d}"
            yield copy, "\n\n".join(_change_copy(parts, draw.choice(KINDS), titles, vocabulary, draw)), origin
            number += 1


def _change_copy(
    parts: list[str], kind: str, titles: list[str], vocabulary: list[str], draw: random.Random
) -> list[str]:
    changed = list(parts)
    if kind in ("cut", "all three"):
        changed = changed[: max(5, int(len(changed) * draw.uniform(0.4, 0.8)))]
    if kind in ("re-headlined", "all three"):
        changed[0] = draw.choice(titles)
    if kind in ("reworded", "all three"):
        changed = [
            " ".join(draw.choice(vocabulary) if draw.random() < 0.2 else word for word in part.split())
            for part in changed
        ]
    return changed


def pair_quality(found: dict[str, str], truth: dict[str, str]) -> tuple[float, float]:
    """Return precision and recall over pairs of articles in one group.

    >>> pair_quality({"a": "a", "b": "a", "c": "a"}, {"a": "a", "b": "a", "c": "c"})
    (0.3333333333333333, 1.0)
    """

    def pairs(keys: list[object]) -> int:
        counts: dict[object, int] = {}
        for key in keys:
            counts[key] = counts.get(key, 0) + 1
        return sum(n * (n - 1) // 2 for n in counts.values())

    both = pairs([(found[id], truth[id]) for id in truth])
    grouped, original = pairs(list(found.values())), pairs(list(truth.values()))
    return both / grouped if grouped else 1.0, both / original if original else 1.0
