"""Groups of outlets: CR2 meets other implementations, its intervals hold, and small groups are shown one by one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from command_line import slantwise
from documents import ROOT, text
from rich.console import Console
from scipy.linalg import fractional_matrix_power
from sqlalchemy import update
from town_studies import drawn_and_coded, plant_predictions, town_study

from annotate import compare_outlets
from annotate.cli.estimates.outlet_groups import show_groups
from annotate.estimators.cr2 import fit_cr2
from benchmarks import outlet_groups
from benchmarks.kept_lines import read_lines
from corpus.errors import UnknownCode
from corpus.study import Study
from corpus.study import database as db

FREE = dict(zip(("Herald", "Globe", "Echo", "Argus"), (0.6, 0.7, 0.65, 0.8), strict=True))
STATE = dict(zip(("Courier", "Times", "Star", "Mail", "Wire"), (0.2, 0.3, 0.25, 0.15, 0.2), strict=True))
GROUPS = f"{','.join(FREE)} vs {','.join(STATE)}"


@pytest.fixture(scope="module")
def press(tmp_path_factory: pytest.TempPathFactory) -> Path:
    study = town_study(tmp_path_factory.mktemp("press") / "study", articles=8, outlets={**FREE, **STATE})
    drawn_and_coded(study, 180, by=("outlet",))
    plant_predictions(study)
    study.close()
    return study.folder


@pytest.fixture
def study(press: Path, tmp_path: Path) -> Iterator[Study]:
    copy = Study.open(shutil.copytree(press, tmp_path / "study"))
    yield copy
    copy.close()


def test_errors_and_degrees_of_freedom_are_those_that_dfadjust_prints() -> None:
    """Its tests have the degrees of freedom for y = 1..10 on sin(1..10) and sin(2..11), and a printed line of a mean."""
    x = np.column_stack([np.ones(10), np.sin(np.arange(1, 11)), np.sin(np.arange(2, 12))])
    assert fit_cr2(x, np.arange(1.0, 11), np.arange(10)).df == pytest.approx(
        [4.94624731, 3.90754737, 4.77265484], abs=1e-8
    )
    y = np.arange(1.0, 101) ** 2 + np.repeat([1, 2, 3], [60, 20, 20])
    mean = fit_cr2(np.ones((100, 1)), y, np.arange(100))
    printed = [round(float(one[0])) for one in (mean.coefficients, mean.errors, mean.df)]
    assert printed == [3385, 303, 99]


def by_definition(x: np.ndarray, y: np.ndarray, clusters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each variance as a quadratic form y'Qy: its root, and tr(Q)² / tr(QQ)."""
    inverse = np.linalg.inv(x.T @ x)
    rest = np.eye(len(y)) - x @ inverse @ x.T
    rows_of = [np.flatnonzero(clusters == number) for number in np.unique(clusters)]
    roots = [fractional_matrix_power(rest[np.ix_(rows, rows)], -0.5) for rows in rows_of]
    errors, df = [], []
    for column in range(x.shape[1]):
        form = np.zeros((len(y), len(y)))
        for rows, root in zip(rows_of, roots, strict=True):
            part = np.zeros(len(y))
            part[rows] = root @ x[rows] @ inverse[:, column]
            form += np.outer(rest @ part, rest @ part)
        errors.append(np.sqrt(y @ form @ y))
        df.append(np.trace(form) ** 2 / np.trace(form @ form))
    return np.array(errors), np.array(df)


def test_clusters_of_several_rows_are_as_the_definition_has_them() -> None:
    rng = np.random.default_rng(3)
    clusters = np.repeat(np.arange(8), [2, 8, 5, 5, 5, 3, 7, 5])
    x = np.column_stack([np.ones(40), rng.normal(size=40), clusters < 3]).astype(float)
    y = rng.normal(size=40)
    fitted, (errors, df) = fit_cr2(x, y, clusters), by_definition(x, y, clusters)
    assert fitted.errors == pytest.approx(errors) and fitted.df == pytest.approx(df)


@pytest.mark.parametrize(("first", "second"), [(4, 4), (4, 8), (10, 10), (5, 20)])
def test_intervals_hold_the_difference_of_the_means(first: int, second: int) -> None:
    """Shares differ between outlets and are estimated with errors; of 1,000 runs 95 % ± 4 standard errors."""
    assert 0.922 <= outlet_groups.measure(outlet_groups.Setting(first, second, runs=1000))["coverage"] <= 0.978


def test_the_means_of_these_outlets_differ(study: Study) -> None:
    result = compare_outlets(study, GROUPS)
    assert (result.first, result.second) == (tuple(FREE), tuple(STATE)) and not result.not_compared
    one = next(row for row in result.differences if row.code == "liberation")
    shares = {row.group: row.share for row in result.estimate.shares if row.code == "liberation"}
    assert one.first_mean == pytest.approx(np.mean([shares[name] for name in FREE]))
    assert one.difference == pytest.approx(one.first_mean - one.second_mean) and one.low > 0.1 and one.p < 0.01
    assert one.low < np.mean(list(FREE.values())) - np.mean(list(STATE.values())) < one.high
    assert 4 <= one.df <= 7


def test_small_groups_are_shown_one_by_one(study: Study) -> None:
    result = compare_outlets(study, "Herald,Globe,Echo vs Courier,Times,Star,Mail")
    assert result.not_compared.startswith("3 and 4 outlets with a share") and result.differences == ()
    assert len(result.estimate.shares) == 18


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ("Herald,Globe", "has 1 groups of outlets; expected two"),
        ("Herald vs Courier vs Times", "has 3 groups of outlets; expected two"),
        ("Herald vs ", "has 2 groups of outlets; expected two"),
        ("Herald,Sun vs Courier", "'Sun' is not an outlet of this estimate; expected some of Argus"),
        ("Herald vs Herald,Courier", "Herald cannot be in both groups"),
    ],
)
def test_groups_that_cannot_be_read_are_refused_before_training(study: Study, groups: str, said: str) -> None:
    with pytest.raises(UnknownCode) as refused:
        compare_outlets(study, groups)
    assert said in str(refused.value)
    if "Sun" in groups:
        done = slantwise("estimate", "--compare", groups, cwd=study.folder)
        assert done.returncode == 2 and said in done.stderr and "training" not in done.stderr


def test_the_table_fits_80_columns_and_claims_nothing_of_other_outlets(study: Study) -> None:
    console = Console(file=StringIO(), width=80)
    show_groups(compare_outlets(study, GROUPS), console)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert max(map(len, shown.splitlines())) <= 80
    assert "first: these 4 outlets: Herald, Globe, Echo, Argus" in shown and "these outlets only" in shown


def test_the_checks_show_what_was_kept() -> None:
    lines = read_lines(outlet_groups.RESULTS)
    assert outlet_groups.table(lines) in text(ROOT / "docs" / "checks.md")
    assert [line["name"] for line in lines] == [one.name for one in outlet_groups.settings()]
    assert {line["runs"] for line in lines} == {4000}
    alike = [line["coverage"] for line in lines if line["times"] == 1]  # as CR2's degrees of freedom suppose
    assert min(alike) >= 0.94 and max(alike) <= 0.96
    assert min(line["coverage"] for line in lines) >= 0.915 and max(line["coverage"] for line in lines) <= 0.97


def test_a_code_without_a_figure_in_one_of_the_outlets_is_not_compared(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    from annotate.estimates.reliability import FigureVerdict, FigureVerdicts

    with study.store.writing() as connection:
        connection.execute(update(db.articles).where(db.articles.c.outlet == "Herald").values(language="uk"))

    def on(self: FigureVerdicts, code: str, domain: object, languages: set[str]) -> FigureVerdict:
        fails = code == "liberation" and "uk" in languages
        return FigureVerdict("fails", "no figure: the coders do not agree") if fails else FigureVerdict("relied on")

    monkeypatch.setattr(FigureVerdicts, "on", on)
    result = compare_outlets(study, GROUPS)
    assert [one.code for one in result.differences] == ["plain"] and not result.not_compared
    assert result.notes == ("liberation is not compared, since it has no figure in Herald",)
