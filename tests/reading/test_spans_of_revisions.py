"""Revisions and their spans: what is split again, what never, and what an edit leaves standing."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from stores import BODY, FILES, MORE, code, rewritten, spans_of, write

from corpus.annotations.rows import add_annotations
from corpus.articles.ingest import add
from corpus.articles.paragraphs import mark_paragraph, show_article
from corpus.articles.spans import respan
from corpus.errors import BadStudy
from corpus.study import Study
from corpus.study import database as db
from corpus.study.bookkeeping import note_pending
from corpus.study.status import status

# revisions


def edited(tmp_path: Path, old: str, new: str) -> Path:
    return write(tmp_path / "later", {"a.txt": FILES["a.txt"].replace(old, new)}) / "a.txt"


def test_an_edited_article_gets_a_second_revision_with_its_reason(empty_study: Study, tmp_path: Path) -> None:
    add(empty_study, [write(tmp_path / "in", FILES)], outlet="Herald")
    later = edited(tmp_path, "took", "liberated")
    assert len(add(empty_study, [later], outlet="Herald").changed) == 1
    assert len(add(empty_study, [later, tmp_path / "in" / "a.txt"], outlet="Herald").unchanged) == 2
    r = db.revisions.c
    with empty_study.store.reading() as connection:
        rows = connection.execute(select(r.number, r.reason, r.text).order_by(r.article, r.number)).all()
    assert sorted((number, reason, "liberated" in text) for number, reason, text in rows) == [
        (0, "published", False),
        (0, "published", False),
        (1, "edited", True),
    ]
    assert spans_of(empty_study, "mention") == ["took"]  # frames read the first
    census = status(empty_study)
    assert (census.articles, census.revisions, census.copy_groups) == (2, 3, 2)


@pytest.mark.parametrize("order", ["coded, then edited", "edited, then coded"])
def test_an_edited_article_takes_annotations_over_where_the_paragraph_is_unchanged(
    empty_study: Study, tmp_path: Path, order: str
) -> None:
    text = f"Velo falls\n\n{BODY}\n\nThe army took Karsk too."
    folder = write(tmp_path / "in", {"a.txt": text})
    later = write(tmp_path / "later", {"a.txt": f"Correction.\n\n{text.replace('Karsk', 'Brenik')}"})
    add(empty_study, [folder], outlet="Herald")
    if order == "edited, then coded":
        add(empty_study, [later], outlet="Herald")
    first, second = empty_study.spans().query("unit == 'mention'")["span"]
    for span in (first, second):
        add_annotations(empty_study, [{"span": span, "variable": "wording", "code": "plain", "coder": "mira"}])
    if order == "coded, then edited":
        add(empty_study, [later], outlet="Herald")
    with empty_study.store.reading() as connection:
        links = connection.execute(select(db.span_links)).all()
        texts = {row.id: row.text for row in connection.execute(select(db.revisions))}
    ((linked, same),) = links  # the other paragraph's place has changed its name
    assert linked == first
    revision, _, place = same.split(":")
    start, end = map(int, place.split("-"))
    assert (start, end) == (texts[revision].index("took"), texts[revision].index("took") + 4)
    assert revision != first.split(":")[0]
    assert len(empty_study.annotations()) == 2  # a link is no second answer


def test_a_revision_that_a_coder_marked_before_it_was_split_is_split_all_the_same(
    empty_study: Study, tmp_path: Path
) -> None:
    add(empty_study, [write(tmp_path, FILES) / "a.txt"], outlet="Herald")
    with empty_study.store.writing() as connection:  # as if adding had been stopped before splitting
        connection.execute(db.spans.delete())
        note_pending(connection, "split", connection.execute(select(db.revisions.c.id)).scalars().all())
    article = empty_study.articles()["article"].iloc[0]
    span = {"article": article, "start": 30, "end": 34}
    add_annotations(empty_study, [{"span": span, "variable": "wording", "code": "plain", "coder": "mira"}])
    add(empty_study, [tmp_path / "a.txt"], outlet="Herald")
    assert spans_of(empty_study, "paragraph") == [BODY, MORE]
    assert len(empty_study.annotations()) == 1


# splitting again


def test_changed_terms_split_uncoded_revisions_again_and_coded_ones_never(empty_study: Study, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"a.txt": BODY, "b.txt": "Karsk fell, and they took Brenik."})
    add(empty_study, [folder / "a.txt"], outlet="Herald")
    span = code(empty_study, "took")
    add(empty_study, [folder / "b.txt"], outlet="Herald")
    assert respan(empty_study).split == 0
    empty_study = rewritten(empty_study, "[took, liberat*]", "[fell, army]")
    assert respan(empty_study).split == 1
    assert sorted(spans_of(empty_study, "mention")) == ["fell", "took"]
    assert empty_study.annotations()["span"].tolist() == [span]
    assert respan(empty_study).split == 0


def test_adding_again_after_the_terms_changed_splits_again(empty_study: Study, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"a.txt": "Velo was held by militias."})
    add(empty_study, [folder], outlet="Herald")
    empty_study = rewritten(empty_study, "[took, liberat*]", "[held by]")
    add(empty_study, [folder], outlet="Herald")
    assert spans_of(empty_study, "mention") == ["held by"]
    empty_study = rewritten(empty_study, "[held by]", "[by, held]")  # other terms of the same words
    assert respan(empty_study).split == 1


def test_a_persons_mark_overrules_what_a_paragraph_was_found_to_be(empty_study: Study, tmp_path: Path) -> None:
    add(empty_study, [write(tmp_path, FILES) / "a.txt"], outlet="Herald")
    article = empty_study.articles()["article"].iloc[0]
    kinds = [(row.kind, row.text) for row in show_article(empty_study, article).paragraphs]
    assert kinds == [("headline", "Velo falls"), ("paragraph", BODY), ("paragraph", MORE)]
    place = show_article(empty_study, article).paragraphs[1]
    mark_paragraph(empty_study, place.revision, place.start, place.end, "furniture")
    assert [row.kind for row in show_article(empty_study, article).paragraphs] == ["headline", "furniture", "paragraph"]
    assert spans_of(empty_study, "mention") == []
    empty_study = rewritten(empty_study, "[took, liberat*]", "[took]")
    assert respan(empty_study).split == 1
    assert [row.kind for row in show_article(empty_study, article).paragraphs] == ["headline", "furniture", "paragraph"]
    mark_paragraph(empty_study, place.revision, place.start, place.end, "paragraph")
    assert spans_of(empty_study, "mention") == ["took"]


def test_a_mark_is_refused_on_a_coded_revision_or_where_no_paragraph_is(empty_study: Study, tmp_path: Path) -> None:
    add(empty_study, [write(tmp_path, FILES) / "a.txt"], outlet="Herald")
    place = show_article(empty_study, empty_study.articles()["article"].iloc[0]).paragraphs[1]
    revision, start, end = place.revision, place.start, place.end
    with pytest.raises(BadStudy, match="'body' is not a kind of paragraph; expected one of paragraph, headline"):
        mark_paragraph(empty_study, revision, start, end, "body")
    with pytest.raises(BadStudy, match=f"has no paragraph from {start} to {end - 1}; `article show` lists them"):
        mark_paragraph(empty_study, revision, start, end - 1, "furniture")
    with pytest.raises(BadStudy, match="nowhere has no paragraph"):
        mark_paragraph(empty_study, "nowhere", start, end, "furniture")
    code(empty_study, "took")
    with pytest.raises(BadStudy, match="is coded or drawn in a round and cannot be split again"):
        mark_paragraph(empty_study, revision, start, end, "furniture")
