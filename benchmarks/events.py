"""How correctly articles are grouped by event, measured on stories grouped by hand: one JSON line a run.

`python benchmarks/events.py --data ../shared/data/seesaw.jsonl`

The stories are halved by hash. The parameter of each method is chosen on one half and measured on the other half, in
both directions. SEESAW has 161 stories on 159 days in seven years, so the day alone almost determines the story, and
"as dated" is an easy test. "crowded" moves 20 stories to each day; "crowded, late" dates each article on its story's
day or the next, which a same-day baseline cannot handle.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from benchmarks.kept_lines import append_line
from corpus.copies.near_duplicates import DisjointSets, copy_groups
from corpus.events.clustering import CHANCE, EventText, assign_events

RESULTS = Path(__file__).parent / "results" / "events.jsonl"
CHANCES = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
THRESHOLDS = tuple(round(0.02 * n, 2) for n in range(1, 36))
CROWD = 20  # stories a day

Events = Mapping[str, str]


@dataclass(frozen=True)
class Article:
    """One article and its story."""

    id: str
    story: str
    day: date
    text: str


def read_articles(file: Path) -> list[Article]:
    """Return the articles of a file of sentences in order, their headlines first."""
    articles: dict[str, list[Any]] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        articles.setdefault(row["article_id"], []).append(row)
    result = []
    for id, rows in articles.items():
        sentences = [row["text"] for row in sorted(rows, key=lambda row: row["position"])]
        day = date.fromisoformat(rows[0]["date"])
        result.append(Article(id, rows[0]["story_id"], day, "\n\n".join([rows[0]["title"] or "", *sentences]).strip()))
    return result


def crowd_stories(articles: Sequence[Article], late: int = 0, seed: int = 1) -> list[Article]:
    """Return the articles with their stories in random order, CROWD to a day, each dated up to `late` days later."""
    draw = random.Random(seed)  # noqa: S311 -- not for secrets
    stories = sorted({one.story for one in articles})
    draw.shuffle(stories)
    days = {story: date(2020, 1, 1) + timedelta(days=place // CROWD) for place, story in enumerate(stories)}
    return [
        Article(one.id, one.story, days[one.story] + timedelta(days=draw.randint(0, late)), one.text)
        for one in articles
    ]


def half_of_stories(articles: Sequence[Article], side: int) -> list[Article]:
    """Return the articles of one half of the stories."""
    return [one for one in articles if int(hashlib.sha256(one.story.encode()).hexdigest(), 16) % 2 == side]


def group_by_event(articles: Sequence[Article], chance: float = CHANCE) -> Events:
    """Group articles as a study does: copies first, then one telling per copy group."""
    groups = _copies(tuple((one.id, one.text) for one in articles))
    tellings: dict[str, EventText] = {}
    for one in sorted(articles, key=lambda one: (one.day, one.id)):
        tellings.setdefault(groups[one.id], EventText(groups[one.id], one.day, one.text))
    events = assign_events(list(tellings.values()), chance=chance)
    return {one.id: events[groups[one.id]] for one in articles}


@lru_cache(maxsize=4)
def _copies(texts: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return copy_groups(dict(texts))


def same_day(articles: Sequence[Article], threshold: float) -> Events:
    """Group articles of one day whose TF-IDF cosine reaches a threshold (single linkage)."""
    like = _cosines(tuple(one.text for one in articles))
    days = np.array([one.day.toordinal() for one in articles])
    groups = DisjointSets()
    for i, j in np.argwhere(np.triu((like >= threshold) & (days[:, None] == days), 1)):
        groups.join(articles[i].id, articles[j].id)
    return {one.id: groups.of(one.id) for one in articles}


@lru_cache(maxsize=4)
def _cosines(texts: tuple[str, ...]) -> np.ndarray[Any, Any]:
    rows = TfidfVectorizer(sublinear_tf=True, stop_words="english").fit_transform(texts)
    return np.asarray((rows @ rows.T).toarray())


def score_events(articles: Sequence[Article], events: Events, draws: int = 1000) -> dict[str, Any]:
    """Return precision, recall and F1 over pairs of articles, F1 with a 95 % interval by bootstrap over stories."""
    stories = sorted({one.story for one in articles})
    place = {story: number for number, story in enumerate(stories)}
    counts: dict[str, np.ndarray[Any, Any]] = {}
    for one in articles:
        counts.setdefault(events[one.id], np.zeros(len(stories)))[place[one.story]] += 1
    inside = np.zeros(len(stories))  # pairs of one story and event
    across = np.zeros((len(stories), len(stories)))  # pairs of two stories in one event, each counted twice
    for row in counts.values():
        inside += row * (row - 1) / 2
        across += np.outer(row, row) * (1 - np.eye(len(stories)))
    sizes = np.array([sum(one.story == story for one in articles) for story in stories])
    pairs_of_story = sizes * (sizes - 1) / 2

    def figures(weights: np.ndarray[Any, Any]) -> tuple[float, float, float]:
        hits = float(weights @ inside)
        grouped_pairs, true_pairs = hits + float(weights @ across @ weights) / 2, float(weights @ pairs_of_story)
        precision, recall = hits / grouped_pairs if grouped_pairs else 1.0, hits / true_pairs if true_pairs else 1.0
        return precision, recall, 2 * hits / (grouped_pairs + true_pairs) if grouped_pairs + true_pairs else 1.0

    random = np.random.default_rng(1)
    drawn = random.multinomial(len(stories), np.full(len(stories), 1 / len(stories)), size=draws)
    low, high = np.percentile([figures(weights)[2] for weights in drawn.astype(float)], (2.5, 97.5))
    precision, recall, f1 = figures(np.ones(len(stories)))
    return {
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(f1, 4),
        "interval": [round(float(low), 4), round(float(high), 4)],
        "stories": len(stories),
        "articles": len(articles),
    }


def choose_on_other_half(
    articles: Sequence[Article], method: Callable[[Sequence[Article], float], Events], values: Sequence[float]
) -> list[dict[str, Any]]:
    """Choose a method's parameter on each half of the stories; return its scores on the other half."""
    rows = []
    for side in (0, 1):
        chosen_on, measured_on = half_of_stories(articles, side), half_of_stories(articles, 1 - side)
        best = max(values, key=lambda value: score_events(chosen_on, method(chosen_on, value), draws=1)["f1"])
        rows.append({"chosen": best, **score_events(measured_on, method(measured_on, best))})
    return rows


def mean_over_orders(articles: Sequence[Article], seeds: Sequence[int]) -> dict[str, float]:
    """Return mean F1 over random orders of the crowded stories: ours as shipped, the baseline at its best threshold."""
    many = [crowd_stories(articles, seed=seed) for seed in seeds]

    def mean(method: Callable[[Sequence[Article]], Events]) -> float:
        return round(float(np.mean([score_events(rows, method(rows), draws=1)["f1"] for rows in many])), 4)

    best = max(mean(partial(same_day, threshold=threshold)) for threshold in THRESHOLDS[5:15])
    return {"slantwise, as shipped": mean(group_by_event), "same-day TF-IDF, best threshold for these": best}


def main() -> None:
    """Measure and write one line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data/seesaw.jsonl"))
    articles = read_articles(parser.parse_args().data)
    line: dict[str, Any] = {"benchmark": "events", "at": datetime.now(UTC).strftime("%Y-%m-%d")}
    for name, rows in (
        ("as dated", articles),
        ("crowded", crowd_stories(articles)),
        ("crowded, late", crowd_stories(articles, late=1)),
    ):
        line[name] = {
            "slantwise, all stories, as shipped": score_events(rows, group_by_event(rows)),
            "slantwise, other half": choose_on_other_half(rows, group_by_event, CHANCES),
            "same-day TF-IDF, other half": choose_on_other_half(rows, same_day, THRESHOLDS),
        }
    line["crowded, six orders"] = mean_over_orders(articles, range(1, 7))
    append_line(RESULTS, line)
    sys.stdout.write(json.dumps(line, indent=1) + "\n")


if __name__ == "__main__":
    main()
