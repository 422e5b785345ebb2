"""The whole way on five real articles: a model of the example study suggests codes for outlets that it has never seen."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus import Study
from corpus.articles.ingest import add
from models.suggestions.suggest import suggest

OUTLETS = {
    "CNN": 1,
    "Kyiv Independent": 1,
    "RT reposted by an aggregator": 1,
    "SouthFront": 1,
    "unnamed Italian daily (translated)": 1,
}


@pytest.fixture(scope="module")
def seeded(trained_folder: Path, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    """The trained example study and the five articles."""
    study = Study.open(shutil.copytree(trained_folder, tmp_path_factory.mktemp("seeds") / "study"))
    taken = add(study, [shared / "seeds"])
    assert (len(taken.new), taken.refusals) == (5, [])
    yield study
    study.store.close()


def test_the_seeds_are_five_articles_with_the_dates_and_titles_of_their_manifest(seeded: Study) -> None:
    articles = seeded.articles().set_index("outlet").loc[list(OUTLETS)]
    assert articles.groupby("outlet").size().to_dict() == OUTLETS
    assert articles["date"].to_dict()["SouthFront"] == "2025-04-28"
    assert not articles["text"].str.contains(" date 20").any()  # the header is the date, not the text


def test_every_span_of_the_seeds_is_what_its_offsets_say(seeded: Study) -> None:
    spans = seeded.spans()
    spans = spans[spans["outlet"].isin(list(OUTLETS))]
    texts = seeded.articles().set_index("article")["text"]
    assert all(
        texts[article][start:end] == text
        for article, start, end, text in spans[["article", "start", "end", "text"]].itertuples(index=False)
    )
    kinds = spans.groupby(["outlet", "unit"]).size()
    assert kinds["RT reposted by an aggregator", "furniture"] > 10 and kinds["CNN", "furniture"] > 10
    assert kinds["Kyiv Independent", "teaser"] == 13


def test_the_model_suggests_the_obvious_codes_for_the_seeds(seeded: Study) -> None:
    suggest(seeded)
    found = seeded.suggestions()
    found = found[found["outlet"].isin(list(OUTLETS)) & (found["variable"] == "wording")]
    assert len(found) >= 50

    def shares(outlet: str, words: str, code: str) -> float:
        rows = found[(found["outlet"] == outlet) & found["text"].str.lower().str.match(words)]
        return float((rows["code"] == code).mean())

    assert shares("RT reposted by an aggregator", "liberat", "liberation") > 0.7
    assert shares("CNN", "occup", "occupation") > 0.7
