"""Anchoring: what it does to answers, and to the time they take, that coders see a suggestion; from randomised arms.

The effect is P(Y=S | shown) - P(Y=S | hidden): how much more often the answer Y is the suggestion S where S was shown.
Which arm an assignment is in was drawn by chance, and S is known in both: it was kept when the round was drawn. The
interval is Newcombe's for the difference of two shares (1998, method 10), carried over to spans that come in articles:
Wilson's intervals of both shares with as many answers as they are worth by their variance over articles, joined by
their correlation over articles (Zou and Donner 2008, Construction of confidence limits about effect measures).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import select

from annotate.rounds import frozen_suggestions, rounds
from annotate.tasks.task import prediction
from corpus.errors import NothingToCompare
from corpus.study import Study
from corpus.study import database as db

from .alpha import Floats

FEWEST = 10  # answers in each arm; with fewer the interval spans half of what is possible
BANDS = ((0.0, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.0))  # of the suggested code's probability
DRAWS = 2000  # of the bootstrap of seconds


@dataclass(frozen=True)
class Effect:
    """How much more often answers are the suggestion where it was shown: a difference of shares from -1 to 1.

    `agree` are the shares of answers equal to the suggestion, shown and hidden, `n` the answers; where there are too
    few, `effect` and `interval` are None and `why` says so.
    """

    n: tuple[int, int]
    agree: tuple[float | None, float | None]
    articles: int
    effect: float | None = None
    interval: tuple[float, float] | None = None
    why: str = ""

    @property
    def found(self) -> bool:
        """Whether the interval leaves no effect out."""
        return self.interval is not None and not self.interval[0] <= 0 <= self.interval[1]

    def json(self) -> dict[str, object]:
        """The effect as `anchoring --json` prints it."""
        return {
            "effect": self.effect,
            "interval": self.interval,
            "found": self.found,
            "shown": {"n": self.n[0], "agree": self.agree[0]},
            "hidden": {"n": self.n[1], "agree": self.agree[1]},
            "articles": self.articles,
            "why": self.why or None,
        }


@dataclass(frozen=True)
class Saved:
    """Seconds that a suggestion saves for each span: the median hidden less the median shown, with its interval."""

    n: tuple[int, int]
    medians: tuple[float | None, float | None]
    seconds: float | None = None
    interval: tuple[float, float] | None = None
    why: str = ""

    def json(self) -> dict[str, object]:
        """What is saved as `anchoring --json` prints it."""
        return {
            "seconds": self.seconds,
            "interval": self.interval,
            "shown": {"n": self.n[0], "median": self.medians[0]},
            "hidden": {"n": self.n[1], "median": self.medians[1]},
            "why": self.why or None,
        }


@dataclass(frozen=True)
class Anchoring:
    """Anchoring in one round: by variable, and within each by coder and by the suggestion's confidence."""

    round: str
    model: str
    variables: Mapping[str, Effect]
    coders: Mapping[str, Mapping[str, Effect]]
    confidence: Mapping[str, Mapping[str, Effect]]
    saved: Saved
    saved_by: Mapping[str, Saved]
    answered: Mapping[str, tuple[int, int]]  # by arm: assignments answered, of how many

    def json(self) -> dict[str, object]:
        """What `anchoring --json` prints."""
        return {
            "round": self.round,
            "model": self.model,
            "variables": {
                name: {
                    **effect.json(),
                    "coders": {coder: one.json() for coder, one in self.coders[name].items()},
                    "confidence": {band: one.json() for band, one in self.confidence[name].items()},
                }
                for name, effect in self.variables.items()
            },
            "seconds": {
                **self.saved.json(),
                "coders": {coder: one.json() for coder, one in self.saved_by.items()},
            },
            "arms": {arm: {"answered": done, "assigned": of} for arm, (done, of) in self.answered.items()},
        }


def anchoring(study: Study, name: str) -> Anchoring:
    """Return the effect of suggestions on a round's answers, and the time they save.

    Raises BadRound, and NothingToCompare where the round has one arm only or nobody has answered.
    """
    rounds.named(study, name)
    given = rounds.assignments(study, name)
    if len({one.arm for one in given}) < 2:
        raise NothingToCompare(
            f"{name} has one arm, so nothing says what suggestions do; draw a round with two: "
            "slantwise round draw NAME --coders A,B --assisted 0.5"
        )
    said, versions = _suggested(study, name)
    if not said:
        raise NothingToCompare(f"the suggestions of {name} were not kept when it was drawn; draw a new round")
    t, o, r = db.annotations.c, db.outcomes.c, db.revisions.c
    with study.store.reading() as connection:
        answers = connection.execute(select(t.span, t.variable, t.coder, t.code).where(t.round == name)).all()
        done = {
            (row.span, row.coder): row.seconds
            for row in connection.execute(
                select(o.span, o.coder, o.seconds).where(o.round == name, o.state == "answered")
            )
        }
        sent = select(db.studio_tasks.c.span, db.studio_tasks.c.coder, db.studio_tasks.c.model).where(
            db.studio_tasks.c.round == name
        )
        showed = {(row.span, row.coder): row.model for row in connection.execute(sent)}
        article = dict(
            connection.execute(select(db.spans.c.id, r.article).join(db.revisions).where(db.spans.c.id.in_(
                select(db.draws.c.span).where(db.draws.c.round == name)
            ))).tuples().all()
        )  # fmt: skip
    # whoever saw a later model's suggestion did not see the one that is compared with here
    arm = {
        (one.span, one.coder): one.arm == "assisted"
        for one in given
        if one.arm == "blind" or showed.get((one.span, one.coder)) in (None, *versions.get(one.span, ()))
    }
    rows = [
        (variable, coder, arm[span, coder], article[span], code == said[span, variable][0], said[span, variable][1])
        for span, variable, coder, code in answers
        if (span, coder) in arm and (span, variable) in said
    ]
    if not rows:
        raise NothingToCompare(f"nobody has answered {name} yet; fetch answers with: slantwise studio pull {name}")
    frame = pd.DataFrame(rows, columns=["variable", "coder", "shown", "article", "same", "sure"])
    asked = [v.name for v in study.codebook.variables if v.name in set(frame["variable"])]
    by = {variable: frame[frame["variable"] == variable] for variable in asked}
    times = pd.DataFrame(
        [
            (coder, arm[span, coder], article[span], s)
            for (span, coder), s in done.items()
            if s is not None and (span, coder) in arm
        ],
        columns=["coder", "shown", "article", "seconds"],
    )
    number = {"assisted": (0, 0), "blind": (0, 0)}
    for one in given:
        answered, of = number[one.arm]
        number[one.arm] = (answered + ((one.span, one.coder) in done), of + 1)
    coders = sorted(set(frame["coder"]))
    return Anchoring(
        name,
        ", ".join(sorted({model for models in versions.values() for model in models})),
        {v: _of(rows) for v, rows in by.items()},
        {v: {coder: _of(rows[rows["coder"] == coder]) for coder in coders} for v, rows in by.items()},
        {v: {_band(*ends): _of(_inside(rows, *ends)) for ends in BANDS} for v, rows in by.items()},
        _time(times),
        {coder: _time(times[times["coder"] == coder]) for coder in coders},
        number,
    )


def _suggested(study: Study, name: str) -> tuple[dict[tuple[str, str], tuple[str, float]], dict[str, set[str]]]:
    """Return what is shown for each span and variable where it is shown, with how sure the model is; and by which."""
    found = {}
    models: dict[str, set[str]] = {}
    for span, by_variable in frozen_suggestions.kept(study, name).items():
        for result in prediction(study.codebook, by_variable)["result"]:
            one = by_variable[result["from_name"]]
            order = study.codebook.by_name[one.variable].code_names
            codes = [code for code in order if code in result["value"]["choices"]]
            found[span, one.variable] = "|".join(codes), max(one.probabilities.values())
            models.setdefault(span, set()).add(one.model)
    return found, models


def _of(rows: pd.DataFrame) -> Effect:
    columns = (rows[name].to_numpy() for name in ("same", "shown", "article"))
    return effect(*columns)


def _inside(rows: pd.DataFrame, low: float, high: float) -> pd.DataFrame:
    return rows[(rows["sure"] >= low) & ((rows["sure"] < high) | (high == 1.0))]


def _band(low: float, high: float) -> str:
    return f"{low:.1f} to {high:.1f}"


def effect(same: npt.ArrayLike, shown: npt.ArrayLike, article: npt.ArrayLike) -> Effect:
    """Return the effect for answers as columns: whether each is the suggestion, whether that was shown, its article.

    >>> same, shown = [True] * 18 + [False] * 2 + [True] * 12 + [False] * 8, [True] * 20 + [False] * 20
    >>> found = effect(same, shown, [f"a{i % 20}" for i in range(40)])
    >>> round(found.effect, 2), [round(end, 2) for end in found.interval], found.found
    (0.3, [0.07, 0.51], True)
    >>> effect([True], [True], ["a"]).why
    '1 answers with and 0 without the suggestion; each arm needs 10'
    """
    y, arm = np.asarray(same, dtype=float), np.asarray(shown, dtype=bool)
    _, of = np.unique(np.asarray(article, dtype=object), return_inverse=True)
    articles = int(of.max(initial=-1)) + 1
    n = (int(arm.sum()), int((~arm).sum()))
    shares = tuple(float(y[which].mean()) if which.any() else None for which in (arm, ~arm))
    agree = (shares[0], shares[1])
    if min(n) < FEWEST:
        return Effect(n, agree, articles, why=_few(n, "answers"))
    if articles < 3:
        return Effect(n, agree, articles, why=f"all answers are from {articles} articles; an interval needs 3")
    p1, p0 = float(y[arm].mean()), float(y[~arm].mean())
    pulls = np.stack([np.bincount(of, (y - p) * which / which.sum(), articles) for p, which in ((p1, arm), (p0, ~arm))])
    spread = pulls @ pulls.T * articles / (articles - 1)
    (low1, high1), (low0, high0) = (
        wilson(p, _worth(p, count, float(spread[i, i])), articles - 1)
        for i, (p, count) in enumerate(((p1, n[0]), (p0, n[1])))
    )
    size = math.sqrt(spread[0, 0] * spread[1, 1])
    like = float(np.clip(spread[0, 1] / size, -1, 1)) if size > 0 else 0.0
    difference = p1 - p0
    below = (p1 - low1) ** 2 + (high0 - p0) ** 2 - 2 * like * (p1 - low1) * (high0 - p0)
    above = (high1 - p1) ** 2 + (p0 - low0) ** 2 - 2 * like * (high1 - p1) * (p0 - low0)
    ends = (difference - math.sqrt(max(0.0, below)), difference + math.sqrt(max(0.0, above)))
    return Effect(n, agree, articles, difference, ends)


def _few(n: tuple[int, int], what: str) -> str:
    return f"{n[0]} {what} with and {n[1]} without the suggestion; each arm needs {FEWEST}"


def _worth(share: float, n: int, variance: float) -> float:
    """Return how many independent answers have this variance; never more than there are."""
    return n if variance <= 0 else min(float(n), share * (1 - share) / variance)


def wilson(share: float, n: float, freedom: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share of n answers, with Student's quantile for so many degrees of freedom.

    >>> [round(end, 3) for end in wilson(0.9, 20, 10**6)]
    [0.699, 0.972]
    """
    from scipy.stats import t

    z = float(t.ppf(0.975, freedom))
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def _time(rows: pd.DataFrame) -> Saved:
    return saved(rows["seconds"].to_numpy(dtype=float), rows["shown"].to_numpy(dtype=bool), rows["article"].to_numpy())


def saved(seconds: Floats, shown: npt.NDArray[np.bool_], article: npt.ArrayLike, seed: int = 0) -> Saved:
    """Return what a suggestion saves of a coder's time, with the 2.5 and 97.5 % points of a bootstrap over articles.

    >>> times = np.array([6.0, 7, 8, 9, 5] * 4 + [9.0, 10, 11, 12, 8] * 4)
    >>> found = saved(times, np.arange(40) < 20, [f"a{i % 20}" for i in range(40)])
    >>> found.seconds, found.medians
    (3.0, (7.0, 10.0))
    """
    n = (int(shown.sum()), int((~shown).sum()))
    medians = tuple(float(np.median(seconds[which])) if which.any() else None for which in (shown, ~shown))
    both = (medians[0], medians[1])
    if min(n) < FEWEST:
        return Saved(n, both, why=_few(n, "timed answers"))
    _, of = np.unique(np.asarray(article, dtype=object), return_inverse=True)
    articles = int(of.max()) + 1
    order = np.argsort(seconds, kind="stable")
    chance = np.random.default_rng(seed)
    drawn = np.empty(DRAWS)
    for i in range(DRAWS):
        times = np.bincount(chance.integers(articles, size=articles), minlength=articles)[of][order]
        drawn[i] = _median(seconds[order], times * ~shown[order]) - _median(seconds[order], times * shown[order])
    low, high = np.nanquantile(drawn, [0.025, 0.975]).tolist()
    return Saved(n, both, float(np.median(seconds[~shown]) - np.median(seconds[shown])), (low, high))


def _median(values: Floats, times: npt.NDArray[np.int64]) -> float:
    """Return the median of sorted values, each taken so many times."""
    reach = np.cumsum(times)
    total = int(reach[-1])
    if not total:
        return math.nan
    middle = np.searchsorted(reach, [(total - 1) // 2, total // 2], side="right")
    return float(values[middle].mean())
