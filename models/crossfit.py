"""Cross-fitting: what the classifier says about every coded span when it has learned from other outlets alone."""

from __future__ import annotations

import pandas as pd

from corpus.errors import NothingToLearn
from corpus.study import Study

from .dataset import labelled
from .evaluate import Told, _quiet, held_out
from .folds import coded_outlets, hold_out


def crossfitted(study: Study, told: Told = _quiet) -> dict[str, pd.DataFrame]:
    """Return for each single-choice variable the probabilities of its codes (coded spans, codes).

    The probabilities of a span come from the fold that held its outlet out, so that no coder's answer to it, nor to a
    copy of its article, has taught them. The folds are those that `evaluate` keeps; missing ones are trained. `told`
    hears what is being done and the share of it. Raises NothingToLearn where fewer than two outlets are coded.
    """
    data = labelled(study)
    outlets = coded_outlets(data)
    if len(outlets) < 2:
        raise NothingToLearn(f"holding an outlet out needs two coded outlets; only {outlets[0]!r} is coded")
    singles = [variable for variable in study.codebook.variables if variable.kind == "single"]
    frames: dict[str, list[pd.DataFrame]] = {variable.name: [] for variable in singles}
    for outlet in outlets:
        parts = hold_out(data, outlet)
        found = held_out(study, outlet, parts, told)
        spans = list(parts["test"]["span"])
        for variable in singles:
            frames[variable.name].append(pd.DataFrame(found[variable.name], spans, list(variable.code_names)))
    return {name: pd.concat(rows) for name, rows in frames.items()}
