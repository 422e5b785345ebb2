"""Every table of a study is a frame: spans to code, mentions, copies, events, rounds, draws and assignments."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from stores import BODY, MORE, code, write

from annotate import export_label_studio, export_workbooks, report
from annotate.rounds import rounds
from annotate.rounds.draw import draw
from corpus import Study, add_annotations, import_event_table, kwic
from corpus.annotation import Design
from corpus.articles.ingest import add
from corpus.errors import BadCodebook, BadFile, BadRound, BadStudy, BadText, SpansOutOfDate


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
    corrected = rows.iloc[:1].assign(text=f"{BODY}\n\n{MORE}\n\nIt burned.")
    assert add(empty_study, corrected).changed == [articles["article"].iloc[0]]
    another = add(empty_study, rows.iloc[:1].assign(text="Nobody came home."))
    assert (len(another.new), another.changed, len(another.own_keys)) == (1, [], 1), (
        "no state of the article with its id"
    )


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
    again = empty_study  # an open study sees what was edited
    for frame in (again.spans, again.eligible, again.terms):
        with pytest.warns(SpansOutOfDate, match=r"corpus\.respan\(study\), or slantwise respan"):
            assert "took" in set(frame()["text"])
    draw(again, "pilot", ["mira"])
    assert again.spans().query("unit == 'mention'")["text"].tolist() == ["army"]


def test_an_id_that_pandas_made_a_float_is_the_whole_number_it_was(empty_study: Study) -> None:
    """A column of numbers with a gap is one of floats; the same articles would be added again under other names."""
    rows = pd.DataFrame({"id": [1, 2], "outlet": "Herald", "text": [BODY, MORE]})
    first = add(empty_study, rows).new
    gaps = pd.DataFrame({"id": [1, 2, None], "outlet": "Herald", "text": [BODY, MORE, BODY]})
    again = add(empty_study, gaps)
    assert (again.new, again.unchanged) == ([], first)
    assert [refusal.where for refusal in again.refusals] == ["the data frame, row 3"]


def test_a_frame_with_two_columns_of_one_name_is_refused(empty_study: Study) -> None:
    twice = pd.DataFrame([["a", "Herald", BODY, MORE]], columns=["id", "outlet", "text", "text"])
    with pytest.raises(BadFile, match="several columns named 'text'"):
        add(empty_study, twice)
    with pytest.raises(BadFile, match="several columns named 'coder'"):
        add_annotations(empty_study, pd.DataFrame([["s", "mira", "jon"]], columns=["span", "coder", "coder"]))
    with pytest.raises(BadFile, match="several columns named 'day'"):
        import_event_table(empty_study, pd.DataFrame([["Velo", "x", "y"]], columns=["place", "day", "day"]))


def test_a_text_that_is_no_text_is_refused(empty_study: Study) -> None:
    rows = pd.DataFrame({"id": ["a", "b", "c"], "outlet": "Herald", "text": [BODY.encode(), [BODY], BODY]})
    added = add(empty_study, rows)
    assert len(added.new) == 1
    assert [why for _, why in added.refusals] == [
        "its text is of the type bytes; expected text (str)",
        "its text is of the type list; expected text (str)",
    ]


def test_what_is_neither_a_path_nor_a_frame_is_refused(empty_study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty name would be the current folder with everything in it."""
    for wrong in ("", None, 5, [{"id": "a", "text": BODY}], BODY * 50):
        with pytest.raises(BadFile, match="expected files"):
            add(empty_study, wrong)  # type: ignore[arg-type]  # what is tested
    monkeypatch.setenv("HOME", str(write(empty_study.folder.parent / "home", {"in/a.txt": BODY})))
    assert len(add(empty_study, "~/in", outlet="Herald").new) == 1
    assert (
        Study.create("~/study").folder == Study.open("~/study").folder == empty_study.folder.parent / "home" / "study"
    )


def test_nothing_is_added_while_the_codebook_is_broken(empty_study: Study) -> None:
    (empty_study.folder / "codebook.yaml").write_text("name: [broken")
    again = Study.open(empty_study.folder)
    with pytest.raises(BadCodebook):
        add(again, pd.DataFrame({"id": ["a"], "outlet": "Herald", "text": BODY}))
    assert again.articles().empty


def test_a_draw_refuses_what_is_no_number_no_coder_and_no_design(valley: Study) -> None:
    wrong: list[tuple[object, dict[str, object], str]] = [
        ("mira", {"spans": True}, "spans=True: expected a whole number"),
        ("mira", {"spans": 2.5}, "spans=2.5: expected a whole number"),
        ("mira", {"seed": "x"}, "seed='x': expected a whole number"),
        (
            "mira",
            {"design": {"by": "outlet"}},
            "design={'by': 'outlet'}: expected one such as corpus.annotation.Design",
        ),
        ("mira", {"design": Design(overlap="0.2")}, "overlap='0.2': expected a share"),  # type: ignore[arg-type]
        ("mira", {"design": Design(cap=1.5)}, "cap=1.5: expected a whole number"),  # type: ignore[arg-type]
        (["mira", None], {}, "coders=['mira', None]: expected different names"),
    ]
    for coders, arguments, message in wrong:
        with pytest.raises(BadRound) as raised:
            draw(valley, "pilot", coders, purpose="pilot", **arguments)  # type: ignore[arg-type]  # what is tested
        assert str(raised.value).startswith(message)
    with pytest.raises(BadRound, match=r"^'a/b' cannot name a round"):
        draw(valley, "a/b", ["mira"])
    assert valley.rounds().empty


def test_a_file_in_the_place_of_a_folder_is_said_to_be_there(valley: Study) -> None:
    draw(valley, "pilot", ["mira"], purpose="pilot")
    file = valley.folder / "study.toml"
    for write_files in (
        lambda: export_workbooks(valley, "pilot", file),
        lambda: export_label_studio(valley, file),
        lambda: report.write(valley, output=file / "page.html"),
        lambda: Study.create(file / "study"),
    ):
        with pytest.raises(BadFile, match="a file is in its place"):
            write_files()
    with pytest.raises(BadFile, match="is a folder; expected the name of a file"):
        report.write(valley, output=valley.folder)


def test_a_term_without_letters_is_refused(valley: Study) -> None:
    for wrong in ("", " ", ["took"]):
        with pytest.raises(BadText, match="is not a term"):
            kwic(valley, wrong)  # type: ignore[arg-type]  # what is tested


def test_an_outlet_that_the_study_does_not_have_is_not_one_without_the_term(valley: Study) -> None:
    assert kwic(valley, "took", outlet="Herald").hits
    with pytest.raises(
        BadStudy, match=r"^outlet='Harold': the study has no articles of this outlet; its outlets: Herald$"
    ):
        kwic(valley, "took", outlet=["Herald", "Harold"])


def test_a_codebook_that_was_read_already_is_not_taken_for_a_file(valley: Study) -> None:
    with pytest.raises(BadCodebook, match="a file or its YAML, found a Codebook"):
        Study.create(valley.folder / "other", valley.codebook)  # type: ignore[arg-type]  # what is tested


def test_a_studys_own_folder_is_no_folder_of_texts(empty_study: Study) -> None:
    with pytest.raises(BadFile, match="is the study's own folder, with codebook and settings"):
        add(empty_study, empty_study.folder, outlet="Herald")
    assert len(empty_study.articles()) == 0
