"""Model-based shares: what a classifier expects of a group in which nothing was coded, with what it may be off.

No coded span of the group corrects such a figure. It rests on the assumption that the classifier errs in this group as
in one drawn from the same population as the coded groups. The interval is the usual one for a further observation, as
for the effect in a further study of a meta-analysis (Higgins, Thompson and Spiegelhalter 2009, A re-evaluation of
random-effects meta-analysis).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from .draws import coded_weights
from .regression import Floats
from .shares import LEVEL, Figure, Group

FEWEST_GROUPS = 4  # coded groups whose errors tell how much those of a further one may be


def model_based_share(group: Group, coded: Mapping[str, tuple[Group, float]]) -> Figure:
    """Return a code's share in a group without coded spans, from the errors in other groups with their shares.

    The share that the classifier expects of a coded group is learned without that group; its error is the difference to
    the group's estimate, and contains the uncertainty of that. Without FEWEST_GROUPS coded groups there is no figure.
    """
    if len(coded) < FEWEST_GROUPS:
        return Figure(None, None, None)
    groups = {name: one for name, (one, _) in coded.items()}
    errors = np.array(
        [
            share - expected_share(one, [other for other_name, other in groups.items() if other_name != name])
            for name, (one, share) in coded.items()
        ]
    )
    return further_share(expected_share(group, list(groups.values())), errors)


def expected_share(group: Group, coded: Sequence[Group]) -> float:
    """Return the share that the classifier expects of a group, its probabilities corrected on the coded groups.

    The correction is linear, by least squares in both probabilities, so that the codes of a question add up.
    """
    weight = np.concatenate([coded_weights(one.rounds) for one in coded])
    root = np.sqrt(weight[weight > 0])[:, None]
    observed = np.concatenate([np.column_stack([one.code, one.eligible]) for one in coded])[weight > 0]
    design = np.concatenate([_design(one) for one in coded])[weight > 0]
    plane = np.linalg.lstsq(design * root, observed * root, rcond=None)[0]
    code, eligible = (_design(group) @ plane).sum(axis=0)
    return float(np.clip(code / eligible, 0, 1)) if eligible > 0 else 0.0


def further_share(expected: float, errors: Floats) -> Figure:
    """Return the share of a further group, whose error is like the `errors` of others (groups), with its interval.

    >>> figure = further_share(0.4, np.array([0.1, -0.1, 0.05, -0.05]))
    >>> figure.share, [round(end, 2) for end in figure.interval]
    (0.4, [0.08, 0.72])
    """
    from scipy.special import stdtrit

    size = len(errors)
    share = float(np.clip(expected + errors.mean(), 0, 1))
    se = float(errors.std(ddof=1) * np.sqrt(1 + 1 / size))
    half = float(stdtrit(size - 1, (1 + LEVEL) / 2)) * se
    return Figure(share, (max(share - half, 0.0), min(share + half, 1.0)), se)


def _design(group: Group) -> Floats:
    return np.column_stack([np.ones(len(group.fold)), group.predicted_code, group.predicted_eligible])
