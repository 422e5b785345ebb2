"""Agreement is Krippendorff's alpha to the last digit, from the answers that count, and it says who departs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import krippendorff
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from stores import write

from annotate.agreement.agreement import Agreement, agreement
from annotate.agreement.alpha import alpha, coincidences
from annotate.agreement.reliability_data import ReliabilityData, data_from_columns, data_from_rows
from annotate.agreement.variable_agreement import variable_agreement
from annotate.rounds.draw import draw
from corpus.annotations.import_public_data import create_from_data_set
from corpus.annotations.rows import add_annotations
from corpus.codebook import Level
from corpus.errors import BadRound, NothingToCompare
from corpus.study import Study

LEVELS: tuple[Level, ...] = ("nominal", "ordinal", "interval")

# Krippendorff 2011, section C: four coders, twelve units, answers missing
WORKED = """\
1 2 3 3 2 1 4 1 2 . . .
1 2 3 3 2 2 4 1 2 5 . 3
. 3 3 3 2 3 4 2 2 5 1 .
1 2 3 3 2 4 4 1 2 5 1 ."""


def rows_of(table: str) -> list[tuple[str, str, str]]:
    """The answers of a table with a line per coder and a column per unit."""
    lines = enumerate(table.splitlines())
    return [(f"s{u:02}", f"c{c}", code) for c, line in lines for u, code in enumerate(line.split()) if code != "."]


@pytest.mark.parametrize(("level", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_is_that_of_krippendorffs_worked_example(level: Level, published: float) -> None:
    found = variable_agreement(data_from_rows(rows_of(WORKED), level))
    assert found.alpha == pytest.approx(published, abs=0.0005)
    assert (found.n_units, found.n_single, found.n_coders) == (11, 1, 4)


# the krippendorff package


def reference(table: Any, level: str, values: Any) -> float:
    return float(krippendorff.alpha(reliability_data=table, level_of_measurement=level, value_domain=list(values)))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_alpha_equals_the_krippendorff_packages_on_random_data_with_missing_answers(data: st.DataObject) -> None:
    codes = data.draw(st.integers(2, 6))
    coders, units = data.draw(st.integers(2, 7)), data.draw(st.integers(2, 25))
    cells = st.lists(st.integers(-3, codes - 1), min_size=units, max_size=units)  # below 0: no answer
    table = np.array(data.draw(st.lists(cells, min_size=coders, max_size=coders)))
    values = np.cumsum(data.draw(st.lists(st.floats(0.1, 5), min_size=codes, max_size=codes)))
    counts = np.stack([(table == c).sum(axis=0) for c in range(codes)], axis=1)
    observed = coincidences(counts)
    assume(np.count_nonzero(observed.sum(axis=0)) > 1)
    known = np.where(table >= 0, values[np.maximum(table, 0)], np.nan)
    for level in LEVELS:
        expected = reference(known, level, values)
        assert float(alpha(observed, level, values)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", range(12))
def test_pairs_coders_and_codes_equal_alpha_of_their_part_of_the_table(seed: int) -> None:
    chance = np.random.default_rng(seed)
    level = LEVELS[seed % 3]
    table = chance.integers(0, 4, (5, 60)).astype(float)
    table[:, :40] = np.where(chance.random((5, 40)) < 0.6, table[0, :40], table[:, :40])
    table[chance.random(table.shape) < 0.25] = np.nan
    rows = [(f"s{u:02}", f"c{c}", str(int(v))) for (c, u), v in np.ndenumerate(table) if not np.isnan(v)]
    found = variable_agreement(data_from_rows(rows, level), resamples=50)
    values = range(4)
    assert found.alpha == pytest.approx(reference(table, level, values), abs=1e-12)
    for pair in found.pairs:
        two = table[[int(name[1]) for name in pair.coders]]
        assert pair.alpha == pytest.approx(reference(two, level, values), abs=1e-12)
        assert pair.confusion.sum() == pair.n_units == (~np.isnan(two)).all(axis=0).sum()
    for coder in found.coders.values():
        others = np.delete(table, int(coder.coder[1]), axis=0)
        assert coder.without == pytest.approx(reference(others, level, values), abs=1e-9)
    for code, one in found.codes.items():
        binary = np.where(np.isnan(table), np.nan, table == int(code))
        assert one.alpha == pytest.approx(reference(binary, "nominal", [0.0, 1.0]), abs=1e-12)


@pytest.fixture(scope="module", params=["babe", "mbic"])
def public(
    request: pytest.FixtureRequest, shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Study, Path]:
    file = shared / "data" / f"{request.param}.jsonl"
    if request.param == "babe":
        study = request.getfixturevalue("babe_study")
    else:
        study = create_from_data_set(tmp_path_factory.mktemp("public") / "study", request.param, file).study
    return request.param, study, file


def test_alpha_of_babe_and_mbic_equals_the_krippendorff_packages(public: tuple[str, Study, Path]) -> None:
    name, study, file = public
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    counts = [[list(row["labels"].values()).count(code) for code in ("non-biased", "biased")] for row in rows]
    found = agreement(study)
    bias = found.variables["bias"]
    assert bias.alpha == pytest.approx(
        krippendorff.alpha(value_counts=counts, level_of_measurement="nominal"), abs=1e-12
    )
    assert bias.n_units == len(rows) and found.gate == {"bias": "fails"} and bias.q == 1
    low, high = bias.interval or (1, 0)
    assert low < bias.alpha < high and high - low < 0.05
    assert bias.departing == ({"babe": ["e1"], "mbic": []}[name])
    if name == "babe":  # its expert e1 is near chance, and costs the most
        worst = min(bias.coders.values(), key=lambda coder: coder.alpha or 0)
        assert worst.coder == "e1" and abs(worst.alpha or 1) < 0.1
        assert max(bias.coders.values(), key=lambda coder: coder.without or 0).coder == "e1"


def test_every_variable_of_the_ukraine_crisis_fails(shared: Path, tmp_path: Path) -> None:
    made = create_from_data_set(tmp_path / "study", "ukraine", shared / "data" / "ukraine.jsonl")
    study = made.study
    assert made.refusals == []
    found = agreement(study, resamples=200)
    assert len(found.gate) == 7 and set(found.gate.values()) == {"fails", "cannot be told yet"}
    assert len(found.failing) >= 4  # few spans are about Russia or the West
    assert all(abs(one.alpha or 1) < 0.2 and one.q == 1 for one in found.variables.values())


# what cannot be computed says why


@pytest.mark.parametrize(
    ("rows", "why", "gate"),
    [
        (
            [("s1", "ada", "yes"), ("s2", "ada", "no")],
            "only one coder (ada); agreement needs two",
            "cannot be told yet",
        ),
        (
            [("s1", "ada", "yes"), ("s2", "ben", "no")],
            "no span was answered by two coders; give them the same spans",
            "cannot be told yet",
        ),
        (
            [("s1", "ada", "yes"), ("s1", "ben", "yes"), ("s2", "ben", "no")],
            "every answer is 'yes'; without variation alpha is undefined",
            "undefined",
        ),
    ],
)
def test_a_variable_without_alpha_says_why(rows: list[tuple[str, str, str]], why: str, gate: str) -> None:
    found = variable_agreement(data_from_rows(rows))
    assert (found.alpha, found.interval, found.q, found.why, found.gate) == (None, None, None, why, gate)


def test_a_code_that_nobody_gave_says_so_and_one_article_gives_no_interval() -> None:
    found = variable_agreement(
        data_from_rows([(s, c, "no" if s == "s1" else "yes") for s in ("s1", "s2") for c in ("ada", "ben")])
    )
    assert found.alpha == 1 and found.gate == "cannot be told yet"  # two spans show nothing
    study_like = variable_agreement(data_from_rows([*rows_of("1 1 2 2\n1 1 2 1"), ("s9", "c0", "3")]))
    assert study_like.codes["3"].why == "nobody gave it to a span that two coders answered"
    assert study_like.codes["3"].alpha is None
    rows = data_from_rows(rows_of("1 1 2 2\n1 1 2 1"))
    one = ReliabilityData(**{**rows.__dict__, "articles": np.zeros(4, dtype=np.int64)})
    assert (
        variable_agreement(one).interval is None
        and variable_agreement(one).q is None
        and variable_agreement(one).alpha is not None
    )


def test_the_same_seed_gives_the_same_interval_and_articles_are_resampled_whole() -> None:
    chance = np.random.default_rng(1)
    spans = [f"s{n:03}" for n in range(300)]
    first = ["ab"[n] for n in chance.integers(0, 2, 300)]
    # in each article the two coders agree on all or on nothing, so that articles and not spans carry the doubt
    same = np.repeat(chance.random(30) < 0.8, 10)
    second = [a if keep else "ba"["ab".index(a)] for a, keep in zip(first, same, strict=True)]
    columns = (spans * 2, ["ada"] * 300 + ["ben"] * 300, first + second)
    variable = data_from_rows([("s", "c", "a"), ("s", "d", "b")]).variable
    by_article = variable_agreement(data_from_columns(variable, *columns, [f"a{int(s[1:]) // 10}" for s in columns[0]]))
    by_span = variable_agreement(data_from_columns(variable, *columns, columns[0]))
    assert by_article.alpha == by_span.alpha
    width = [high - low for low, high in (by_article.interval or (0, 0), by_span.interval or (0, 0))]
    assert width[0] > 2 * width[1] > 0
    assert variable_agreement(data_from_columns(variable, *columns, columns[0])).interval == by_span.interval


# the answers that count


def answers_of(study: Study, coder: str, n: int = 12) -> list[dict[str, Any]]:
    frame = study.annotations()
    frame = frame[(frame["coder"] == coder) & (frame["variable"] == "mention")]
    return frame.head(n)[["span", "variable", "code"]].to_dict("records")  # type: ignore[return-value]


def put(study: Study, rows: list[dict[str, Any]], **more: Any) -> None:
    assert add_annotations(study, [{**row, **more} for row in rows]).refusals == []


def test_alpha_uses_the_spans_on_which_both_coders_were_asked(example_study: Study) -> None:
    found = agreement(example_study)
    frame = example_study.annotations()
    for name in ("gainer", "speaker"):
        both = frame[frame["variable"] == name].groupby("span")["coder"].nunique()
        assert found.variables[name].n_units == (both > 1).sum() < found.variables["mention"].n_units


def test_an_answer_to_a_question_that_the_coders_own_answers_do_not_ask_is_left_out(example_study: Study) -> None:
    spans = answers_of(example_study, "authors")
    ada = [{**row, "code": "none"} for row in spans]
    gainer = [{**row, "variable": "gainer", "code": "side-a"} for row in spans]
    put(example_study, ada, coder="ada", round="r1")
    put(example_study, gainer, coder="ada", round="r1")  # stray: with `none` nobody asks who gains
    for other in ("ben", "cem"):  # what these answered to the first question is not known: they were asked
        put(example_study, gainer, coder=other, round="r1")
    found = agreement(example_study, "r1")
    assert found.left_out == {"not asked": 12}
    assert (found.variables["gainer"].n_units, found.variables["gainer"].n_coders) == (12, 2)
    assert found.variables["gainer"].why == "every answer is 'side-a'; without variation alpha is undefined"
    assert found.variables["speaker"].why == "no blind answer"


def test_assisted_answers_training_rounds_and_second_answers_do_not_count(example_study: Study) -> None:
    before = agreement(example_study)
    spans = answers_of(example_study, "authors")
    put(example_study, spans, coder="ada", arm="assisted", round="main")
    put(example_study, spans, coder="ada", round="training")
    put(example_study, spans, coder="authors", round="main")
    found = agreement(example_study, training=["training"])
    assert found.variables["mention"].alpha == before.variables["mention"].alpha
    assert found.left_out == {"assisted": 12, "pilot, training or audit": 12, "coded again": 12}
    with pytest.raises(NothingToCompare, match="all answers are assisted or from pilots, training and audits"):
        agreement(example_study, "training", training=["training"])
    with pytest.raises(BadRound, match="no answer belongs to a round 'r9'; rounds with answers: \"\", main, training"):
        agreement(example_study, "r9")


def test_rounds_count_by_their_stored_purpose_and_a_pilot_only_where_it_is_named(example_study: Study) -> None:
    before = agreement(example_study)
    for purpose in ("pilot", "training", "reliability", "audit"):
        draw(example_study, f"my-{purpose}", ["ada"], spans=3, purpose=purpose)  # type: ignore[arg-type]
    spans = answers_of(example_study, "authors")
    for name in ("my-pilot", "my-training", "my-audit"):
        put(example_study, [{**row, "code": "none"} for row in spans], coder="ada", round=name)
    found = agreement(example_study)
    assert found.variables["mention"].alpha == before.variables["mention"].alpha
    assert found.left_out == {"pilot, training or audit": 36} and found.counts
    put(example_study, [{**row, "code": "none"} for row in spans], coder="ben", round="my-pilot")
    pilot = agreement(example_study, "my-pilot")
    assert (pilot.purpose, pilot.counts, pilot.variables["mention"].n_units) == (
        "pilot",
        False,
        12,
    )
    put(example_study, [{**row, "code": "none"} for row in spans], coder="ada", round="my-reliability")
    assert agreement(example_study).variables["mention"].n_coders == before.variables["mention"].n_coders + 1


def test_answers_under_another_version_of_the_codebook_are_counted_apart(example_study: Study) -> None:
    spans = answers_of(example_study, "authors")
    put(example_study, spans, coder="ada", codebook_version="1.0")
    put(example_study, [{**row, "code": "none"} for row in spans], coder="ben", codebook_version="1.0")
    assert agreement(example_study).left_out == {"other version": 24}
    assert agreement(example_study, version="1.0").variables["mention"].n_units == 12
    with pytest.raises(
        NothingToCompare, match=r"no answer was given under version 3 .*; there are answers under 1\.0, "
    ):
        agreement(example_study, version="3")


def test_the_simulated_coders_of_the_example_are_named(example_study: Study) -> None:
    found: Agreement = agreement(example_study)
    assert list(found.simulated_coders) == found.json()["simulated_coders"] == ["simulated-1", "simulated-2"]


def test_a_study_that_nobody_has_coded_is_told_what_to_do(tmp_path: Path) -> None:
    file = write(
        tmp_path, {"rows.jsonl": json.dumps({"id": "1", "outlet": "Herald", "text": "Velo fell.", "gold": "biased"})}
    )
    study = create_from_data_set(tmp_path / "study", "babe", file / "rows.jsonl").study
    with pytest.raises(NothingToCompare, match=r"no span was answered by two .* \(bias: only one coder \(published\)"):
        agreement(study)
    from corpus.codebook import read_yaml

    with pytest.raises(NothingToCompare, match="nobody has coded anything yet; import answers"):
        agreement(Study.create(tmp_path / "empty", read_yaml("lexical-bias")))
