"""Answers that come in: each is checked, a bad one is refused by its line, and nothing else in the file is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import delete
from stores import BODY, study_in, write
from timing import growth

from corpus.annotations.record import RecordResult
from corpus.annotations.rows import add_annotations
from corpus.articles.ingest import add
from corpus.errors import BadFile
from corpus.study import Study
from corpus.study import database as db

GOOD = {"variable": "wording", "code": "plain", "coder": "mira"}


@pytest.fixture
def one_article(tmp_path: Path) -> Study:
    study = study_in(tmp_path / "study")
    add(study, [write(tmp_path / "in", {"a.txt": BODY}) / "a.txt"], outlet="Herald")
    return study


def article(study: Study) -> str:
    return str(study.articles()["article"].iloc[0])


def mention(study: Study) -> str:
    return str(study.spans().query("unit == 'mention'")["span"].iloc[0])


def imported(study: Study, *rows: Any) -> RecordResult:
    """Import rows, each an object or a line as it stands."""
    file = study.folder / "answers.jsonl"
    file.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    return add_annotations(study, file)


def stored(study: Study, *columns: str) -> list[tuple[Any, ...]]:
    return list(study.annotations()[[*columns]].itertuples(index=False, name=None))


def test_an_answer_is_imported_by_the_spans_id_or_by_the_articles_offsets(one_article: Study) -> None:
    place = {"article": article(one_article), "start": BODY.index("town"), "end": BODY.index("town") + 4}
    done = imported(one_article, {"span": mention(one_article), **GOOD}, {"span": place, **GOOD, "code": "liberation"})
    assert (done.new, done.changed, done.unchanged, done.refusals) == (2, 0, 0, [])
    assert stored(one_article, "text", "unit", "variable", "code", "coder", "arm", "round", "codebook_version") == [
        ("took", "mention", "wording", "plain", "mira", "blind", "", "1"),
        ("town", "mention", "wording", "liberation", "mira", "blind", "", "1"),
    ]
    assert one_article.spans().query("text == 'town'")["found_by"].tolist() == ["coder"]


def test_offsets_of_a_span_that_is_known_mean_that_span(one_article: Study) -> None:
    place = {"article": article(one_article), "start": BODY.index("took"), "end": BODY.index("took") + 4}
    spans = one_article.spans()
    assert imported(one_article, {"span": place, **GOOD}, {"span": mention(one_article), **GOOD}).new == 1
    assert one_article.spans().equals(spans)


def test_importing_a_file_twice_changes_nothing(one_article: Study) -> None:
    rows = [{"span": mention(one_article), **GOOD, "memo": "clear", "seconds": 4.5, "made_at": "2024-03-05T10:00:00Z"}]
    assert imported(one_article, *rows).new == 1
    before = one_article.annotations()
    again = imported(one_article, *rows)
    assert (again.new, again.changed, again.unchanged, again.refusals) == (0, 0, 1, [])
    assert one_article.annotations().equals(before)


def test_a_coders_new_answer_replaces_the_old_one_and_nobody_elses(one_article: Study) -> None:
    span = mention(one_article)
    imported(
        one_article,
        {"span": span, **GOOD},
        {"span": span, **GOOD, "coder": "jon"},
        {"span": span, **GOOD, "round": "2"},
    )
    done = imported(
        one_article, {"span": span, **GOOD, "code": "liberation", "arm": "assisted", "memo": "on second thoughts"}
    )
    assert (done.new, done.changed, done.unchanged) == (0, 1, 0)
    assert stored(one_article, "coder", "round", "code", "arm", "memo") == [
        ("jon", "", "plain", "blind", ""),
        ("mira", "", "liberation", "assisted", "on second thoughts"),
        ("mira", "2", "plain", "blind", ""),
    ]


def test_doubled_lines_count_once(one_article: Study) -> None:
    row = {"span": mention(one_article), **GOOD}
    done = imported(one_article, row, row, row)
    assert (done.new, done.changed, done.unchanged, done.refusals) == (1, 0, 2, [])
    assert stored(one_article, "code") == [("plain",)]


def test_several_codes_are_one_answer(one_article: Study) -> None:
    row = {"span": mention(one_article), "variable": "seen", "coder": 7}
    imported(one_article, row | {"code": ["number", "quote"]}, row | {"code": "irony", "coder": "8"})
    assert stored(one_article, "coder", "code") == [("7", "quote|number"), ("8", "irony")]


ELSEWHERE = "0feaaab8ee6d-02b22a5b:mention:0-6"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"code": "plane"}, "'plane' is not a code of wording in valley 1; the nearest is 'plain'"),
        ({"code": "plain|liberation"}, "wording takes one code, found 2"),
        ({"variable": "seen", "code": []}, "'code' is missing"),
        ({"code": 3}, "the code is 3; expected its name"),
        ({"code": True}, "the code is True; expected its name"),
        ({"code": {"name": "plain"}}, "the code is {'name': 'plain'}; expected its name"),
        ({"variable": "tone"}, "'tone' is not a variable of valley 1"),
        ({"variable": ["wording"]}, "variable is ['wording']; expected text"),
        *(({name: gone}, f"{name!r} is missing; expected span, variable, code and coder")
          for name in ("span", "variable", "code", "coder") for gone in (None, "", " ")),
        ({"arm": "shown"}, "the arm is 'shown'; expected blind or assisted"),
        ({"arm": ["blind"]}, "the arm is ['blind']; expected blind or assisted"),
        ({"coder": {"name": "mira"}}, "coder is {'name': 'mira'}; expected text"),
        ({"coder": True}, "coder is True; expected text"),
        ({"coder": "mira\ud800"}, "cannot name a coder: it has characters that control how text is shown"),
        ({"memo": "\udfff"}, "lone surrogate"),
        ({"memo": ["why"]}, "memo is ['why']; expected text"),
        ({"made_at": {}}, "made_at is {}; expected text"),
        ({"seconds": "4"}, "the seconds are '4'; expected a number"),
        ({"seconds": True}, "the seconds are True; expected a number"),
        ({"simulated": "false"}, "simulated is 'false'; expected true or false"),
        ({"span": "took"}, "'took' is not a span's id; expected REVISION:UNIT:START-END"),
        ({"span": ELSEWHERE}, "the study has no revision 0feaaab8ee6d-02b22a5b; was the span exported from this study?"),
        ({"span": 5}, 'expected "span" as an id, or as {"article": ID, "start": number, "end": number}'),
        ({"span": ["a"]}, 'expected "span" as an id'),
        ({"span": {"start": 0, "end": 4}}, 'expected "span" as an id'),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_used_is_refused_and_the_others_are_taken(
    one_article: Study, change: dict[str, Any], why: str
) -> None:
    good = {"span": mention(one_article), **GOOD}
    done = imported(one_article, good, good | {"coder": "jon"} | change, good | {"coder": "ann"})
    ((where, said),) = done.refusals
    assert where.endswith("answers.jsonl, line 2")
    assert why in said
    assert stored(one_article, "coder") == [("ann",), ("mira",)]


@pytest.mark.parametrize(
    ("start", "end", "why"),
    [
        (0, len(BODY) + 1, f"0-{len(BODY) + 1} is outside the text, which has {len(BODY)} characters"),
        (-4, 4, "-4-4 is outside the text"),
        (4, 4, "4-4 is outside the text"),
        (9, 4, "9-4 is outside the text"),
        (0, 10**30, "is outside the text"),
        (0.0, 4.0, "start and end must be whole numbers, counted in characters of the normalised text"),
        ("0", "4", "start and end must be whole numbers"),
        (False, True, "start and end must be whole numbers"),
        (None, 4, "start and end must be whole numbers"),
    ],
)
def test_offsets_outside_the_text_or_of_another_kind_are_refused(
    one_article: Study, start: Any, end: Any, why: str
) -> None:
    spans = one_article.spans()
    done = imported(one_article, {"span": {"article": article(one_article), "start": start, "end": end}, **GOOD})
    assert [why in said for _, said in done.refusals] == [True]
    assert one_article.spans().equals(spans)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"article": "nowhere"}, "the study has no article 'nowhere'; `export` lists those it has"),
        ({"article": ["a"]}, "the study has no article ['a']"),
        ({"article": 5}, "the study has no article 5"),
        ({"unit": "clause"}, "'clause' is not a unit that can be coded; expected one of article, headline"),
        ({"unit": "furniture"}, "'furniture' is not a unit that can be coded"),
        ({"unit": {"a": 1}}, "is not a unit that can be coded"),
    ],
)
def test_a_place_that_there_is_not_is_refused(one_article: Study, change: dict[str, Any], why: str) -> None:
    place = {"article": article(one_article), "start": 0, "end": 4}
    done = imported(one_article, {"span": place | change, **GOOD}, {"span": place, **GOOD})
    assert [why in said for _, said in done.refusals] == [True]
    assert stored(one_article, "text") == [("Nort",)]


def test_a_refused_answer_leaves_no_span_behind(one_article: Study) -> None:
    place = {"article": article(one_article), "start": 0, "end": 4}
    spans = one_article.spans()
    imported(one_article, *({"span": place, **GOOD} | bad for bad in ({"code": "plane"}, {"coder": []}, {"memo": 5.5})))
    assert one_article.spans().equals(spans)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "this is not JSON"),
        ("[1, 2]", "expected an object, found [1, 2]"),
        ("null", "expected an object, found None"),
        ("[" * 100_000, "this is not JSON"),
        ('{"span": ' + "9" * 5000 + "}", "this is not JSON"),
    ],
)
def test_a_line_that_is_no_object_is_refused_and_the_others_are_taken(one_article: Study, line: str, why: str) -> None:
    done = imported(one_article, "", line, " ", {"span": mention(one_article), **GOOD})
    ((where, said),) = done.refusals
    assert where.endswith("line 2")
    assert said.startswith(why)
    assert done.total == 1


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "the file is empty"),
        (b"PK\x00\x01", "this is a binary file"),
        (b'{"coder": "Z\xe9lo"}', "byte 12 is not UTF-8"),
    ],
)
def test_a_file_that_is_no_text_is_refused_whole(one_article: Study, content: bytes, why: str) -> None:
    file = one_article.folder / "answers.jsonl"
    file.write_bytes(content)
    with pytest.raises(BadFile, match=rf"answers\.jsonl: {why}"):
        add_annotations(one_article, file)
    with pytest.raises(BadFile, match=r"none\.jsonl cannot be opened \(No such file or directory\); check the name"):
        add_annotations(one_article, one_article.folder / "none.jsonl")


def test_rows_of_a_data_frame_and_dicts_are_added_as_lines_of_a_file_are(one_article: Study) -> None:
    span, place = mention(one_article), {"article": article(one_article), "start": 0, "end": 9}
    frame = pd.DataFrame([
        {"span": span, **GOOD, "seconds": 4.5},
        {"span": span, **GOOD, "coder": "jon", "code": "liberation", "made_at": pd.Timestamp("2024-03-05 10:00")},
        {"span": span, "variable": "seen", "code": ["number", "quote"], "coder": "jon"},
        {**place, **GOOD, "simulated": True},
        {**place, **GOOD, "coder": "jon", "unit": "sentence"},
        {**place, **GOOD, "coder": "ann", "article": "nowhere"},
        {"span": span, **GOOD, "coder": None},
    ])  # fmt: skip
    done = add_annotations(one_article, frame)
    assert done.json() == {"new": 5, "changed": 0, "unchanged": 0, "late": 0, "closed": 0, "refused": [
        {"where": "row 6", "why": "the study has no article 'nowhere'; `export` lists those it has"},
        {"where": "row 7", "why": "'coder' is missing; expected span, variable, code and coder"},
    ], "passed_over": [], "warnings": [], "read": 7}  # fmt: skip
    assert done.table()["value"].tolist() == [5, 0, 0, 0, 0, 7]
    assert set(stored(one_article, "text", "unit", "variable", "code", "coder", "simulated")) == {
        ("Northland", "mention", "wording", "plain", "mira", True),
        ("Northland", "sentence", "wording", "plain", "jon", False),
        ("took", "mention", "seen", "quote|number", "jon", False),
        ("took", "mention", "wording", "liberation", "jon", False),
        ("took", "mention", "wording", "plain", "mira", False),
    }
    assert set(one_article.annotations()["made_at"].dropna()) == {"2024-03-05T10:00:00"}
    dicts = [{"span": place, **GOOD}, {"span": place | {"start": np.int64(0)}, **GOOD}, {"span": span, **GOOD}]
    assert add_annotations(one_article, dicts).unchanged == 3  # two of them are equal
    assert add_annotations(one_article, iter(dicts)).unchanged == 3


def test_the_answers_of_one_study_are_added_to_another_as_they_are(one_article: Study, tmp_path: Path) -> None:
    span = mention(one_article)
    add_annotations(one_article, [
        {"span": span, **GOOD, "seconds": 4.5, "memo": "clear", "round": "pilot", "arm": "assisted"},
        {"span": span, "variable": "seen", "code": ["quote", "number"], "coder": 7, "simulated": True},
    ])  # fmt: skip
    other = study_in(tmp_path / "other")
    add(other, [tmp_path / "in" / "a.txt"], outlet="Herald")
    assert add_annotations(other, one_article.annotations()).new == 2
    assert other.annotations().equals(one_article.annotations())
    line = json.dumps({"span": span, **GOOD, "round": None, "arm": None, "memo": None, "simulated": None})
    assert imported(other, line).new == 1  # null, as `export` writes what is absent


def test_a_huge_file_is_imported_whole(one_article: Study) -> None:
    """In time that grows with its length and not with the square."""
    span, place = mention(one_article), {"article": article(one_article)}

    def huge(rows: int) -> RecordResult:
        made = [{"span": span, **GOOD, "coder": f"c{n % (rows // 5)}", "memo": "m" * 300} for n in range(rows // 5 * 3)]
        made += [{"span": place | {"start": n % 80, "end": n % 80 + 2}, **GOOD} for n in range(rows // 5 * 2)]
        with one_article.store.writing() as connection:
            connection.execute(delete(db.annotations))
        return imported(one_article, *made, "{")

    assert growth(huge, 25_000) < 3  # the second time 50,000 rows
    done = huge(50_000)
    assert (done.new, len(done.refusals), len(one_article.annotations())) == (10_080, 1, 10_080)


def test_rows_that_are_no_rows_are_refused_and_numbers_of_coders_may_have_gaps(one_article: Study) -> None:
    for wrong in (None, 5, b"x", {**GOOD, "span": mention(one_article)}):
        with pytest.raises(BadFile, match="expected a file, a data frame or a list of dicts"):
            add_annotations(one_article, wrong)  # type: ignore[arg-type]  # what is tested
    assert add_annotations(one_article, [None, "a"]).refusals == [  # type: ignore[list-item]  # what is tested
        ("row 1", "expected an object, found None"), ("row 2", "expected an object, found a"),
    ]  # fmt: skip
    rows = [{**GOOD, "span": mention(one_article), "coder": coder} for coder in (7, None)]
    recorded = add_annotations(one_article, pd.DataFrame(rows))
    assert (recorded.new, len(recorded.refusals)) == (1, 1)
    assert one_article.annotations()["coder"].tolist() == ["7"]
    negative = add_annotations(one_article, [{**rows[0], "seconds": seconds} for seconds in (-1, float("inf"))])
    assert (negative.total, len(negative.refusals)) == (0, 2)
