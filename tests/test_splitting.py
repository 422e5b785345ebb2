"""Revisions and their spans: what is split again, what never, and what an edit leaves standing."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from stores import BODY, FILES, MORE, code, rewritten, spans_of, study_in, write

from corpus import store as db
from corpus.answers import record
from corpus.census import status
from corpus.errors import BadStudy
from corpus.intake import add
from corpus.splitting import mark, paragraphs_of, resplit
from corpus.study import Study


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return study_in(tmp_path / "study")


# revisions


def edited(tmp_path: Path, old: str, new: str) -> Path:
    return write(tmp_path / "later", {"a.txt": FILES["a.txt"].replace(old, new)}) / "a.txt"


def test_an_edited_article_gets_a_second_revision_with_its_reason(study: Study, tmp_path: Path) -> None:
    add(study, [write(tmp_path / "in", FILES)], outlet="Herald")
    later = edited(tmp_path, "took", "liberated")
    assert len(add(study, [later], outlet="Herald").changed) == 1
    assert len(add(study, [later, tmp_path / "in" / "a.txt"], outlet="Herald").unchanged) == 2
    r = db.revisions.c
    with study.store.reading() as connection:
        rows = connection.execute(select(r.number, r.reason, r.text).order_by(r.article, r.number)).all()
    assert sorted((number, reason, "liberated" in text) for number, reason, text in rows) == [
        (0, "published", False),
        (0, "published", False),
        (1, "edited", True),
    ]
    assert spans_of(study, "mention") == ["took"]  # frames read the first
    census = status(study)
    assert (census["articles"], census["revisions"], census["copy_groups"]) == (2, 3, 2)


@pytest.mark.parametrize("order", ["coded, then edited", "edited, then coded"])
def test_an_edited_article_takes_annotations_over_where_the_paragraph_is_unchanged(
    study: Study, tmp_path: Path, order: str
) -> None:
    text = f"Velo falls\n\n{BODY}\n\nThe army took Karsk too."
    folder = write(tmp_path / "in", {"a.txt": text})
    later = write(tmp_path / "later", {"a.txt": f"Correction.\n\n{text.replace('Karsk', 'Brenik')}"})
    add(study, [folder], outlet="Herald")
    if order == "edited, then coded":
        add(study, [later], outlet="Herald")
    first, second = study.spans().query("unit == 'mention'")["span"]
    for span in (first, second):
        record(study, [("here", {"span": span, "variable": "wording", "code": "plain", "coder": "mira"})])
    if order == "coded, then edited":
        add(study, [later], outlet="Herald")
    with study.store.reading() as connection:
        links = connection.execute(select(db.links)).all()
        texts = {row.id: row.text for row in connection.execute(select(db.revisions))}
    ((linked, same),) = links  # the other paragraph's place has changed its name
    assert linked == first
    revision, _, place = same.split(":")
    start, end = map(int, place.split("-"))
    assert (start, end) == (texts[revision].index("took"), texts[revision].index("took") + 4)
    assert revision != first.split(":")[0]
    assert len(study.annotations()) == 2  # a link is no second answer


def test_a_revision_that_a_coder_marked_before_it_was_split_is_split_all_the_same(study: Study, tmp_path: Path) -> None:
    add(study, [write(tmp_path, FILES) / "a.txt"], outlet="Herald")
    with study.store.writing() as connection:  # as if adding had been stopped before splitting
        connection.execute(db.spans.delete())
    article = study.articles()["article"].iloc[0]
    span = {"article": article, "start": 30, "end": 34}
    record(study, [("here", {"span": span, "variable": "wording", "code": "plain", "coder": "mira"})])
    add(study, [tmp_path / "a.txt"], outlet="Herald")
    assert spans_of(study, "paragraph") == [BODY, MORE]
    assert len(study.annotations()) == 1


# splitting again


def test_changed_terms_split_uncoded_revisions_again_and_coded_ones_never(study: Study, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"a.txt": BODY, "b.txt": "Karsk fell, and they took Brenik."})
    add(study, [folder / "a.txt"], outlet="Herald")
    span = code(study, "took")
    add(study, [folder / "b.txt"], outlet="Herald")
    assert resplit(study) == 0
    study = rewritten(study, "[took, liberat*]", "[fell, army]")
    assert resplit(study) == 1
    assert sorted(spans_of(study, "mention")) == ["fell", "took"]
    assert study.annotations()["span"].tolist() == [span]
    assert resplit(study) == 0


def test_adding_again_after_the_terms_changed_splits_again(study: Study, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"a.txt": "Velo was held by militias."})
    add(study, [folder], outlet="Herald")
    study = rewritten(study, "[took, liberat*]", "[held by]")
    add(study, [folder], outlet="Herald")
    assert spans_of(study, "mention") == ["held by"]
    study = rewritten(study, "[held by]", "[by, held]")  # other terms of the same words
    assert resplit(study) == 1


def test_a_persons_mark_overrules_what_a_paragraph_was_found_to_be(study: Study, tmp_path: Path) -> None:
    add(study, [write(tmp_path, FILES) / "a.txt"], outlet="Herald")
    article = study.articles()["article"].iloc[0]
    kinds = [(row["kind"], row["text"]) for row in paragraphs_of(study, article)]
    assert kinds == [("headline", "Velo falls"), ("paragraph", BODY), ("paragraph", MORE)]
    place = paragraphs_of(study, article)[1]
    mark(study, place["revision"], place["start"], place["end"], "furniture")
    assert [row["kind"] for row in paragraphs_of(study, article)] == ["headline", "furniture", "paragraph"]
    assert spans_of(study, "mention") == []
    assert resplit(rewritten(study, "[took, liberat*]", "[took]")) == 1
    assert [row["kind"] for row in paragraphs_of(study, article)] == ["headline", "furniture", "paragraph"]
    mark(study, place["revision"], place["start"], place["end"], "paragraph")
    assert spans_of(study, "mention") == ["took"]


def test_a_mark_is_refused_on_a_coded_revision_or_where_no_paragraph_is(study: Study, tmp_path: Path) -> None:
    add(study, [write(tmp_path, FILES) / "a.txt"], outlet="Herald")
    place = paragraphs_of(study, study.articles()["article"].iloc[0])[1]
    revision, start, end = place["revision"], place["start"], place["end"]
    with pytest.raises(
        BadStudy, match="'body' is nothing that a paragraph can be; expected one of paragraph, headline"
    ):
        mark(study, revision, start, end, "body")
    with pytest.raises(BadStudy, match=f"has no paragraph from {start} to {end - 1}; `article show` lists them"):
        mark(study, revision, start, end - 1, "furniture")
    with pytest.raises(BadStudy, match="nowhere has no paragraph"):
        mark(study, "nowhere", start, end, "furniture")
    code(study, "took")
    with pytest.raises(BadStudy, match="is coded or drawn in a round and is never split again"):
        mark(study, revision, start, end, "furniture")
