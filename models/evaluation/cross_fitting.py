"""Cross-fitting: predictions for every coded span by a classifier trained on other outlets."""

from __future__ import annotations

import pandas as pd

from corpus.errors import NothingToLearn
from corpus.study import Study
from models.data.folds import coded_outlets, hold_out
from models.data.labelled import labelled_spans

from .held_out import OURS, ReportProgress, no_report, predict_held_out


def cross_fitted_probabilities(study: Study, *, progress: ReportProgress | None = None) -> dict[str, pd.DataFrame]:
    """Return for each single-choice variable the probabilities of its codes (coded spans, codes).

    The probabilities of a span come from the fold that held its outlet out, so the classifier has learned neither from
    its annotations nor from those of copies of its article. The folds are those that `evaluate` keeps; missing ones are
    trained. `progress` receives each step and the share of it that is done. Raises NothingToLearn if fewer than two
    outlets are coded.
    """
    data = labelled_spans(study)
    outlets = coded_outlets(data)
    if len(outlets) < 2:
        raise NothingToLearn(f"holding an outlet out needs two coded outlets; only {outlets[0]!r} is coded")
    singles = [variable for variable in study.codebook.variables if variable.kind == "single"]
    predictions = predict_held_out(study, [hold_out(data, outlet) for outlet in outlets], progress or no_report)
    (probabilities,) = predictions.probabilities[OURS]
    return {v.name: pd.DataFrame(probabilities[v.name], predictions.spans, list(v.code_names)) for v in singles}
