"""Plausible files: what goes in comes out, or is listed; the balance adds up; order and portions change nothing."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from plausible import KINDS, Planted, plausible_file
from sqlalchemy import select
from stores import study_in, write

from corpus.article import normalise
from corpus.articles.ingest import add
from corpus.draft import Refusal
from corpus.readers import read_file
from corpus.study import Study
from corpus.study import database as db

FILES = int(os.environ.get("SLANTWISE_PLAUSIBLE", "5000"))


def words(text: str) -> str:
    return " ".join(normalise(text).split())


def lost(articles: list[Planted], texts: list[str], listed: list[Refusal]) -> list[str]:
    """Return the paragraphs that are in no text, unless as many articles of their file are listed."""
    whole = "\n".join(words(text) for text in texts)
    missing = [
        article for article in articles if not all(words(paragraph) in whole for paragraph in article.paragraphs)
    ]
    for article in missing:  # nothing of an article is taken where the rest is not
        assert not any(words(paragraph) in whole for paragraph in article.paragraphs) or listed, article
    rows = [refusal for refusal in listed if ", row" in refusal.where or ", article" in refusal.where]
    is_whole_file = len(rows) < len(listed)
    return [article.title for article in missing] if len(missing) > len(rows) and not is_whole_file else []


def test_of_thousands_of_plausible_files_nothing_is_lost_in_silence(tmp_path: Path) -> None:
    outcomes: Counter[str] = Counter()
    for seed in range(FILES):
        name, data, articles = plausible_file(seed)
        path = write(tmp_path, {name: data}) / name
        try:
            reading = read_file(path)
        except Exception as error:
            pytest.fail(f"seed {seed} ({name}): {type(error).__name__}: {error}")
        listed = [*reading.refusals, *reading.passed_over]
        assert lost(list(articles), [draft.text for draft in reading.drafts], listed) == [], f"seed {seed}: {listed}"
        n_rows = len(reading.drafts) + len(reading.refusals)
        assert n_rows == len(articles) or (reading.refusals and not reading.drafts), f"seed {seed}: {n_rows} rows"
        for where, why in (*listed, *reading.warnings):
            assert name in where and why and "\n" not in why, f"seed {seed}"
        outcomes["read" if not listed else "listed"] += len(articles)
        outcomes[f"from {Path(name).suffix}"] += len(reading.drafts)
        path.unlink()
    # most plausible files are read, or else this test would say nothing
    assert outcomes["read"] > 0.9 * (outcomes["read"] + outcomes["listed"]), outcomes
    assert len([kind for kind in outcomes if kind.startswith("from ")]) > len(KINDS), outcomes


def stored(study: Study) -> list[tuple[object, ...]]:
    """Return each text with its outlet and date, and each span: what a study is, whatever its articles are called."""
    a, r = db.articles.c, db.revisions.c
    with study.store.reading() as connection:
        rows = connection.execute(
            select(a.outlet, a.published, r.text, r.number).join(db.articles, a.id == r.article)
        ).all()
    spans = study.spans()[["outlet", "unit", "text"]].itertuples(index=False)
    return sorted([tuple(map(str, row)) for row in rows] + [tuple(map(str, row)) for row in spans])


@pytest.mark.parametrize("seed", range(4))
def test_order_and_portions_change_nothing_and_the_balance_adds_up(tmp_path: Path, seed: int) -> None:
    files = dict(plausible_file(10_000 * (seed + 1) + n)[:2] for n in range(25))
    folder, random = write(tmp_path / "in", files), Random(seed)
    found = []
    for turn in range(3):
        study = study_in(tmp_path / f"study{turn}")
        names = sorted(files)
        random.shuffle(names)
        portions = [names] if turn == 1 else [names[i : i + 4] for i in range(0, len(names), 4)]
        n_articles = 0
        for portion in portions:
            done = add(study, [folder / name for name in portion], outlet="Herald" if seed % 2 else None)
            assert done.read == done.total + len(done.refusals) + len(done.passed_over), done.balance
            n_articles += len(done.new)
        assert n_articles == len(study.articles()) > 5
        again = add(study, folder, outlet="Herald" if seed % 2 else None)
        assert (again.new, again.changed) == ([], []), "the same files once more change nothing"
        found.append(stored(study))
        study.store.close()
    assert found[0] == found[1] == found[2]
