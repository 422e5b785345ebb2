"""Model-based shares: what a classifier expects of an outlet in which nothing was coded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO

import numpy as np
import pytest
from command_line import slantwise
from rich.console import Console
from sqlalchemy import update
from town_studies import OUTLETS, code_round, plant_predictions, town_study, true_codes

import annotate
from annotate.cli.estimates.model_based import show_model_based
from annotate.estimates.reliability import FigureVerdict, FigureVerdicts
from annotate.estimators.draws import RoundOfSpans
from annotate.estimators.model_based import FEWEST_GROUPS, model_based_share
from annotate.estimators.shares import Group, estimate_share
from annotate.rounds.draw import draw
from corpus.annotation import Design
from corpus.errors import NoEstimate
from corpus.study import Study
from corpus.study import database as db
from models.data.labelled import labelled_spans
from models.suggestions.cross_fit import _version

SPANS, CODED = 150, 40
SEED_WITHOUT_ECHO = 11  # of a draw that contains no span of the smallest outlet


def outlet(rng: np.random.Generator, number: int, share: float, error: float) -> tuple[Group, float]:
    """An outlet with a true share, and a classifier whose probabilities are off by `error` in it; its true share."""
    truth = (rng.random(SPANS) < share).astype(float)
    predicted = np.clip(0.25 + 0.5 * truth + error + rng.normal(0, 0.1, SPANS), 0.01, 0.99)
    drawn = np.zeros(SPANS, dtype=bool)
    drawn[rng.choice(SPANS, CODED, replace=False)] = True
    one = RoundOfSpans(
        np.full(SPANS, CODED / SPANS), drawn, np.zeros(SPANS, dtype=np.int64), np.ones(SPANS), np.zeros(SPANS)
    )
    seen = np.where(drawn, truth, np.nan)
    return Group(
        seen, np.where(drawn, 1.0, np.nan), predicted, np.ones(SPANS), np.arange(SPANS) % 5,
        np.arange(SPANS) + number * SPANS, 10 * SPANS, [one],
    ), float(truth.mean())  # fmt: skip


def test_its_interval_contains_the_share_of_an_outlet_that_was_not_coded() -> None:
    """The errors by outlet are like each other's, as it assumes."""
    rng = np.random.default_rng(3)
    covered, runs = 0, 200
    for _ in range(runs):
        made = [outlet(rng, n, rng.uniform(0.3, 0.7), rng.normal(0, 0.08)) for n in range(7)]
        coded = {
            str(n): (group, float(estimate_share(group).estimate.share or 0)) for n, (group, _) in enumerate(made[1:])
        }
        figure = model_based_share(made[0][0], coded)
        assert figure.interval is not None
        covered += figure.interval[0] <= made[0][1] <= figure.interval[1]
    assert 0.92 <= covered / runs <= 0.99


def test_its_own_codes_enter_nothing() -> None:
    """A figure that is named model-based does not change with what is coded in the group."""
    rng = np.random.default_rng(4)
    made = [outlet(rng, n, 0.5, 0.0)[0] for n in range(6)]
    coded = {str(n): (group, 0.5) for n, group in enumerate(made[1:])}
    without = Group(**{**vars(made[0]), "code": np.full(SPANS, np.nan)})
    assert model_based_share(made[0], coded) == model_based_share(without, coded)


def test_few_coded_outlets_tell_nothing_of_a_further_one() -> None:
    rng = np.random.default_rng(5)
    made = [outlet(rng, n, 0.5, 0.0)[0] for n in range(FEWEST_GROUPS)]
    coded = {str(n): (group, 0.5) for n, group in enumerate(made[1:])}
    assert model_based_share(made[0], coded).share is None
    assert model_based_share(made[0], {**coded, "another": (made[0], 0.5)}).share is not None


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    """Five coded outlets, and the Echo, in the frame with one article of which nothing was drawn."""
    folder = tmp_path_factory.mktemp("uncoded") / "study"
    study = town_study(
        folder, articles=9, outlets={**OUTLETS, "Times": 0.5, "Wire": 0.6, "Echo": 0.4}, other_numbers={"Echo": 1}
    )
    draw(study, "main", ["mira", "jon"], spans=100, design=Design(no_term=0.0), seed=SEED_WITHOUT_ECHO)
    code_round(study, "main")
    plant_predictions(study)
    version = _version(study, labelled_spans(study))  # so that the command trains nothing
    with study.store.writing() as connection:
        connection.execute(update(db.suggestions).values(model=version))
        db.set_meta(connection, db.CROSS_FITTED, version)
    yield study
    study.close()


def test_an_outlet_without_coded_spans_has_a_model_based_figure_on_request_only(study: Study) -> None:
    estimate = annotate.estimate(study, "wording")
    (echo,) = [row for row in estimate.shares if (row.group, row.code) == ("Echo", "liberation")]
    assert echo.share is None and echo.coded == 0 and "slantwise estimate --model-based" in echo.note
    found = annotate.expect_uncoded(study, "wording")
    shares = {row.code: row for row in found.shares}
    assert {row.group for row in found.shares} == {"Echo"} and found.coded_groups == (
        "Courier",
        "Herald",
        "Post",
        "Times",
        "Wire",
    )
    truth = [
        codes["wording"] for span, codes in true_codes(study).items() if "wording" in codes and span in of_echo(study)
    ]
    share = truth.count(("liberation",)) / len(truth)
    assert shares["liberation"].low <= share <= shares["liberation"].high
    assert shares["liberation"].low < shares["liberation"].share < shares["liberation"].high
    assert shares["liberation"].share + shares["plain"].share == pytest.approx(1, abs=0.02)


def of_echo(study: Study) -> set[str]:
    spans = study.spans()
    return set(spans[spans["outlet"] == "Echo"]["span"])


def test_it_is_named_model_based_wherever_it_is_printed(study: Study) -> None:
    said = slantwise("estimate", "wording", "--model-based", "--json", cwd=study.folder)
    assert json.loads(said.stdout) == annotate.expect_uncoded(study, "wording").json()
    assert slantwise("estimate", "wording", "--json", cwd=study.folder).returncode == 3
    console = Console(file=StringIO(), width=80)
    show_model_based(annotate.expect_uncoded(study, "wording"), console)
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    assert (
        "model-based: no estimates" in printed
        and "Echo" in printed
        and "may be further off" in " ".join(printed.split())
    )
    assert max(map(len, printed.splitlines())) <= 80


def test_groups_with_coded_spans_have_estimates_instead(study: Study) -> None:
    with pytest.raises(NoEstimate, match="each group has coded spans"):
        annotate.expect_uncoded(study, "wording", by=())
    said = slantwise("estimate", "--model-based", "--corpus", cwd=study.folder)
    assert said.returncode == 2 and "shown alone" in said.stderr


def test_what_a_verdict_withholds_is_in_no_model_based_figure(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = FigureVerdicts.on

    def on(self: FigureVerdicts, code: str, *others: object) -> FigureVerdict:
        failed = FigureVerdict("fails", "no figure: the coders do not agree on liberation")
        return failed if code == "liberation" else whole(self, code, *others)  # type: ignore[arg-type]

    assert {row.verdict for row in annotate.expect_uncoded(study, "wording").shares} == {"relied on"}
    monkeypatch.setattr(FigureVerdicts, "on", on)
    found = annotate.expect_uncoded(study, "wording")
    assert [row.code for row in found.shares] == ["plain"]
    assert found.withheld == ("Echo, liberation: no figure: the coders do not agree on liberation",)
