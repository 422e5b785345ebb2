"""Cross-fitting: what the classifier says about every coded span when it has learned from other outlets alone."""

from __future__ import annotations

import pandas as pd

from corpus.errors import NothingToLearn
from corpus.study import Study
from models.data.folds import coded_outlets, without
from models.data.labelled import labelled

from .evaluate import predict_held_out
from .held_out import OURS, ReportProgress, no_report


def cross_fitted_probabilities(study: Study, told: ReportProgress = no_report) -> dict[str, pd.DataFrame]:
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
    found = predict_held_out(study, [without(data, outlet) for outlet in outlets], told)
    (said,) = found.found[OURS]
    return {v.name: pd.DataFrame(said[v.name], found.spans, list(v.code_names)) for v in singles}
