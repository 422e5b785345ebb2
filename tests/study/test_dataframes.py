"""Every table of a study is a frame: spans to code, mentions, copies, events, rounds, draws and assignments."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from stores import BODY, MORE, code, write

from annotate.rounds import rounds
from annotate.rounds.draw import draw
from corpus import Study
from corpus.articles.ingest import add
from corpus.errors import BadFile, SpansOutOfDate


def test_a_frame_of_articles_becomes_a_study_and_its_tables(empty_study: Study) -> None:
    rows = pd.DataFrame(
        {
            "id": ["a", "b", "c"],
            "outlet": ["Herald", "Courier", "Herald"],
            "text": [f"{BODY}\n\n{MORE}", f"{BODY}\n\n{MORE}", "They liberated Brenik."],
            "published": [pd.Timestamp("2025-05-01"), None, "2025-05-03"],
            "event": ["velo-falls", None, None],
            "desk": ["foreign", None, None],
        }
    )
    added = add(empty_study, rows)
    assert (len(added.new), added.refusals) == (3, [])
    articles = empty_study.articles().sort_values("date")
    assert articles["date"].tolist()[:2] == ["2025-05-01", "2025-05-03"] and pd.isna(articles["date"].iloc[2])
    assert articles["metadata"].tolist() == ['{"desk": "foreign"}', "{}", "{}"]
    terms = empty_study.terms()
    assert sorted(zip(terms["text"], terms["term"], strict=True)) == [
        ("liberated", "liberat*"), ("took", "took"), ("took", "took"),
    ]  # fmt: skip
    assert empty_study.eligible()["span"].tolist() == terms["span"].tolist()
    copies = empty_study.copies()
    assert copies["outlet"].tolist() == ["Herald", "Courier"] and copies["group"].nunique() == 1
    assert empty_study.events()[["event", "origin", "outlet"]].to_numpy().tolist() == [["velo-falls", "told", "Herald"]]
    assert add(empty_study, rows.assign(text=rows["text"] + " ")).changed == []
    assert add(empty_study, rows.iloc[:1].assign(text="It burned.")).changed == [articles["article"].iloc[0]]


def test_a_frame_whose_articles_have_no_names_is_refused(empty_study: Study) -> None:
    """Its first row would otherwise be taken for the first row of the last frame, in another state."""
    rows = pd.DataFrame({"outlet": ["Herald"], "text": [BODY]})
    with pytest.raises(BadFile, match="no column by which its articles are known: one of url, article_id, id"):
        add(empty_study, rows)
    with pytest.raises(BadFile, match="rename the column with the articles to text"):
        add(empty_study, rows.rename(columns={"text": "words"}).assign(id="a"))
    done = add(empty_study, pd.concat([rows.assign(id="a"), rows.assign(id=None)]))
    assert len(done.new) == 1 and [why for _, why in done.refusals] == ["the row has no url or article_id or id"]


def test_the_tables_of_a_round_are_as_it_was_drawn(valley: Study) -> None:
    draw(valley, "pilot", ["mira", "jon"], purpose="pilot")
    (row,) = valley.rounds().to_dict("records")
    assert (row["round"], row["purpose"], row["frame"], row["spans"]) == ("pilot", "pilot", 4, 4)
    draws = valley.draws()
    assert draws["position"].tolist() == [0, 1, 2, 3] and set(draws["pi"]) == {1.0}
    assert set(draws["text"]) <= {"took", "liberated"} and draws["span"].tolist() == [
        one.span for one in rounds.draws(valley, "pilot")
    ]
    assigned = valley.assignments()
    assert assigned.groupby("coder")["position"].apply(list).tolist() == [[1, 2, 3, 4]] * 2
    for coder, queue in assigned.groupby("coder"):
        assert queue["span"].tolist() == [one.span for one in rounds.assignments(valley, "pilot", str(coder))]
    assert assigned["state"].isna().all()


def test_an_answer_has_its_rounds_purpose(valley: Study) -> None:
    code(valley, "took")
    assert valley.annotations()["purpose"].tolist() == [None] * len(valley.annotations())


def test_spans_that_are_out_of_date_are_said_to_be(empty_study: Study, tmp_path: Path) -> None:
    add(empty_study, write(tmp_path / "in", {"a.txt": BODY}), outlet="Herald")
    book = empty_study.folder / "codebook.yaml"
    book.write_text(book.read_text().replace("[took, liberat*]", "[army]"))
    again = Study.open(empty_study.folder)
    for frame in (again.spans, again.eligible, again.terms):
        with pytest.warns(SpansOutOfDate, match=r"corpus\.respan\(study\), or slantwise respan"):
            assert "took" in set(frame()["text"])
    draw(again, "pilot", ["mira"])
    assert again.spans().query("unit == 'mention'")["text"].tolist() == ["army"]
    again.store.close()
