"""The example study: invented, varied enough to learn from, coded as the codebook asks, and honest about its coders."""

from __future__ import annotations

import csv
import re
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import select

from corpus import example
from corpus.annotation import codes_of
from corpus.span import Span
from corpus.study import Study
from corpus.study import database as db
from corpus.study.status import status
from corpus.text.terms import find

OUTLETS = ["Continental Review", "Free Marn", "Lantry Courier", "Northern Lamp", "Sudmar Herald", "The Harbour Post"]
# not of our world: countries and cities of wars that have been, and of those who report them
REAL = [
    "Afghanistan", "America*", "Armenia*", "Azerbaijan*", "Bakhmut", "Belarus*", "Berlin", "Bosnia*", "Britain",
    "British", "China", "Chinese", "Crimea*", "Donbas", "Donetsk", "Europe*", "France", "French",
    "Gaza", "German*", "Georgia*", "Hamas", "Hezbollah", "Iran*", "Iraq*", "Israel*", "Jerusalem",
    "Karabakh", "Kashmir", "Kherson", "Kosovo", "Kyiv", "Kiev", "Lebanon", "London", "Luhansk",
    "Mariupol", "Moscow", "NATO", "Palestin*", "Paris", "Putin", "Russia*", "Serbia*", "Soviet*",
    "Syria*", "Taiwan", "Turk*", "Ukrain*", "Washington", "Yemen*", "Zelensk*",
]  # fmt: skip


@pytest.fixture(scope="module")
def manifest() -> pd.DataFrame:
    return pd.read_csv(example.files() / "manifest.csv", keep_default_na=False)


@pytest.fixture(scope="module")
def mentions(example_read_only: Study) -> list[dict[str, Any]]:
    """The authors' answers, one row a mention: `outlet, text` and the answer to each variable."""
    codes = example_read_only.annotations().query("coder == 'authors'")
    wide = codes.pivot(index=["outlet", "span", "text"], columns="variable", values="code").reset_index()
    return wide.astype(object).where(wide.notna(), None).to_dict("records")


def test_all_of_it_is_taken(example_read_only: Study, manifest: pd.DataFrame) -> None:
    assert status(example_read_only).revisions == len(manifest)
    files = {file.relative_to(example.files()).as_posix() for file in (example.files() / "articles").iterdir()}
    assert files == set(manifest["file"])


def test_six_outlets_tell_the_same_events(example_read_only: Study) -> None:
    articles = example_read_only.articles()
    assert sorted(set(articles["outlet"])) == OUTLETS
    assert len(articles) >= 36
    events = articles.groupby("event")["outlet"].nunique()
    assert events.min() >= 5
    assert articles["date"].notna().all()


def test_three_hundred_mentions_and_more_are_coded_in_all_outlets_but_one(
    mentions: list[dict[str, Any]], example_read_only: Study
) -> None:
    coded = Counter(mention["outlet"] for mention in mentions)
    assert sum(coded.values()) >= 300
    assert sorted(coded) == [outlet for outlet in OUTLETS if outlet != example.NEW_OUTLET]
    assert min(coded.values()) >= 30
    assert len(example_read_only.spans().query("unit == 'mention' and outlet == @example.NEW_OUTLET")) >= 10


def test_the_codes_stand_where_the_words_stand(example_read_only: Study) -> None:
    with (example.files() / "codes.csv").open(encoding="utf-8", newline="") as table:
        words = Counter(row["words"] for row in csv.DictReader(table))
    spans = example_read_only.annotations().query("coder == 'authors'").drop_duplicates("span")
    assert Counter(spans["text"]) == words
    texts = example_read_only.articles().set_index("revision")["text"]
    for span in map(Span.from_id, spans["span"]):
        text = f" {texts[span.revision]} "
        assert not re.match(r"\w\w", text[span.start : span.start + 2]), span  # whole words
        assert not re.match(r"\w\w", text[span.end : span.end + 2]), span


def test_every_coders_answers_obey_the_codebook(example_read_only: Study) -> None:
    faults = Counter()
    for (_, coder), answers in example_read_only.annotations().groupby(["span", "coder"]):
        given = dict(zip(answers["variable"], answers["code"].map(codes_of), strict=True))
        faults[coder, example_read_only.codebook.problem_with(given)] += 1
    coded = example_read_only.annotations()["span"].nunique()
    assert faults == {(coder, None): coded for coder in ("authors", "simulated-1", "simulated-2")}


def test_simulated_answers_say_so(example_read_only: Study) -> None:
    flags = example_read_only.annotations().groupby("coder")["simulated"].agg(["min", "max"])
    assert {coder: tuple(row) for coder, *row in flags.itertuples()} == {
        "authors": (False, False),
        "simulated-1": (True, True),
        "simulated-2": (True, True),
    }
    answers = example_read_only.annotations().pivot(index=["span", "variable"], columns="coder", values="code").dropna()
    departs = {coder: (answers[coder] != answers["authors"]).mean() for coder in example.SIMULATED}
    assert 0.03 < departs["simulated-1"] < departs["simulated-2"] < 0.3


@pytest.mark.parametrize("wording", ["liberation", "occupation"])
def test_a_third_of_liberation_or_occupation_uses_no_term(
    wording: str, mentions: list[dict[str, Any]], example_read_only: Study
) -> None:
    """Of what is said so, a third has none of the codebook's terms."""
    said = [mention["text"] for mention in mentions if mention["wording"] == wording]
    (code,) = (code for code in example_read_only.codebook.focus_variable.codes if code.name == wording)
    assert len(said) >= 40
    assert sum(not find(code.terms, words) for words in said) >= len(said) / 3


def test_quotations_denials_and_prospects_are_there_and_outlets_differ(mentions: list[dict[str, Any]]) -> None:
    asked = Counter(mention["mention"] for mention in mentions)
    assert {code: asked[code] >= 15 for code in ("none", "denied", "prospect", "state", "change")} == dict.fromkeys(
        ("none", "denied", "prospect", "state", "change"), True
    )
    attribution = Counter(mention["attribution"] for mention in mentions)
    assert min(attribution[code] for code in ("outlet", "direct", "indirect", "marked")) >= 15
    shares = {}
    for outlet in ("Lantry Courier", "Sudmar Herald"):  # of either side
        rows = [m["wording"] for m in mentions if m["outlet"] == outlet and m["gainer"] == "side-a"]
        shares[outlet] = Counter(rows)["occupation"] / len(rows)
    assert shares["Sudmar Herald"] > shares["Lantry Courier"] + 0.3


def test_one_article_has_two_revisions_and_its_annotations_are_carried_over(
    example_read_only: Study, manifest: pd.DataFrame
) -> None:
    study = example_read_only
    articles = study.articles().set_index("article")
    with study.store.reading() as connection:
        (article,) = connection.execute(select(db.revisions.c.article).where(db.revisions.c.number > 0)).scalars()
    assert [articles.loc[article, "url"]] == manifest[manifest["note"] == "edited"]["url"].tolist()
    with study.store.reading() as connection:
        rows = connection.execute(
            select(db.revisions.c.number, db.revisions.c.reason).where(db.revisions.c.article == article)
        )
        links = connection.execute(select(db.span_links)).all()
        assert sorted(map(tuple, rows)) == [(0, "published"), (1, "edited")]
    assert len(links) >= 3
    assert {Span.from_id(link.span).revision for link in links} == {articles.loc[article, "revision"]}


# texts


def test_the_planted_copies_are_found_and_no_others(example_read_only: Study, manifest: pd.DataFrame) -> None:
    events = manifest[manifest["note"].str.startswith("wire copy")].groupby("event")["url"]
    planted = sorted(sorted(urls) for _, urls in events)
    found = example_read_only.articles().groupby("copy_group")["url"].apply(sorted)
    assert sorted(urls for urls in found if len(urls) > 1) == planted
    assert len(planted) >= 2


def test_articles_share_few_runs_of_words_but_for_the_copies(example_read_only: Study) -> None:
    def grams(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"\w+", text.lower())
        return {tuple(words[i : i + 5]) for i in range(len(words) - 4)}

    rows = [(row.url, row.copy_group, grams(row.text)) for row in example_read_only.articles().itertuples()]
    shared = {
        (a, b): len(one & other) / min(len(one), len(other))
        for (a, group, one), (b, group_b, other) in combinations(rows, 2)
        if group != group_b
    }
    assert {pair: round(share, 3) for pair, share in shared.items() if share > 0.03} == {}


def test_no_real_place_is_named(example_read_only: Study) -> None:
    texts = {row.url: row.text for row in example_read_only.articles().itertuples()}
    named = {url: [text[a:b] for a, b in find(REAL, text)] for url, text in texts.items()}
    assert {url: names for url, names in named.items() if names} == {}
    assert find(REAL, "Ukrainian troops left Gaza.") == [(0, 9), (22, 26)]


def test_making_it_again_gives_the_same_study(example_read_only: Study, tmp_path: Path) -> None:
    again = example.create_example(tmp_path / "again")
    assert again.annotations().equals(example_read_only.annotations())
    assert again.spans().equals(example_read_only.spans())
