"""Drawing frames: which spans are open to a round, in which strata they lie, and how doubtful the model is."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sqlalchemy import select

from corpus.annotation import Design, Layout, Purpose
from corpus.codebook import Codebook
from corpus.errors import BadRound
from corpus.study import Study
from corpus.study import database as db
from corpus.study.counting import answered
from corpus.study.passages import spans_in_text
from corpus.text import terms

from .sampling import Floats, draw_units, factorize, probabilities
from .shown_suggestions import attribute_by_rule

PASSAGES = ("headline", "paragraph")  # what coders read in the layout `highlight`
EXCLUDED_BY: dict[Purpose, tuple[Purpose, ...]] = {  # whose draws a round does not draw again
    "pilot": ("pilot", "training"),
    "training": ("pilot", "training"),
    "reliability": ("reliability", "main"),
    "main": ("reliability", "main"),
    "audit": ("audit",),
}


def frame(study: Study, purpose: Purpose, layout: Layout = "unit") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the spans that are open to a round, and those that are closed to it since an earlier round drew them.

    Open is every eligible span that nobody has coded and no round of the same kind (pilot and training; reliability
    and main; audit) has drawn; to an audit those that are coded too. In the layout `highlight` it is every headline
    and paragraph that no round had in that layout. Both with the columns of `study.spans()` and `copy_group`.
    """
    spans = study.spans()
    if layout == "highlight":
        spans = spans[spans["unit"].isin(PASSAGES)]
        before = after = _drawn_spans(study, layout)
        coded: set[str] = set()
    else:
        spans = study.eligible() if len(spans) else spans
        before, after = _drawn_spans(study, layout, EXCLUDED_BY[purpose]), _drawn_spans(study, layout)
        coded = set() if purpose == "audit" else answered(study)
    groups = study.articles().set_index("article")["copy_group"]
    spans = spans.assign(copy_group=groups.reindex(spans["article"]).fillna("").to_numpy())
    spans["copy_group"] = spans["copy_group"].where(spans["copy_group"] != "", spans["article"])
    is_open = ~spans["span"].isin(before | coded)
    return spans[is_open], spans[~is_open & spans["span"].isin(after)]


def passages_without_terms(study: Study) -> pd.DataFrame:
    """Return the headlines and paragraphs without any of the codebook's terms that no round has had as a passage."""
    spans, _ = frame(study, "audit", "highlight")
    return spans[[not terms.find(study.codebook.mention_terms, text) for text in spans["text"]]]


def _drawn_spans(study: Study, layout: Layout, purposes: Sequence[str] | None = None) -> set[str]:
    r = db.rounds.c
    query = select(db.draws.c.span).join(db.rounds, r.name == db.draws.c.round).where(r.layout == layout)
    if purposes is not None:
        query = query.where(r.purpose.in_(purposes))
    with study.store.reading() as connection:
        return set(connection.execute(query).scalars())


def strata(study: Study, spans: pd.DataFrame, by: Sequence[str]) -> list[str]:
    """Return the name of each span's stratum, such as `Herald, 2024-03`. Raises BadRound for an unknown property."""
    if unknown := [name for name in by if name not in STRATUM_PROPERTIES]:
        raise BadRound(f"--by {unknown[0]}: expected one or more of {', '.join(STRATUM_PROPERTIES)}")
    columns = [STRATUM_PROPERTIES[name](study, spans) for name in by]
    return [", ".join(values) for values in zip(*columns, strict=True)] if columns else [""] * len(spans)


def _outlets(study: Study, spans: pd.DataFrame) -> list[str]:
    return spans["outlet"].tolist()


def _copies(study: Study, spans: pd.DataFrame) -> list[str]:
    members = Counter(study.articles()["copy_group"].dropna())
    return ["copied" if members.get(group, 1) > 1 else "not copied" for group in spans["copy_group"]]


def _periods(study: Study, spans: pd.DataFrame) -> list[str]:
    return [str(date)[:7] if isinstance(date, str) and date else "undated" for date in spans["date"]]


def _terms(study: Study, spans: pd.DataFrame) -> list[str]:
    book = study.codebook
    sought = _stratum_terms(book)
    found = {text: terms.first_matching_code([(term, [term]) for term in sought], text) for text in set(spans["text"])}
    return [found[text] or "no term" for text in spans["text"]]


def _stratum_terms(book: Codebook) -> Sequence[str]:
    return book.mention_terms or book.about or [term for v in book.variables for code in v.codes for term in code.terms]


def _attributions(study: Study, spans: pd.DataFrame) -> list[str]:
    """Return whose words each span is in, by rule: coders are asked, and are not told what the rule says."""
    places = spans_in_text(study, spans["span"])
    return [attribute_by_rule(study, places[span]) for span in spans["span"]]


STRATUM_PROPERTIES: dict[str, Callable[[Study, pd.DataFrame], list[str]]] = {
    "outlet": _outlets,
    "copy_group": _copies,
    "period": _periods,
    "term": _terms,
    "attribution": _attributions,
}


@dataclass(frozen=True)
class Sample:
    """A frame with the probability of each span, and the numbers of those that were drawn.

    `strata` is each one's size in the frame and in the draw; `closed` the π of spans that earlier rounds have drawn, as
    if they had not.
    """

    frame: list[str]
    pi: list[float]
    stratum: list[str]
    chosen: list[int]
    strata: dict[str, tuple[int, int]]
    closed: dict[str, float]


def draw_sample(
    study: Study, left: pd.DataFrame, closed: pd.DataFrame, n: int, design: Design, rng: np.random.Generator
) -> Sample:
    """Draw `n` spans of a frame, or one span of each of `n` copy groups, as the design says. Raises BadRound.

    A span of a copy group with m spans in the frame has the group's π divided by m; the group lies in the stratum of
    its earliest span and is as doubtful as its spans on average.
    """
    left = left.sort_values(["outlet", "date", "article", "start", "end"], na_position="first", kind="stable")
    frame, names = left["span"].tolist(), strata(study, left, design.by)
    u = np.array(doubt(study, frame)) if design.uniform is not None else None
    units = [[i] for i in range(len(frame))]
    if design.once_per_copy_group:
        order = left.reset_index(drop=True).sort_values(["date", "article", "start"], kind="stable")
        units = [list(places) for places in order.groupby("copy_group", sort=False).indices.values()]
        units = [[int(order.index[i]) for i in places] for places in units]
        units.sort()
    known, of = factorize([names[unit[0]] for unit in units])
    weight = None if u is None else np.array([u[unit].mean() for unit in units])
    try:
        pi = probabilities(
            of, n, allocation=design.allocation, least=design.least, doubt=weight, uniform=design.uniform or 1.0
        )
    except ValueError:
        floor = int(np.minimum(np.bincount(of), design.least).sum())
        raise BadRound(
            f"{n} spans do not go into {len(known)} strata by {', '.join(design.by)}, {design.least} each at least: "
            f"that takes {floor}; draw more, or stratify by less"
        ) from None
    picked = draw_units(pi, of, rng, spread=design.spread)
    chosen = [int(rng.choice(units[unit])) for unit in picked]
    of_span = np.empty(len(frame))
    for unit, share, number in zip(units, pi, of, strict=True):
        of_span[unit] = share / len(unit)
        for i in unit:
            names[i] = known[number]
    took = np.bincount(of[picked], minlength=len(known))
    sizes = np.bincount(of, minlength=len(known))
    return Sample(
        frame,
        of_span.tolist(),
        names,
        chosen,
        {name: (int(size), int(take)) for name, size, take in zip(known, sizes, took, strict=True)},
        _probabilities_if_open(study, closed, left, of_span, names, u, design),
    )


def _probabilities_if_open(
    study: Study,
    closed: pd.DataFrame,
    left: pd.DataFrame,
    pi: Floats,
    names: Sequence[str],
    u: Floats | None,
    design: Design,
) -> dict[str, float]:
    """Return which π the design would have given to spans that earlier rounds drew: that of its stratum's like.

    At random it is the π of the stratum, by doubt that of the stratum's span with the nearest doubt.
    """
    found = {}
    stratum = np.array(names, dtype=object)
    theirs = strata(study, closed, design.by)
    own = doubt(study, [*left["span"], *closed["span"]])[len(left) :] if u is not None and len(closed) else []
    for i, (span, name) in enumerate(zip(closed["span"], theirs, strict=True)):
        inside = np.flatnonzero(stratum == name)
        if len(inside):
            like = inside[np.abs(u[inside] - own[i]).argmin()] if u is not None else None
            found[str(span)] = float(pi[inside].mean() if like is None else pi[like])
    return found


def doubt(study: Study, spans: Sequence[str]) -> list[float]:
    """Return how doubtful the current model is of each span: the mean over variables of the entropy, from 0 to 1.

    A span that the model has not scored gets the mean of the others. Raises BadRound where it has scored none.
    """
    wanted = set(spans)
    kinds = {variable.name: variable.kind for variable in study.codebook.variables}
    of: dict[str, list[float]] = {}
    rows = study.suggestions()
    for span, variable, found in zip(rows["span"], rows["variable"], rows["probabilities"], strict=True):
        if span in wanted and variable in kinds:
            of.setdefault(span, []).append(_entropy(found.values(), several=kinds[variable] == "multiple"))
    if not of:
        raise BadRound("the model has scored none of these spans; first: slantwise suggest (and before it: train)")
    means = {span: sum(values) / len(values) for span, values in of.items()}
    middle = sum(means.values()) / len(means)
    return [means.get(span, middle) for span in spans]


def _entropy(chances: Collection[float], several: bool = False) -> float:
    """Return the entropy of a distribution as a share of the greatest; of several codes the mean of each one's.

    >>> _entropy([0.5, 0.5]), _entropy([1.0, 0.0]), round(_entropy([0.5, 1.0], several=True), 2)
    (1.0, 0.0, 0.5)
    """
    found = list(chances)
    if several:
        return sum(_entropy([p, 1 - p]) for p in found) / len(found)
    return 0.0 - sum(p * math.log(p) for p in found if p > 0) / math.log(len(found)) if len(found) > 1 else 0.0
