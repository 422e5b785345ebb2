"""Estimates by design-based supervised learning meet the numbers that the method's authors print."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from printed_method import Fit, Units, combine_splits, fit, random_folds, standard_errors_at, without_group_means

from annotate.estimators.regression import Link, cross_fit

SPLITS = 10
MET = ("PanChen", "data_time", "data_unequal", "data_logit", "data_post_cand")
LEAST_SQUARES = ("data_lm", "data_felm_oneway", "data_felm_twoways", "data_sl")  # their learner is a forest


@pytest.fixture(scope="module")
def printed(shared: Path) -> dict[str, Any]:
    tables: dict[str, Any] = json.loads((shared / "data" / "dsl" / "printed.json").read_text())
    return tables


def rows_of(table: dict[str, Any], folder: Path) -> pd.DataFrame:
    if table["name"] != "data_post_cand":
        return pd.read_csv(folder / f"{table['data']}.csv")
    posts = pd.read_csv(folder / "data_post.csv").groupby("cand_id")
    by_candidate = pd.DataFrame(
        {
            "mean_economy": posts["economy"].mean(),
            "mean_pred_economy": posts["pred_economy"].mean(),
            "cand_sample_prob": 1 - posts["post_sample_prob"].apply(lambda pi: np.prod(1 - pi)),
        }
    )
    return by_candidate.reset_index().merge(pd.read_csv(folder / "data_cand.csv"), on="cand_id")


class Printed:
    """A table of the authors with our estimates of its model."""

    def __init__(self, table: dict[str, Any], folder: Path) -> None:
        rows = rows_of(table, folder)
        outcome, right = (side.strip() for side in table["formula"].split("~"))
        names = [name.strip() for name in right.split("+")]
        if "factor" in right:
            years = pd.get_dummies(rows["year"], prefix="y").astype(float)
            rows, names = pd.concat([rows, years], axis=1), list(years.columns)
        predictions: dict[str, str | None] = table["predicted"]
        rows = rows.dropna(subset=[c for c in (outcome, *names) if c not in predictions]).reset_index(drop=True)
        coded = rows[list(predictions)].notna().all(axis=1).to_numpy()
        pi = rows[table["pi"]].to_numpy() if table["pi"] else np.full(len(rows), coded.mean())
        self.weight = np.where(coded, 1 / (pi * coded.mean() / pi.mean()), 0.0)
        self.clusters = rows[table["cluster"]].to_numpy() if table["cluster"] else None
        self.link: Link = "logistic" if table["model"] == "logit" else "linear"
        fixed = [rows[name] for name in table.get("fixed_effects", ())]
        intercept = [] if fixed or "factor" in right else [np.ones(len(rows))]
        self.splits: list[tuple[Units, Fit]] = []
        for seed in range(1, SPLITS + 1):
            folds = random_folds(len(rows), 5, seed, self.clusters)
            learned = {
                name: cross_fit(
                    rows[name].where(coded).to_numpy(float), rows[[by] if by else table["features"]].to_numpy(), folds
                )
                for name, by in predictions.items()
            }
            known = [rows[name].to_numpy(float) for name in (outcome, *names)]
            expected = [learned.get(name, values) for name, values in zip((outcome, *names), known, strict=True)]
            units = Units(
                known[0], expected[0], np.column_stack(intercept + known[1:]),
                np.column_stack(intercept + expected[1:]), self.weight,
            )  # fmt: skip
            units = without_group_means(units, *fixed) if fixed else units
            self.splits.append((units, fit(units, self.link)))
        ours, errors = combine_splits([one for _, one in self.splits], self.clusters)
        theirs = table["coefficients"].values()
        estimates, ses = (np.array([row[key] for row in theirs]) for key in ("estimate", "se"))
        self.distance = np.abs(ours[-len(estimates) :] - estimates) / ses
        self.ratio = errors[-len(estimates) :] / ses


def measured(printed: dict[str, Any], name: str, shared: Path) -> Printed:
    (table,) = [one for one in printed["tables"] if one["name"] == name]
    return Printed(table, shared / "data" / "dsl")


@pytest.mark.parametrize("name", MET)
def test_the_printed_estimate_and_its_error_are_met(name: str, printed: dict[str, Any], shared: Path) -> None:
    ours = measured(printed, name, shared)
    assert ours.distance.max() <= 0.1
    assert np.abs(ours.ratio - 1).max() <= 0.02


@pytest.mark.parametrize("name", LEAST_SQUARES)
def test_a_line_in_place_of_a_forest_gives_much_the_same(name: str, printed: dict[str, Any], shared: Path) -> None:
    """A line fits these predictions better than their forest: the errors are up to a sixth smaller, never larger."""
    ours = measured(printed, name, shared)
    assert ours.distance.max() <= (0.1 if "felm" in name else 0.6)
    assert ours.ratio.min() >= 0.84 and ours.ratio.max() <= 1.01


def test_the_errors_that_more_coded_rows_would_give_are_met(printed: dict[str, Any], shared: Path) -> None:
    ours = measured(printed, "PanChen", shared)
    table = printed["predicted_standard_errors"]["by_labeled_size"]
    theirs = np.array([[row[name] for name in row] for row in table.values()])
    numbers = [int(number) for number in table]
    predicted = np.median([standard_errors_at(*split, "logistic", numbers) for split in ours.splits], axis=0)
    assert np.abs(predicted / theirs - 1).max() <= 0.01


# ppi_mean_pointestimate and ppi_mean_ci of ppi-python 0.2.3 for the arrays below: its λ, the mean, the standard error
PPI = ((1.0, 0.4302798655814295, 0.02993294737661399), (0.75, 0.4277098991860721, 0.03069662175036461))


@pytest.mark.parametrize(("power", "mean", "se"), PPI)
def test_a_mean_equals_prediction_powered_inference(power: float, mean: float, se: float) -> None:
    """There the unlabelled rows are apart: its λ is (1 - n/N) times ours."""
    rng = np.random.default_rng(7)
    truth = (rng.random(400) < 0.4).astype(float)
    predicted = np.clip(0.7 * truth + 0.2 + rng.normal(0, 0.2, 400), 0, 1)
    coded = np.arange(400) < 100
    ones = np.ones((400, 1))
    ours = power / (1 - coded.mean())
    fitted = fit(Units(truth, ours * predicted, ones, ones, np.where(coded, 1 / coded.mean(), 0.0)))
    assert fitted.coefficients[0] == pytest.approx(mean, abs=1e-12)
    if ours == 1:  # with another λ the moments of the two are centred differently
        assert np.sqrt(fitted.covariance()[0, 0]) == pytest.approx(se, rel=0.01)
