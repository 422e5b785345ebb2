"""Verdicts rest on bounds: no five spans are relied on, and what cannot be told says how many spans would tell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta, t

from annotate.agreement.alpha import alpha, coincidences, gwet_ac1, resample_tables
from annotate.agreement.reliability_data import data_from_frame, data_from_rows, with_not_asked
from annotate.agreement.study_verdicts import derived, verdict_on, verdicts
from annotate.agreement.variable_agreement import paradox, variable_agreement
from annotate.agreement.verdicts import Verdict, alpha_bounds, judge, observed_disagreement, weakest
from benchmarks import verdicts as simulation
from benchmarks.kept_lines import read_lines
from corpus.codebook import load
from corpus.errors import BadRound
from corpus.study import Study
from corpus.study import database as db

ROOT = Path(__file__).parents[2]
RATERS = [
    *([3, 0, 0, 0, 0], [0, 3, 1, 0, 0], [0, 0, 4, 0, 0], [0, 0, 4, 0, 0], [0, 4, 0, 0, 0], [1, 1, 1, 1, 0]),
    *([0, 0, 0, 4, 0], [3, 1, 0, 0, 0], [0, 4, 0, 0, 0], [0, 0, 0, 0, 3], [2, 0, 0, 0, 0], [0, 0, 1, 0, 0]),
]


def pairs(same: int, other: int, per_article: int = 1) -> tuple[Any, Any]:
    """Coincidences of spans that two coders answered yes and yes, no and no, or (the last ones) yes and no."""
    spans = np.array([[2, 0], [0, 2]] * (same // 2) + [[1, 1]] * other)
    article = np.arange(len(spans)) // per_article
    return coincidences(spans, article), np.bincount(article)


def judged(same: int, other: int, per_article: int = 1) -> Verdict:
    tables, sizes = pairs(same, other, per_article)
    return judge(tables, sizes, resample_tables(tables))


@pytest.mark.parametrize(
    ("same", "other", "word"),
    [
        (4, 0, "cannot be told yet"),  # perfect agreement on four spans was relied on by the estimate
        (10, 0, "cannot be told yet"),
        (200, 0, "relied on"),
        (180, 4, "relied on"),
        (180, 16, "tentative"),
        (30, 4, "cannot be told yet"),
        (60, 60, "fails"),
    ],
)
def test_a_verdict_rests_on_the_bounds(same: int, other: int, word: str) -> None:
    found = judged(same, other)
    assert found.verdict == word and found.lower is not None and found.upper is not None
    assert found.lower <= found.alpha <= found.upper  # type: ignore[operator]
    assert (found.lower >= 0.8) == (word == "relied on")
    assert (found.upper < 0.667) == (word == "fails")


def test_of_independent_spans_the_lower_bound_is_clopper_and_pearsons() -> None:
    tables, sizes = pairs(180, 20)
    observed = observed_disagreement(tables, sizes)
    n = float(observed.effective)
    assert n == pytest.approx(199)  # of 200 articles with one span each, one degree of freedom is lost
    n *= (t.ppf(0.95, 199) / t.ppf(0.95, 199)) ** 2
    upper = beta.ppf(0.95, 0.1 * n + 1, n - 0.1 * n)
    total = tables.sum()
    expected = 2 * (total / 2) ** 2 / (total * (total - 1))
    nothing = np.full(2000, np.nan)
    assert alpha_bounds(tables, sizes, nothing, nothing)[0] == pytest.approx(1 - upper / expected)


def test_disagreement_that_comes_in_articles_tells_less() -> None:
    spread = judged(160, 40)
    tables, sizes = pairs(160, 40, 10)
    whole = judge(tables, sizes, resample_tables(tables))
    assert whole.alpha == spread.alpha and whole.n_articles == 20
    assert whole.lower < spread.lower - 0.05  # type: ignore[operator]


def test_as_many_spans_as_would_tell_do_tell() -> None:
    found = judged(54, 6)
    assert found.verdict == "cannot be told yet" and found.needed is not None and found.needed > 60
    times = -(-found.needed // 60)
    assert judged(54 * times, 6 * times).verdict == "tentative"
    assert f"about {found.needed} double-coded spans would tell" in found.sentence


def test_without_variation_it_is_undefined_and_one_article_tells_nothing() -> None:
    tables = coincidences([[2, 0]] * 40, np.arange(40))
    assert judge(tables, np.ones(40), resample_tables(tables)).verdict == "undefined"
    one = judge(coincidences([[2, 0], [0, 2]], [0, 0]), [2], np.empty((0, 2, 2)))
    assert (one.verdict, one.lower, one.needed) == ("cannot be told yet", None, None)
    assert "from one article" in one.sentence
    nobody = judge(np.empty((0, 2, 2)), [], np.empty((0, 2, 2)))
    assert nobody.verdict == "cannot be told yet" and "no span was coded twice" in nobody.sentence


def test_the_weakest_verdict_is_that_of_a_figure() -> None:
    words = ["relied on", "tentative", "cannot be told yet", "undefined", "fails"]
    every = [Verdict(word, None, None, 0, 0) for word in words]
    assert [weakest(every[: n + 1]).verdict for n in range(5)] == words


# Gwet's AC1


def test_ac1_is_that_of_published_examples() -> None:
    """Krippendorff's table, on which irrCAC gives AC1 = .77544, p_a .81818 and p_e .19032; Gwet (2002), 118, 5, 2, 0."""
    assert gwet_ac1(RATERS, 5) == pytest.approx(0.77544, abs=5e-6)
    assert float(alpha(coincidences(RATERS))) == pytest.approx(0.743421, abs=5e-7)
    assert gwet_ac1([[2, 0]] * 118 + [[1, 1]] * 7, 2) == pytest.approx(0.9408, abs=5e-5)
    assert gwet_ac1([[1, 0]] * 3, 2) is None


def test_where_one_code_dominates_the_paradox_is_explained() -> None:
    rows = [(f"s{n}", c, "plain") for n in range(118) for c in ("ada", "ben")]
    rows += [(f"x{n}", c, code) for n in range(7) for c, code in (("ada", "plain"), ("ben", "loaded"))]
    found = variable_agreement(data_from_rows(rows))
    assert found.ac1 == pytest.approx(0.9408, abs=5e-4) and found.alpha is not None and found.alpha < 0
    assert "97 % of the answers are plain" in paradox(found) and "makes no verdict" in paradox(found)
    assert found.gate == "fails"  # AC1 makes no verdict
    assert paradox(variable_agreement(data_from_rows(rows[-14:]))) == ""


# weights


def test_spans_drawn_with_different_probabilities_count_with_their_weight() -> None:
    chance = np.random.default_rng(3)
    rows = []
    for n in range(300):
        often = n % 3 == 0  # a third of the spans had twice the chance to be drawn, and coders agree less on them
        code = "yes" if chance.random() < 0.5 else "no"
        other = code if chance.random() < (0.6 if often else 0.95) else {"yes": "no", "no": "yes"}[code]
        rows += [(f"s{n:03}", "ada", code, 1 if often else 2), (f"s{n:03}", "ben", other, 1 if often else 2)]
    frame = pd.DataFrame(rows, columns=["span", "coder", "code", "weight"]).assign(made_at=None)
    frame["article"] = frame["span"]
    variable = data_from_rows([row[:3] for row in rows]).variable
    found = variable_agreement(data_from_frame(variable, frame), brief=True)
    doubled = pd.concat([frame, frame[frame["weight"] == 2].assign(span=lambda f: f["span"] + "b")])
    twice = variable_agreement(data_from_frame(variable, doubled.drop(columns="weight")), brief=True)
    assert found.unweighted == pytest.approx(
        float(variable_agreement(data_from_frame(variable, frame.drop(columns="weight"))).alpha or 0)
    )
    assert found.alpha == pytest.approx(twice.alpha, abs=0.002) and found.alpha > (found.unweighted or 1) + 0.03
    equal = variable_agreement(data_from_frame(variable, frame.assign(weight=2.5)), brief=True)
    assert equal.unweighted is None and equal.alpha == pytest.approx(found.unweighted)


# derived answers, and spans that were not asked


def answers(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["span", "coder", "variable", "code"])
    return frame.assign(article=frame["span"], made_at=None)


MIXED = answers(
    ("s1", "ada", "mention", "change"), ("s1", "ada", "wording", "liberation"), ("s1", "ada", "attribution", "outlet"),
    ("s1", "ben", "mention", "change"), ("s1", "ben", "wording", "liberation"), ("s1", "ben", "attribution", "direct"),
    ("s2", "ada", "mention", "none"),
    ("s2", "ben", "mention", "change"), ("s2", "ben", "wording", "plain"),
    ("s3", "ada", "wording", "liberation"), ("s3", "ben", "wording", "plain"),
)  # fmt: skip


def test_a_derived_answer_is_yes_where_all_codes_were_given_and_no_where_one_was_not_asked() -> None:
    book = load("territorial-control")
    assert set(MIXED["code"]) <= {code for v in book.variables for code in v.code_names}
    data = derived(book, MIXED, {"wording": "liberation", "attribution": "outlet"})
    found = {
        (data.spans[s], data.coders[c]): data.values[k]
        for s, c, k in zip(data.span, data.coder, data.code, strict=True)
    }
    assert found == {
        ("s1", "ada"): "yes",
        ("s1", "ben"): "no",  # somebody else's words
        ("s2", "ada"): "no",  # no mention, so nothing was asked
        ("s2", "ben"): "no",  # plain, whoever said so
        ("s3", "ben"): "no",
    }  # whose words s3 has for ada is not known
    alone = derived(book, MIXED, {"wording": "liberation"})
    assert len(alone.span) == 5  # where the only variable was not asked, the span does not count


def test_a_variable_asked_after_another_has_an_alpha_with_not_asked_as_a_code() -> None:
    book = load("territorial-control")
    data = with_not_asked(book, MIXED, book.by_name["wording"])
    assert data.values[-1] == "not asked" and data.variable.level == "nominal"
    s2 = data.spans.index("s2")
    assert data.counts[s2].tolist() == [0, 0, 0, 0, 0, 1, 1]  # ada was not asked, ben says plain


def test_the_verdicts_of_a_figure_are_those_of_its_variables_codes_and_languages(example_study: Study) -> None:
    wanted = {"wording": "liberation", "attribution": "outlet"}
    found = verdicts(example_study, wanted)
    assert list(found) == [
        "wording", "wording, or not asked", "wording=liberation",
        "attribution", "attribution, or not asked", "attribution=outlet",
        "wording=liberation, attribution=outlet",
    ]  # fmt: skip
    assert found["wording"].verdict == "relied on" and found["wording"].n_units == 432
    own = found["wording=liberation, attribution=outlet"]
    assert own.n_units == 469 and weakest(found.values()) == own  # weaker than each of its parts
    with example_study.store.writing() as connection:
        ids = sorted(connection.execute(db.articles.select()).scalars())
        connection.execute(db.articles.update().where(db.articles.c.id.in_(ids[:20])).values(language="uk"))
    apart = verdicts(example_study, {"wording": "liberation"})
    assert {one.language for one in apart.values()} == {"", "en", "uk"}
    assert apart["wording [uk]"].n_units + apart["wording [en]"].n_units == apart["wording"].n_units
    assert "wording=liberation [uk]" in apart
    with pytest.raises(BadRound, match="no such variable and code"):
        verdicts(example_study, {"wording": "freed"})
    assert list(verdicts(example_study))[:3] == ["mention", "mention [en]", "mention [uk]"]


def test_a_verdict_on_spans_that_nobody_coded_twice_cannot_be_told() -> None:
    assert verdict_on(data_from_rows([("s1", "ada", "yes"), ("s2", "ben", "no")])).verdict == "cannot be told yet"


# the simulation


def test_the_simulated_studies_have_the_alpha_that_they_say() -> None:
    named = [(model, 0.1, simulation.TWO) for model in simulation.MODELS]
    named += [(model, 0.55, simulation.FOUR) for model in simulation.MODELS]
    named += [(model, 0.4, simulation.FIVE) for model in (*simulation.MODELS, simulation.NEIGHBOURS)]
    for model, share, codes in named:
        cell = simulation.Cell(0.8, model, share, 400, 4, codes)
        tables = simulation.simulate_coincidences(cell, 150, np.random.default_rng(1)).sum(axis=1)
        found = alpha(tables, simulation.LEVELS[codes])
        assert found.mean() == pytest.approx(0.8, abs=3 * found.std() / np.sqrt(len(found)) + 0.003)
        assert tables.sum(axis=(0, 2)) / tables.sum() == pytest.approx(cell.shares, abs=0.02)


@pytest.mark.parametrize("cell", [cell for n, cell in enumerate(simulation.CELLS) if n % 20 == 5], ids=str)
def test_no_verdict_is_wrong_more_often_than_chance_allows(cell: simulation.Cell) -> None:
    found = simulation.measure(cell, 100)
    kept = next(line for line in read_lines(simulation.RESULTS) if simulation.cell_of(line) == cell)
    for word in ("relied on", "tentative", "fails", "cannot be told yet"):
        error = np.sqrt(kept[word] * (1 - kept[word]) / 100) + 0.01
        assert abs(found[word] - kept[word]) < 4 * error, word
    assert all(share <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / 100) for share in simulation.wrong(found).values())


def test_in_no_kept_cell_is_a_verdict_wrong_in_more_than_one_in_twenty() -> None:
    kept = read_lines(simulation.RESULTS)
    assert {simulation.cell_of(line) for line in kept} == set(simulation.CELLS)
    assert all(line["runs"] >= 2000 for line in kept)
    worst = max((share, kind, json.dumps(line)) for line in kept for kind, share in simulation.wrong(line).items())
    assert worst[0] <= 0.05, worst


def test_the_table_of_the_documentation_is_that_of_the_kept_cells() -> None:
    page = (ROOT / "docs" / "agreement.md").read_text(encoding="utf-8")
    for codes in simulation.SHARES:
        assert "\n".join(simulation.table(read_lines(simulation.RESULTS), codes)) in page
