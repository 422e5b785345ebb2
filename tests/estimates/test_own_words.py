"""Own words: an outlet's own are in no copy with another originator, and copied text is a group of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from stores import study_in, write
from town_studies import BOOK, code_round, plant_predictions, town_study, true_codes

from annotate.estimates.estimate import Estimate, ShareOfGroup, estimate
from annotate.rounds.draw import draw
from corpus.annotation import Design
from corpus.articles.ingest import add
from corpus.copies.groups import find_copy_group
from corpus.copies.originators import originators
from corpus.study import Study

WORDS = "the river crossing held through a long night of rain while engines waited on the far bank for orders to move"
TEXTS = {
    "wire": f"KARSK ({{credit}}) - Troops took the town of Velo on day 3. {WORDS.title()}.\n\n{WORDS} and {WORDS[::-1]}.",
    "news": f"Troops liberated the town of Marn on day 9.\n\n{WORDS[::-1]} and {WORDS.upper()} {WORDS}.",
}


def from_rows(folder: Path, rows: list[tuple[str, str, str, str]]) -> dict[str, str]:
    """Make a study of (file, outlet, date, originator), the text named by the file; return originators by file."""
    study = study_in(folder, BOOK)
    files = {f"{name}.txt": TEXTS[name[:4]].format(credit="Reuters") for name, *_ in rows}
    manifest = "".join(f"{name}.txt,{outlet},{date},{whose},{name}\n" for name, outlet, date, whose in rows)
    files["manifest.csv"] = "file,outlet,published,originator,title\n" + manifest
    assert add(study, [write(folder.with_name(f"{folder.name} texts"), files)]).refusals == []
    titles = dict(study.articles()[["article", "title"]].itertuples(index=False, name=None))
    whose = {titles[article]: name for article, name in originators(study).items()}
    study.close()
    return whose


def test_an_agency_that_is_an_outlet_of_the_study_keeps_its_words(tmp_path: Path) -> None:
    rows = [("wire1", "Herald", "2024-01-01", ""), ("wire2", "Reuters", "2024-01-02", ""), ("wire3", "Post", "", "")]
    assert from_rows(tmp_path / "study", rows) == {"wire1": "Reuters", "wire3": "Reuters"}


def test_of_an_agency_outside_the_study_every_copy_is_copied(tmp_path: Path) -> None:
    rows = [("wire1", "Herald", "2024-01-01", ""), ("wire2", "Post", "2024-01-02", "")]
    assert from_rows(tmp_path / "study", rows) == {"wire1": "Reuters", "wire2": "Reuters"}


def test_without_a_credit_the_earliest_copy_is_the_original_as_the_list_of_copies_says(tmp_path: Path) -> None:
    rows = [("news1", "Herald", "2024-01-05", ""), ("news2", "Post", "2024-01-02", ""), ("news3", "Post", "", "")]
    assert from_rows(tmp_path / "study", rows) == {"news1": "Post"}  # an outlet does not copy itself
    study = Study.open(tmp_path / "study")
    group = find_copy_group(study, next(iter(originators(study))))
    assert group.members[0].outlet == "Post" and group.credit is None
    study.close()


def test_the_originator_in_the_metadata_comes_first_and_needs_no_copy(tmp_path: Path) -> None:
    rows = [("news1", "Herald", "2024-01-05", "Tessel Wire"), ("wire1", "Post", "2024-01-05", "post")]
    assert from_rows(tmp_path / "study", rows) == {"news1": "Tessel Wire"}
    alone = [("wire1", "Post", "2024-01-05", "")]
    assert from_rows(tmp_path / "alone", alone) == {}  # a credit without a copy in the study


@pytest.fixture(scope="module")
def coded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a coded study in which the Post has the texts of ten of the Courier's articles, later."""
    study = town_study(tmp_path_factory.mktemp("own") / "study", articles=12)
    first = study.articles().query("outlet == 'Courier'").head(10)
    files = {f"{n}.txt": text for n, text in enumerate(first["text"])}
    files["manifest.csv"] = "file,outlet,published\n" + "".join(f"{name},Post,2024-06-01\n" for name in files)
    assert add(study, [write(study.folder.with_name("copies"), files)]).refusals == []
    draw(study, "main", ["mira", "jon"], spans=160, design=Design(by="outlet", allocation="equal", no_term=0.0))
    code_round(study, "main")
    plant_predictions(study)
    study.close()
    return study.folder


@pytest.fixture
def study(coded: Path, tmp_path: Path) -> Iterator[Study]:
    copy = Study.open(shutil.copytree(coded, tmp_path / "study"))
    yield copy
    copy.close()


def row(result: Estimate, group: str) -> ShareOfGroup:
    (found,) = [one for one in result.shares if (one.group, one.code) == (group, "liberation")]
    return found


def test_copied_text_is_a_group_of_its_own_and_leaves_the_outlets_own_words(study: Study) -> None:
    result = estimate(study, by="outlet,attribution")
    own, copied, quoted = (row(result, f"Post, {name}") for name in ("outlet", "copied text", "quoted"))
    assert {one.group for one in result.shares if "copied" in one.group} == {"Post, copied text"}
    spans = study.spans()
    of_copies = set(spans["span"][spans["article"].isin(list(originators(study)))])
    drawn, truth = set(study.draws()["span"]), true_codes(study)
    post = set(spans["span"][spans["outlet"] == "Post"]) & drawn
    said = {span for span in post if truth[span].get("attribution") == ("outlet",)}
    assert (own.coded, copied.coded) == (len(said - of_copies), len(said & of_copies)) and copied.coded > 5
    assert own.coded + copied.coded + quoted.coded == row(estimate(study), "Post").coded
    assert "spans of articles that are copies with another originator (Courier " in " ".join(result.notes)


def test_copied_and_own_text_can_be_compared_whoever_speaks(study: Study) -> None:
    result = estimate(study, by="outlet,copied")
    groups = list(dict.fromkeys(one.group for one in result.shares))
    assert groups == ["Courier, own text", "Herald, own text", "Post, copied text", "Post, own text"]
    parts = [row(result, f"Post, {name}").coded for name in ("copied text", "own text")]
    assert sum(parts) == row(estimate(study), "Post").coded and min(parts) > 10
    three = {one.group for one in estimate(study, by="outlet,copied,attribution").shares}
    assert {"Post, copied text, outlet", "Post, own text, outlet"} <= three and "Post, copied text" not in three
    assert not any("copies" in note for note in estimate(study).notes)
