"""Doubtful answers: what a model that has not seen them finds implausible comes first, and can be coded again."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import slantwise
from sqlalchemy import update

import annotate
from annotate.adjudication.label_errors import rank_doubtful
from annotate.rounds.hand_picked import make_round
from annotate.rounds.progress import summary
from corpus import Study
from corpus.annotations.rows import add_annotations
from corpus.errors import BadRound, NothingToLearn, NotInstalled
from corpus.study import database as db
from models.classifiers.tfidf import TfidfClassifier
from models.evaluation.cross_fitting import cross_fitted_probabilities

PLANTED = 25


class Quick(TfidfClassifier):
    """In the classifier's place: what is asked here is who is ranked by what, not how good the model is."""

    fits = 0

    @classmethod
    def for_study(cls, study: Study) -> Quick:
        return cls(study.codebook)

    def fit(self, data, progress=None):  # type: ignore[no-untyped-def]
        Quick.fits += 1
        return super().fit(data)


@pytest.fixture(scope="module")
def wronged(example_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Study, set[str]]]:
    """The example study with one coder of three who gave some spans another wording than all, and which spans."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("models.classifiers.span_classifier.SpanClassifier", Quick)
        patch.setattr("models.evaluation.faithfulness.deletion_drops", lambda classifier, data, variable: [])
        study = Study.open(shutil.copytree(example_folder, tmp_path_factory.mktemp("wronged") / "study"))
        answers = study.annotations().query("variable == 'wording' and coder == 'authors'")
        chance = np.random.default_rng(5)
        chosen = answers.iloc[chance.permutation(len(answers))[:PLANTED]]
        names = study.codebook.by_name["wording"].code_names
        t = db.annotations.c
        with study.store.writing() as connection:
            connection.execute(db.annotations.delete().where(t.variable.not_in(["mention", "wording"])))  # to be quick
            for span, code in chosen[["span", "code"]].itertuples(index=False):
                other = [name for name in names if name != code]
                key = (t.span == span) & (t.variable == "wording") & (t.coder == "authors")
                connection.execute(update(db.annotations).where(key).values(code=other[chance.integers(len(other))]))
        yield study, set(chosen["span"])
        study.store.close()


def said(study: Study, *words: object) -> dict[str, Any]:
    done = slantwise(*words, "--json", cwd=study.folder)
    assert done.returncode == 0, (words, done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_planted_errors_are_ranked_far_above_other_answers(wronged: tuple[Study, set[str]]) -> None:
    study, planted = wronged
    found = rank_doubtful(study, cross_fitted_probabilities(study))
    mine = found.rows[(found.rows["variable"] == "wording") & (found.rows["coder"] == "authors")]
    first = mine["span"].head(PLANTED)
    every = (study.annotations().query("variable == 'wording' and coder == 'authors'"))["span"].nunique()
    assert first.isin(planted).mean() > 5 * PLANTED / every  # at random as many as their share
    assert mine["span"].isin(planted).sum() > 0.8 * PLANTED  # and nearly all are found
    assert (found.rows["quality"] < 0.5).all() and found.rows["quality"].is_monotonic_increasing
    assert (found.rows["likelier_probability"] > found.rows["probability"]).all()


def test_each_span_is_judged_by_the_fold_that_held_its_outlet_out_and_folds_are_kept(
    wronged: tuple[Study, set[str]],
) -> None:
    study, _ = wronged
    first = cross_fitted_probabilities(study)
    fits = Quick.fits
    again = cross_fitted_probabilities(study)
    assert Quick.fits == fits and all((first[name] == again[name]).all(axis=None) for name in first)
    answers = study.annotations()
    assert set(first["wording"].index) == set(answers["span"]) and first["wording"].index.is_unique
    assert list(first["wording"].columns) == list(study.codebook.by_name["wording"].code_names)
    from models.evaluation.evaluate import evaluate

    evaluate(study, ["Free Marn"])
    assert Quick.fits == fits  # what evaluate needs is there


def test_the_command_names_doubtful_answers_and_makes_an_audit_round(
    wronged: tuple[Study, set[str]],
) -> None:
    """Each with its coder, its passage and the probabilities."""
    study, _ = wronged
    found = said(study, "doubtful", "--spans", 8, "--round", "recheck", "--coders", "mira,jon")
    assert found["answers"] > found["implausible"] > 8 and len({row["span"] for row in found["doubtful"]}) == 8
    row = found["doubtful"][0]
    words = study.spans().set_index("span").loc[row["span"], "text"]
    assert row["passage"][row["start"] : row["end"]] == words and row["coder"] and row["code"] != row["likelier"]
    assert row["likelier_probability"] > row["probability"] and found["simulated_coders"] != []
    again = annotate.find_doubtful(study, cross_fitted_probabilities(study), spans=8)
    assert found == {**json.loads(json.dumps(again.json())), "round": "recheck"}
    assert list(again.table()["span"].unique()) == again.spans
    drawn = summary(study, "recheck")
    assert (drawn.purpose, drawn.spans, drawn.frame, set(drawn.coders)) == ("audit", 8, 8, {"mira", "jon"})
    table = slantwise("doubtful", "--spans", 3, cwd=study.folder)
    assert (
        table.returncode == 0
        and "the model" in table.stdout
        and "They may still be right" in " ".join(table.stderr.split())
    )


def test_answers_of_a_chosen_round_have_no_inclusion_probability(example_study: Study) -> None:
    study = example_study
    spans = list(study.annotations()["span"].drop_duplicates().head(3))
    make_round(study, "recheck", spans, ["mira"])
    row = {"span": spans[0], "variable": "mention", "code": "none", "coder": "mira", "round": "recheck"}
    assert add_annotations(study, [row]).refusals == []
    answers = study.annotations()
    assert answers[answers["round"] == "recheck"]["pi"].isna().all()
    with pytest.raises(BadRound, match="exists already"):
        make_round(study, "recheck", spans, ["mira"])
    with pytest.raises(BadRound, match="the list of spans is empty"):
        make_round(study, "empty", [], ["mira"])


def test_what_is_missing_is_said_plainly(example_study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    study = example_study
    alone = slantwise("doubtful", "--round", "x", cwd=study.folder)
    assert alone.returncode == 2 and "--round x: give the coders of the round as well" in " ".join(alone.stderr.split())
    with study.store.writing() as connection:
        kept = study.annotations().query("outlet == 'Free Marn'")["span"].unique().tolist()
        connection.execute(db.annotations.delete().where(db.annotations.c.span.not_in(kept)))
    with pytest.raises(NothingToLearn, match="needs two coded outlets; only 'Free Marn' is coded"):
        cross_fitted_probabilities(study)
    monkeypatch.setitem(sys.modules, "cleanlab.rank", None)
    with pytest.raises(NotInstalled, match="pip install cleanlab"):
        rank_doubtful(study, {})
