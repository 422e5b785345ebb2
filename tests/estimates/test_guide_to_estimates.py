"""The guide to estimates on a small study with real classifiers: its commands and its Python give the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import slantwise
from documents import ROOT, blocks, words
from town_studies import code_round, town_study

from annotate import check_robustness, compare_outlets, estimate, fit_model, plan_estimate
from corpus.annotations.cross_fitted import (
    copy_groups_of,
    cross_fitted,
    cross_fitted_version,
    fold_of,
    framed_spans,
)
from corpus.annotations.rows import add_annotations
from corpus.errors import NoEstimate
from corpus.study import Study
from models import cross_fit

GUIDES = ROOT / "docs" / "estimates.md", ROOT / "docs" / "comparisons.md"
COMMANDS = [words(line)[1:] for guide in GUIDES for block in blocks(guide, "sh") for line in block.splitlines()]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    """A study whose main round was drawn by command and is coded, with cross-fitted predictions."""
    study = town_study(tmp_path_factory.mktemp("guide") / "my-study", articles=6)
    draw = ("round", "draw", "main", "--coders", "mira,jon", "--spans", 54, "--by", "outlet", "--no-term", "0")
    assert slantwise(*draw, cwd=study.folder).returncode == 0
    code_round(study, "main")
    yield study
    study.close()


def test_the_first_estimate_predicts_every_span_by_a_model_of_other_articles(study: Study) -> None:
    said = slantwise("estimate", cwd=study.folder)
    assert said.returncode == 0, said.stderr
    assert "training 5 classifiers, each without a fifth of the articles" in said.stderr
    assert "72 spans predicted, each by a classifier that has seen no answer to it" in said.stderr
    spans = framed_spans(study)
    predictions, groups = cross_fitted(study, spans), copy_groups_of(study, spans)
    assert set(predictions["span"]) == set(spans) >= set(study.annotations()["span"])
    folds = {span: fold_of(group, study.settings.model.seed) for span, group in groups.items()}
    assert dict(zip(predictions["span"], predictions["fold"], strict=True)) == folds and len(set(folds.values())) > 2
    assert study.suggestions().empty and study.model is None  # they are no suggestions to anybody
    again = cross_fit(study)
    assert (again.scored, again.cached) == (0, 72)


def test_its_commands_run_and_say_what_the_function_returns(study: Study) -> None:
    lines = [line for line in COMMANDS if line[0] == "estimate"]  # the others: test_frozen_plan
    plans, robust = ([line for line in lines if option in line] for option in ("--plan", "--robustness"))
    assert len(lines) == 6 and len(plans) == len(robust) == 1
    said = slantwise(*plans[0], "--json", cwd=study.folder)
    assert json.loads(said.stdout) == json.loads(json.dumps(plan_estimate(study, "wording", until=5).json()))
    for line in (line for line in lines if line not in (*plans, *robust)):
        said = slantwise(*line, "--json", cwd=study.folder)
        if "--model" in line:
            model = fit_model(study, line[line.index("--model") + 1])
            assert said.returncode == 0 and json.loads(said.stdout) == json.loads(json.dumps(model.json()))
            continue
        result = estimate(study, "wording", by=line[line.index("--by") + 1])
        assert json.loads(said.stdout) == json.loads(json.dumps(result.json()))
        figures = [one.share is not None for one in result.shares]
        assert said.returncode == (0 if all(figures) else 3 if any(figures) else 2)  # months are too small for a figure


def test_its_robustness_runs_and_says_what_the_function_returns(study: Study) -> None:
    (line,) = [line for line in COMMANDS if "--robustness" in line]
    said = slantwise(*line, "--json", cwd=study.folder)
    assert said.returncode == 0, said.stderr
    result = check_robustness(study, "wording", by=line[line.index("--by") + 1])
    printed = json.loads(said.stdout)
    page = Path(printed.pop("page"))
    assert printed == json.loads(json.dumps(result.json()))
    assert "How far does it move?" in page.read_text()  # too few codes to compare


def test_two_outlets_are_no_groups_and_shown_one_by_one(study: Study) -> None:
    said = slantwise("estimate", "--compare", "Herald vs Courier", "--json", cwd=study.folder)
    result = compare_outlets(study, "Herald vs Courier")
    assert said.returncode == 3 and json.loads(said.stdout) == json.loads(json.dumps(result.json()))
    shown = slantwise("estimate", "--compare", "Herald vs Courier", cwd=study.folder).stdout
    assert "groups of outlets are not compared: 1 and 1 outlets" in shown and "Post" in shown


def test_its_python_runs(study: Study, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(study.folder.parent)
    names: dict[str, object] = {}
    for guide in GUIDES:
        for block in blocks(guide, "python"):
            exec(compile(block, guide.name, "exec"), names)
    assert "Herald, outlet" in capsys.readouterr().out


class Stopped(Exception):
    """What ends a prediction in the middle."""


def test_an_answer_more_forgets_the_predictions_that_knew_less(study: Study) -> None:
    """They are made anew, fold by fold; one that is stopped leaves those that are whole."""
    before = cross_fit(study).model
    span = next(iter(set(framed_spans(study)) - set(study.annotations()["span"])))
    add_annotations(study, [{"span": span, "variable": "mention", "code": "none", "coder": "kim"}])

    def stop(step: str, share: float) -> None:
        raise Stopped(step)

    with pytest.raises(Stopped, match="fold 1 of 5"):
        cross_fit(study, progress=stop)
    assert cross_fitted_version(study) == before and cross_fitted(study, framed_spans(study)).empty
    with pytest.raises(NoEstimate, match="72 of 72 spans have no prediction"):
        estimate(study)
