"""Which answers count: one rule for agreement, training, evaluation, planning and everything that is shown."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from stores import rewritten

from corpus import Study
from corpus.answers import record
from corpus.errors import NothingToLearn
from models.baseline import shares
from models.dataset import labelled


@pytest.fixture
def example_study(made_example: Path, tmp_path: Path) -> Study:
    return Study.open(shutil.copytree(made_example, tmp_path / "study"))


def again(study: Study, coder: str, round: str, spans: int = 3) -> list[str]:
    """Have a coder of the example answer their first spans once more in another round; return these spans."""
    frame = study.annotations()
    mine = frame[frame["coder"] == coder]
    first = list(dict.fromkeys(mine["span"]))[:spans]
    rows = mine[mine["span"].isin(first)][["span", "variable", "code", "coder"]].to_dict("records")
    assert record(study, [("row", {**row, "round": round}) for row in rows]).refusals == []
    return first


def test_answers_under_an_earlier_version_of_the_codebook_train_nothing(example_study: Study) -> None:
    version = example_study.codebook.version
    later = rewritten(example_study, f'version: "{version}"', 'version: "99.0"')
    with pytest.raises(
        NothingToLearn, match=rf"under version 99\.0 of the codebook; there are answers under {version}"
    ):
        labelled(later)


def test_a_coder_who_codes_a_span_in_several_rounds_counts_once(example_study: Study) -> None:
    before = shares(labelled(example_study), "mention")
    again(example_study, "authors", "second")
    again(example_study, "authors", "third")
    after = shares(labelled(example_study), "mention")
    assert after.sum(axis=1).max() == pytest.approx(1)
    assert (after == before).all()
