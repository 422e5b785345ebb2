"""Public rows: an annotated data set becomes a finished study; bad rows are refused one by one."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from stores import write

from corpus.annotations.import_public_data import create_from_data_set
from corpus.article import normalise
from corpus.errors import BadFile
from corpus.study import Study
from corpus.study.status import status

ROW = {"id": "r1", "outlet": "Herald", "text": "Velo shamelessly fell.", "labels": {"e1": "biased", "e2": "non-biased"}}


def study_of(folder: Path, *rows: Any) -> tuple[Study, list[str]]:
    """Make a study from rows; return it with what was refused as `line N: why`."""
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    file = write(folder, {"rows.jsonl": "\n".join(lines)}) / "rows.jsonl"
    made = create_from_data_set(folder / "study", "babe", file)
    study = made.study
    return study, [f"{where.rpartition(', ')[2]}: {why}" for where, why in made.refusals]


def test_rows_of_one_article_are_its_paragraphs_in_their_order(tmp_path: Path) -> None:
    more = {"outlet": "Herald", "article_id": "a1", "title": "Velo falls", "date": "2024-03-05", "story_id": 7}
    rows = [
        {**more, "id": "2", "position": 2, "text": "It  burned.", "context_before": "Then:", "gold": "non-biased"},
        {**more, "id": "1", "position": 1, "text": "Ze\u0301lo fell.\n\nBadly.", "context_after": "He wept.", "gold": "biased"},
        {**ROW, "article_id": "a1", "outlet": "Courier"},
    ]  # fmt: skip
    study, refused = study_of(tmp_path, *rows)
    assert refused == []
    articles = study.articles()[["outlet", "text", "title", "date", "event"]].astype(object)
    assert articles.where(articles.notna(), None).values.tolist() == [
        ["Courier", "Velo shamelessly fell.", None, None, None],
        ["Herald", "Zélo fell. Badly. He wept.\n\nThen: It burned.", "Velo falls", "2024-03-05", "7"],
    ]
    answers = study.annotations()[["outlet", "unit", "text", "variable", "coder", "code", "arm"]].values.tolist()
    assert answers == [
        ["Courier", "sentence", "Velo shamelessly fell.", "bias", "e1", "biased", "blind"],
        ["Courier", "sentence", "Velo shamelessly fell.", "bias", "e2", "non-biased", "blind"],
        ["Herald", "sentence", "Zélo fell. Badly.", "bias", "published", "biased", "blind"],
        ["Herald", "sentence", "It burned.", "bias", "published", "non-biased", "blind"],
    ]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("{", "the line is not JSON"),
        ("[1]", "the line is a list; expected an object"),
        ({**ROW, "outlet": None}, "the row needs an outlet, a text, and labels or gold"),
        ({**ROW, "text": " "}, "the row needs an outlet, a text, and labels or gold"),
        ({**ROW, "labels": {}}, "the row needs an outlet, a text, and labels or gold"),
        ({**ROW, "labels": ["biased"]}, "labels must be an object, annotator to answer, and position a number"),
        ({**ROW, "position": "first"}, "labels must be an object, annotator to answer, and position a number"),
        ({**ROW, "text": "\ud800"}, "the text holds half of a character pair"),
        ({**ROW, "title": "\ud800"}, "the text holds half of a character pair"),
    ],
)
def test_a_bad_row_is_refused_and_the_others_are_taken(tmp_path: Path, bad: Any, why: str) -> None:
    study, refused = study_of(tmp_path, ROW, bad, {**ROW, "id": "r3"})
    assert [line.startswith(f"line 2: {why}") for line in refused] == [True]
    assert len(study.articles()) == 2


@pytest.mark.parametrize(
    ("labels", "why"),
    [
        ({"e1": "biassed"}, "line 2: 'biassed' is not a code of bias in lexical-bias 1.0; the nearest is 'biased'"),
        ({"e1": 1}, "line 2: the code is 1; expected its name"),
        ({"": "biased"}, "line 2: 'coder' is missing; expected span, variable, code and coder"),
    ],
)
def test_a_bad_answer_is_refused_and_the_rows_others_are_taken(tmp_path: Path, labels: Any, why: str) -> None:
    study, refused = study_of(tmp_path, ROW, {**ROW, "id": "r2", "labels": labels | {"e9": "biased"}})
    assert refused == [why]
    assert study.annotations()["coder"].tolist().count("e9") == 1
    assert len(study.annotations()) == 3


@pytest.mark.parametrize("odd", [{"date": 20240305}, {"url": ["x"]}, {"story_id": {"a": 1}}, {"title": 5}])
def test_a_field_of_another_kind_stops_nothing(tmp_path: Path, odd: dict[str, Any]) -> None:
    study, refused = study_of(tmp_path, ROW, {**ROW, "id": "r2", **odd})
    assert refused == []
    assert len(study.articles()) == 2


def test_a_file_without_any_row_makes_no_study(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"rows\.jsonl: no row has outlet, text and labels or gold; the row needs"):
        study_of(tmp_path, {"text": "Velo fell."})
    with pytest.raises(BadFile, match=r"none\.jsonl cannot be opened \(No such file or directory\); check the name"):
        create_from_data_set(tmp_path / "study", "babe", tmp_path / "none.jsonl")
    with pytest.raises(
        BadFile, match="'bab' is not a known data set; expected one of babe, basil, mbic, nuda, seesaw, ukraine"
    ):
        create_from_data_set(tmp_path / "study", "bab", tmp_path / "rows.jsonl")
    assert not (tmp_path / "study").exists()


def test_a_point_of_a_scale_and_a_list_of_stances_become_codes(tmp_path: Path) -> None:
    rows = [
        {"id": "u1", "outlet": None, "text": "Velo fell.", "labels": {"framing/west": {"w1": -2.0, "w2": 0.0}}},
        {"id": "u2", "outlet": None, "text": "Karsk held.", "labels": {"framing/west": {"w1": 0.5}}},
        {"id": "u3", "outlet": None, "text": "It burned.", "labels": {"framing/west": [1]}},
        {"id": "u4", "outlet": None, "text": "It rained.", "gold": {"bias": 1}},
    ]
    file = write(tmp_path, {"rows.jsonl": "\n".join(map(json.dumps, rows))}) / "rows.jsonl"
    made = create_from_data_set(tmp_path / "ukraine", "ukraine", file)
    study = made.study
    assert study.annotations()[["outlet", "variable", "coder", "code"]].values.tolist() == [
        ["not released", "framing-west", "w1", "minus-2"],
        ["not released", "framing-west", "w2", "0"],
    ]
    assert [refusal.why.partition(" ")[0] for refusal in made.refusals] == ["labels", "labels", "the"]
    rows = [
        {"id": "s1", "outlet": "Herald", "text": "Velo fell.", "labels": {"A": [], "B": [["x", "NEG", "y"]]}},
        {"id": "s2", "outlet": "Herald", "text": "Karsk held.", "labels": {"A": [["x", "ANGRY", "y"]]}},
    ]
    file = write(tmp_path, {"rows.jsonl": "\n".join(map(json.dumps, rows))}) / "rows.jsonl"
    made = create_from_data_set(tmp_path / "seesaw", "seesaw", file)
    study = made.study
    assert study.annotations()[["coder", "code"]].values.tolist() == [["A", "none"], ["B", "negative"]]
    assert "labels must read {annotator: [[who, POS or NEG, whom]]}" in made.refusals[0].why


def test_kinds_of_bias_are_a_variable_each_and_readers_judgements_one(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "outlet": "Herald", "text": "Velo fell.", "gold": ["none"], "fold_berg": 1},
        {
            "id": "2",
            "outlet": "Herald",
            "text": "It burned.",
            "labels": {"A": ["informational", "lexical"], "B": "lexical"},
        },
        {"id": "3", "outlet": "Herald", "text": "It rained.", "gold": ["sarcasm"]},
    ]
    file = write(tmp_path, {"rows.jsonl": "\n".join(map(json.dumps, rows))}) / "rows.jsonl"
    made = create_from_data_set(tmp_path / "basil", "basil", file)
    study = made.study
    assert sorted(study.annotations()[["text", "variable", "coder", "code"]].values.tolist()) == [
        ["It burned.", "informational", "A", "present"],
        ["It burned.", "informational", "B", "absent"],
        ["It burned.", "lexical", "A", "present"],
        ["It burned.", "lexical", "B", "present"],
        ["Velo fell.", "informational", "published", "absent"],
        ["Velo fell.", "lexical", "published", "absent"],
    ]
    assert ['"informational", "lexical" or "none"' in refusal.why for refusal in made.refusals] == [True]
    made = create_from_data_set(tmp_path / "nuda", "nuda", write(tmp_path, {"n.jsonl": json.dumps(ROW)}) / "n.jsonl")
    assert (made.study.codebook.name, made.refusals, len(made.study.annotations())) == ("lexical-bias", [], 2)
    assert made.json() == {"study": str(tmp_path / "nuda"), "codebook": "lexical-bias", **status(made.study).json()}


# BABE itself


@pytest.fixture(scope="module")
def rows(shared: Path) -> list[dict[str, Any]]:
    lines = (shared / "data" / "babe.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_every_row_of_babe_is_a_span_that_reads_as_the_row(rows: list[dict[str, Any]], babe_study: Study) -> None:
    coded = babe_study.annotations().drop_duplicates("span")
    assert len(coded) == len(rows) == 2737
    assert set(coded["unit"]) == {"sentence"}
    expected = Counter((row["outlet"], normalise(row["text"]).replace("\n\n", " ")) for row in rows)
    assert Counter(zip(coded["outlet"], coded["text"], strict=True)) == expected
    assert sorted(set(babe_study.articles()["outlet"])) == ["Alternet", "Breitbart", "Fox News", "Reuters"]


def test_every_annotators_answers_are_there_and_blind(rows: list[dict[str, Any]], babe_study: Study) -> None:
    answers = babe_study.annotations()
    expected = Counter((coder, code) for row in rows for coder, code in row["labels"].items())
    assert Counter(zip(answers["coder"], answers["code"], strict=True)) == expected
    assert set(answers["arm"]) == {"blind"}
    assert not answers["simulated"].any()


def test_the_majority_is_the_published_one_where_there_is_no_tie(rows: list[dict[str, Any]], babe_study: Study) -> None:
    counts = pd.crosstab(babe_study.annotations()["span"], babe_study.annotations()["code"])
    texts = babe_study.annotations().drop_duplicates("span").set_index("span")["text"]
    decided = counts[counts["biased"] != counts["non-biased"]]
    majority = Counter(zip(texts[decided.index], decided.idxmax(axis=1), strict=True))
    golds = Counter((normalise(row["text"]).replace("\n\n", " "), row["gold"]) for row in rows)
    assert len(decided) > 2_600
    assert majority - golds == Counter()
