"""Draw the spans of a round and assign them to coders, blind or assisted, with their probabilities."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from numbers import Integral, Real
from typing import TYPE_CHECKING, get_args

from corpus.annotation import Arm, Assignment, Design, Draw, Layout, Purpose, Round, Suggestion
from corpus.articles.spans import respan
from corpus.errors import BadRound
from corpus.study import Study
from corpus.study import database as db
from corpus.study.history.log import logged

from . import frozen_suggestions, shown_suggestions
from .again import draw_own_spans, draws_and_assignments
from .frame import draw_sample, frame, passages_without_terms
from .progress import DrawnRound, summary
from .rounds import WITHOUT_TERMS, check_name, coder_names, draws, utc_now
from .sampling import Allocation, assign_coders

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

AT_RANDOM = Design()
NO_TERM = 0.1  # passages without any term drawn with a main round of mentions, as a share of its spans


@logged("round draw")
def draw(
    study: Study,
    name: str,
    coders: str | Iterable[str],
    *,
    spans: int | None = None,
    purpose: Purpose = "main",
    design: Design = AT_RANDOM,
    seed: int | None = None,
) -> DrawnRound:
    """Draw a round: select its spans, assign them to coders (`["mira", "jon"]` or `"mira,jon"`) and store it.

    The sampling frame is every span that is open to the round (`frame`). All of it is drawn, or `spans` of it without
    replacement, as the `design` says. A main round of mentions also gets the round NAME.no-term: passages without the
    codebook's terms, where coders mark what the terms missed. The same study, name and seed draw the same round.

    With `Design(again=14)` each coder gets 50 of the own spans, or `spans` of them, that are at least 14 days old, to
    be coded again blind: an audit, whose answers `agree` compares with the coder's first ones. Raises BadRound.
    """
    names = coder_names(coders)
    check_design(design)
    for argument, value in (("spans", spans), ("seed", seed)):
        if value is not None and not _is_whole(value):
            raise BadRound("expected a whole number", **{argument: value})
    if seed is not None and abs(seed) >= 2**63:  # what databases store
        raise BadRound("expected a number of at most 18 digits", seed=seed)
    check_name(study, name)
    respan(study)
    with study.store.writing():  # nobody else draws, and a round is never without its term audit
        check_name(study, name)
        respan(study)  # of what others have added meanwhile
        drawn_round = _planned(study, name, purpose if design.again is None else "audit", design, seed)
        if design.again is not None:
            _draw_again(study, drawn_round, names, spans, design)
            return DrawnRound(**vars(summary(study, name)), no_term=None)
        share = _share_without_terms(study, purpose, design)
        if share:
            check_name(study, f"{name}{WITHOUT_TERMS}")  # fails before anything is drawn
        _check(study, drawn_round, names, design)
        frames = frame(study, purpose, design.layout)
        drawn_round = _draw(study, drawn_round, names, frames, spans, replace(design, no_term=share))
        without_terms = draw_without_terms(study, drawn_round, names, share) if share else None
    audit = summary(study, without_terms.name) if without_terms else None
    return DrawnRound(**vars(summary(study, name)), no_term=audit)


def _draw_again(study: Study, planned: Round, coders: Sequence[str], spans: int | None, design: Design) -> None:
    """Draw and store a round of each coder's own spans."""
    _check(study, planned, coders, design)
    if design != Design(again=design.again, cap=design.cap):
        raise BadRound("it draws each coder's own spans, at random and blind; leave out other options of the design")
    own = draw_own_spans(study, coders, design.again or 0, spans, _generator(planned.name, planned.seed))
    drawn, assigned = draws_and_assignments(planned.name, own)
    every = [one.span for one in drawn]
    design_row = {
        "round": planned.name, "design": json.dumps(asdict(design)), "strata": "{}", "model": None, "beside": "",
        "pi": json.dumps([one.pi for one in drawn]), "closed": "{}",
    }  # fmt: skip
    with study.store.writing() as connection:
        row = asdict(replace(planned, frame=len(every))) | {"frame": json.dumps(every)}
        db.put(connection, db.rounds, [row])
        db.put(connection, db.round_designs, [design_row])
        db.put(connection, db.draws, map(asdict, drawn))
        db.put(connection, db.assignments, map(asdict, assigned))


def draw_without_terms(study: Study, main_round: Round, coders: Sequence[str], share: float) -> Round | None:
    """Draw the term audit of a round: passages without codebook terms, `share` times as many as the round has spans.

    Coders mark in them what the terms missed (layout `highlight`). Returns None if no such passage is left.
    """
    name, design = f"{main_round.name}{WITHOUT_TERMS}", Design(layout="highlight", no_term=0.0)
    audit = _planned(study, name, "audit", design, main_round.seed)
    _check(study, audit, coders, design)
    passages = passages_without_terms(study)
    if not len(passages):
        return None
    size = min(len(passages), max(1, round_half_up(share * len(draws(study, main_round.name)))))
    return _draw(study, audit, coders, (passages, passages[:0]), size, design, main_round.name)


def _planned(study: Study, name: str, purpose: Purpose, design: Design, seed: int | None) -> Round:
    """Return the round that is to be drawn; the size of its frame is not known yet."""
    seed = study.settings.model.seed if seed is None else seed
    made_at = utc_now("milliseconds")  # by which rounds are ordered, also those drawn within one second
    return Round(name, purpose, design.layout, study.codebook.version, design.assisted, seed, made_at, 0)


def _share_without_terms(study: Study, purpose: Purpose, design: Design) -> float:
    """Return the number of passages without terms to draw, as a share of the round's spans."""
    book = study.codebook
    if design.no_term is None:
        of_mentions = design.layout == "unit" and book.unit == "mention" and bool(book.mention_terms)
        return NO_TERM if purpose == "main" and of_mentions else 0.0
    if not 0 <= design.no_term <= 1 or (design.no_term and not book.mention_terms):
        raise BadRound("expected a share from 0 to 1, and a codebook with terms", no_term=design.no_term)
    return design.no_term


def _draw(
    study: Study,
    planned: Round,
    coders: Sequence[str],
    frames: tuple[pd.DataFrame, pd.DataFrame],
    spans: int | None,
    design: Design,
    beside: str = "",
) -> Round:
    """Draw from the open spans (the first of `frames`; the second are closed), and store the round."""
    available, closed = frames
    if not len(available):
        raise BadRound("no spans are left to draw: every eligible span is already coded or drawn; add articles first")
    units = available["copy_group"].nunique() if design.once_per_copy_group else len(available)
    if spans is not None and not 0 < spans <= units:
        raise BadRound(f"expected 1 to {units}, the number of spans that can be drawn", spans=spans)
    name, rng = planned.name, _generator(planned.name, planned.seed)
    sample = draw_sample(study, available, closed, spans or units, design, rng)
    chosen = [sample.frame[i] for i in rng.permutation(sample.chosen)]
    index = {span: i for i, span in enumerate(sample.frame)}
    drawn_spans = [
        Draw(name, span, position, sample.pi[index[span]], sample.stratum[index[span]])
        for position, span in enumerate(chosen)
    ]
    coders_of_draw = assign_coders(len(chosen), len(coders), design.overlap, design.overlap_by == "two", rng)
    assigned = []
    for number, coder in enumerate(coders):
        own_spans = [span for span, numbers in zip(chosen, coders_of_draw, strict=True) if number in numbers]
        assigned += assign_arms(name, own_spans, coder, design.assisted, rng)
    suggestions = _suggestions_or_refuse(study, chosen) if design.assisted else {}
    design_row = {
        "round": name, "design": json.dumps(asdict(design)), "strata": json.dumps(sample.strata),
        "model": study.model if design.uniform is not None else None, "beside": beside,
        "pi": json.dumps(sample.pi), "closed": json.dumps(sample.closed),
    }  # fmt: skip
    drawn_round = replace(planned, frame=len(sample.frame))
    with study.store.writing() as connection:
        db.put(connection, db.rounds, [asdict(drawn_round) | {"frame": json.dumps(sample.frame)}])
        db.put(connection, db.round_designs, [design_row])
        db.put(connection, db.draws, map(asdict, drawn_spans))
        db.put(connection, db.assignments, map(asdict, assigned))
        frozen_suggestions.store(connection, name, suggestions)
    return drawn_round


def assign_arms(
    round: str, spans: Sequence[str], coder: str, share: float, rng: np.random.Generator
) -> list[Assignment]:
    """Assign the spans to a coder, a random `share` of them (rounded to whole spans) in the assisted arm.

    The probability of an arm is the share of spans it actually received, so weights based on it are exact. Unless the
    share is 1, one span at least is blind, so that every span can be coded blind.

    >>> import numpy as np
    >>> given = assign_arms("pilot", ["a", "b", "c", "d"], "mira", 0.25, np.random.default_rng(1))
    >>> sorted((assignment.arm, assignment.probability) for assignment in given)
    [('assisted', 0.25), ('blind', 0.75), ('blind', 0.75), ('blind', 0.75)]
    """
    if not spans:
        return []
    number = min(round_half_up(share * len(spans)), len(spans) - (share < 1))
    assisted = set(rng.permutation(len(spans))[:number].tolist())
    probability: dict[Arm, float] = {"assisted": number / len(spans), "blind": 1 - number / len(spans)}
    arms: list[Arm] = ["assisted" if i in assisted else "blind" for i in range(len(spans))]
    return [Assignment(round, span, coder, arm, probability[arm]) for span, arm in zip(spans, arms, strict=True)]


def round_half_up(number: float) -> int:
    """Round to the next whole number.

    >>> round_half_up(2.5), round_half_up(0.4)
    (3, 0)
    """
    return int(number + 0.5)


def check_design(design: Design) -> None:
    """Raise BadRound if it is not a Design, or has words where numbers belong; `_check` checks their size."""
    if not isinstance(design, Design):
        raise BadRound("expected one such as corpus.annotation.Design(by='outlet', overlap=0.2)", design=design)
    for name in ("uniform", "overlap", "assisted", "no_term"):
        value = getattr(design, name)
        if value is not None and (not isinstance(value, Real) or isinstance(value, bool)):
            raise BadRound("expected a share from 0 to 1, such as 0.2", **{name: value})
    for name in ("least", "cap", "again"):
        if (value := getattr(design, name)) is not None and not _is_whole(value):
            raise BadRound("expected a whole number", **{name: value})


def _is_whole(value: object) -> bool:
    """Return whether a value is a whole number, Python's or NumPy's; True and False are not."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def _check(study: Study, planned: Round, coders: Sequence[str], design: Design) -> None:
    check_name(study, planned.name)
    if not 0 <= design.assisted <= 1:
        raise BadRound("expected a share from 0 to 1, such as 0.2", assisted=design.assisted)
    if planned.purpose not in get_args(Purpose):
        raise BadRound(
            f"this is not a purpose; expected one of {', '.join(get_args(Purpose))}", purpose=planned.purpose
        )
    if design.layout not in get_args(Layout):
        raise BadRound(f"this is not a layout; expected {' or '.join(get_args(Layout))}", layout=design.layout)
    if design.layout == "highlight" and design.assisted:
        raise BadRound("the layout highlight shows no suggestions; expected 0", assisted=design.assisted)
    if design.layout == "highlight" and (design.by or design.uniform is not None):
        raise BadRound("it draws passages at random; leave out strata and the model's doubt", layout=design.layout)
    if not 0 <= design.overlap <= 1:
        raise BadRound("expected a share from 0 to 1, such as 0.2", overlap=design.overlap)
    if design.overlap_by not in ("all", "two"):
        raise BadRound("expected all or two", overlap_by=design.overlap_by)
    if design.overlap_by == "two" and len(coders) < 2:
        raise BadRound("found one coder; expected two or more", overlap_by=design.overlap_by)
    if design.allocation not in get_args(Allocation):
        raise BadRound(f"expected {' or '.join(get_args(Allocation))}", allocation=design.allocation)
    if design.least < 1:
        raise BadRound("expected 1 or more, since a stratum without draws cannot be estimated", least=design.least)
    if design.uniform is not None and not 0 < design.uniform <= 1:
        raise BadRound("expected more than 0, up to 1, so that every span can be drawn", uniform=design.uniform)
    if design.again is not None and design.again < 1:
        raise BadRound("expected 1 day or more, such as 14", again=design.again)
    if design.cap is not None and design.cap < 1:
        raise BadRound("expected 1 or more spans a day", cap=design.cap)


def _suggestions_or_refuse(study: Study, spans: Sequence[str]) -> dict[str, dict[str, Suggestion]]:
    """Return the suggestions of both arms. Raises BadRound if a span has none."""
    suggestions = shown_suggestions.suggestions(study, spans)
    if missing := set(spans) - set(suggestions):
        raise BadRound(
            f"{len(missing)} spans of a round with an assisted arm have no suggestion of the current model; "
            "make them first: slantwise suggest (without a model: slantwise train)"
        )
    return suggestions


def _generator(name: str, seed: int) -> np.random.Generator:
    import numpy as np

    return np.random.default_rng(int.from_bytes(hashlib.sha256(f"{seed}\n{name}".encode()).digest()[:8]))
