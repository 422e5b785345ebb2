"""The sampling frame of a round: its open spans, their strata and the model's doubt about them."""

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
from corpus.study import Study, dataframes
from corpus.study import database as db
from corpus.study.counting import answered_spans
from corpus.study.passages import spans_in_text
from corpus.text import terms

from .sampling import Floats, draw_units, factorize, probabilities
from .shown_suggestions import attribute_by_rule

PASSAGES = ("headline", "paragraph")  # the passages of the layout `highlight`
EXCLUDED_BY: dict[Purpose, tuple[Purpose, ...]] = {  # a round does not draw again what rounds of these purposes drew
    "pilot": ("pilot", "training"),
    "training": ("pilot", "training"),
    "reliability": ("reliability", "main"),
    "main": ("reliability", "main"),
    "audit": ("audit",),
}


def frame(study: Study, purpose: Purpose, layout: Layout = "unit") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the spans that are open to a round, and those that are closed because an earlier round drew them.

    A span is open if it is eligible, which it is not in a cut text, nobody has coded it (audits ignore this) and no
    round of the same kind has drawn it; the kinds are pilot and training, reliability and main, audit. In the layout
    `highlight` every headline and paragraph is open that no round has drawn in that layout. Both frames have the
    columns of `study.spans()` and `copy_group`.
    """
    spans = study.spans()
    if layout == "highlight":
        spans = dataframes.counted(study.store, spans)
        spans = spans[spans["unit"].isin(PASSAGES)]
        excluded = drawn = _drawn_spans(study, layout)
        coded: set[str] = set()
    else:
        spans = study.eligible() if len(spans) else spans
        excluded, drawn = _drawn_spans(study, layout, EXCLUDED_BY[purpose]), _drawn_spans(study, layout)
        coded = set() if purpose == "audit" else answered_spans(study)
    groups = study.articles().set_index("article")["copy_group"]
    spans = spans.assign(copy_group=groups.reindex(spans["article"]).fillna("").to_numpy())
    spans["copy_group"] = spans["copy_group"].where(spans["copy_group"] != "", spans["article"])
    is_open = ~spans["span"].isin(excluded | coded)
    return spans[is_open], spans[~is_open & spans["span"].isin(drawn)]


def passages_without_terms(study: Study) -> pd.DataFrame:
    """Return the headlines and paragraphs without any of the codebook's terms that no round has drawn as a passage."""
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
        raise BadRound(f"expected one or more of {', '.join(STRATUM_PROPERTIES)}", by=unknown[0])
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
    wanted = _stratum_terms(book)
    term_of = {
        text: terms.first_matching_code([(term, [term]) for term in wanted], text) for text in set(spans["text"])
    }
    return [term_of[text] or "no term" for text in spans["text"]]


def _stratum_terms(book: Codebook) -> Sequence[str]:
    return book.mention_terms or book.about or [term for v in book.variables for code in v.codes for term in code.terms]


def _attributions(study: Study, spans: pd.DataFrame) -> list[str]:
    """Return the attribution of each span by rule; coders answer the same question without seeing the rule's answer."""
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
    """A sampling frame with the inclusion probability of each span, and the indices of the drawn spans (`chosen`).

    `strata` maps each stratum to its size in the frame and in the draw. `closed` maps the spans that earlier rounds
    drew to the π that they would have had here.
    """

    frame: list[str]
    pi: list[float]
    stratum: list[str]
    chosen: list[int]
    strata: dict[str, tuple[int, int]]
    closed: dict[str, float]


def draw_sample(
    study: Study, available: pd.DataFrame, closed: pd.DataFrame, n: int, design: Design, rng: np.random.Generator
) -> Sample:
    """Draw `n` spans of a frame, or one span of each of `n` copy groups, as the design says. Raises BadRound.

    A span of a copy group with m spans in the frame has the group's π divided by m; the group belongs to the stratum
    of its earliest span and its doubt is the mean of its spans'.
    """
    available = available.sort_values(["outlet", "date", "article", "start", "end"], na_position="first", kind="stable")
    frame, names = available["span"].tolist(), strata(study, available, design.by)
    doubts = np.array(doubt(study, frame)) if design.uniform is not None else None
    units = [[i] for i in range(len(frame))]
    if design.once_per_copy_group:
        order = available.reset_index(drop=True).sort_values(["date", "article", "start"], kind="stable")
        units = [list(places) for places in order.groupby("copy_group", sort=False).indices.values()]
        units = [[int(order.index[i]) for i in places] for places in units]
        units.sort()
    stratum_names, stratum_of = factorize([names[unit[0]] for unit in units])
    unit_doubt = None if doubts is None else np.array([doubts[unit].mean() for unit in units])
    try:
        u = design.uniform or 1.0
        pi = probabilities(stratum_of, n, allocation=design.allocation, least=design.least, doubt=unit_doubt, uniform=u)
    except ValueError:
        floor = int(np.minimum(np.bincount(stratum_of), design.least).sum())
        raise BadRound(
            f"{n} spans cannot be divided among {len(stratum_names)} strata by {', '.join(design.by)}, "
            f"at least {design.least} each: {floor} are needed; draw more, or stratify by fewer properties"
        ) from None
    picked = draw_units(pi, stratum_of, rng, spread=design.spread)
    chosen = [int(rng.choice(units[unit])) for unit in picked]
    span_pi = np.empty(len(frame))
    for unit, share, number in zip(units, pi, stratum_of, strict=True):
        span_pi[unit] = share / len(unit)
        for i in unit:
            names[i] = stratum_names[number]
    drawn = np.bincount(stratum_of[picked], minlength=len(stratum_names))
    sizes = np.bincount(stratum_of, minlength=len(stratum_names))
    return Sample(
        frame,
        span_pi.tolist(),
        names,
        chosen,
        {name: (int(size), int(take)) for name, size, take in zip(stratum_names, sizes, drawn, strict=True)},
        _probabilities_if_open(study, closed, available, span_pi, names, doubts, design),
    )


def _probabilities_if_open(
    study: Study,
    closed: pd.DataFrame,
    available: pd.DataFrame,
    pi: Floats,
    names: Sequence[str],
    doubts: Floats | None,
    design: Design,
) -> dict[str, float]:
    """Return the π that the design would have given to spans that earlier rounds drew.

    For random draws it is the mean π of the stratum, for draws by doubt that of the stratum's span with the nearest
    doubt.
    """
    probabilities = {}
    stratum = np.array(names, dtype=object)
    closed_strata = strata(study, closed, design.by)
    closed_doubts: Sequence[float] = []
    if doubts is not None and len(closed):
        closed_doubts = doubt(study, [*available["span"], *closed["span"]])[len(available) :]
    for i, (span, name) in enumerate(zip(closed["span"], closed_strata, strict=True)):
        members = np.flatnonzero(stratum == name)
        if len(members):
            nearest = members[np.abs(doubts[members] - closed_doubts[i]).argmin()] if doubts is not None else None
            probabilities[str(span)] = float(pi[members].mean() if nearest is None else pi[nearest])
    return probabilities


def doubt(study: Study, spans: Sequence[str]) -> list[float]:
    """Return the current model's doubt about each span: the mean entropy over its variables, from 0 to 1.

    A span that the model has not scored gets the mean of the others. Raises BadRound if none is scored.
    """
    wanted = set(spans)
    kinds = {variable.name: variable.kind for variable in study.codebook.variables}
    entropies: dict[str, list[float]] = {}
    rows = study.suggestions()
    for span, variable, by_code in zip(rows["span"], rows["variable"], rows["probabilities"], strict=True):
        if span in wanted and variable in kinds:
            entropies.setdefault(span, []).append(_entropy(by_code.values(), several=kinds[variable] == "multiple"))
    if not entropies:
        raise BadRound(
            "the model has scored none of these spans; first: slantwise suggest (without a model: slantwise train)"
        )
    means = {span: sum(values) / len(values) for span, values in entropies.items()}
    average = sum(means.values()) / len(means)
    return [means.get(span, average) for span in spans]


def _entropy(chances: Collection[float], several: bool = False) -> float:
    """Return the entropy of a distribution, divided by its maximum; for `several` codes the mean of their entropies.

    >>> _entropy([0.5, 0.5]), _entropy([1.0, 0.0]), round(_entropy([0.5, 1.0], several=True), 2)
    (1.0, 0.0, 0.5)
    """
    values = list(chances)
    if several:
        return sum(_entropy([p, 1 - p]) for p in values) / len(values)
    return 0.0 - sum(p * math.log(p) for p in values if p > 0) / math.log(len(values)) if len(values) > 1 else 0.0
