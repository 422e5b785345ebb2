"""Draw the spans of a round and assign them to coders, blind or assisted, with their probabilities."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, get_args

from corpus.annotation import Arm, Assignment, Design, Draw, Layout, Purpose, Round, Suggestion
from corpus.errors import BadRound
from corpus.study import Study
from corpus.study import database as db

from . import frozen_suggestions, shown_suggestions
from .frame import draw_sample, frame, passages_without_terms
from .rounds import WITHOUT_TERMS, check_coders, check_name, draws, utc_now
from .sampling import Allocation, assign_coders

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

AT_RANDOM = Design()


def draw(
    study: Study,
    name: str,
    coders: Sequence[str],
    *,
    spans: int | None = None,
    assisted: float = 0.0,
    purpose: Purpose = "main",
    layout: Layout = "unit",
    seed: int | None = None,
    design: Design = AT_RANDOM,
) -> Round:
    """Draw a round and store it with its frame, design, draws and assignments.

    The sampling frame is every span that is open to the round (`frame`). All of it is drawn, or `spans` of it without
    replacement, as the `design` says. The same study, name and seed draw the same round. Raises BadRound.
    """
    _check(study, name, coders, assisted, purpose, layout, design)
    if layout == "highlight" and (design.by or design.uniform is not None):
        raise BadRound("the layout highlight draws passages at random; draw it without --by and --doubt")
    return _draw(study, name, coders, *frame(study, purpose, layout), spans, assisted, purpose, layout, seed, design)


def draw_without_terms(study: Study, main_round: Round, coders: Sequence[str], share: float) -> Round | None:
    """Draw the term audit of a round: passages without codebook terms, `share` times as many as the round has spans.

    Coders mark in them what the terms missed (layout `highlight`). Returns None if no such passage is left.
    """
    main, seed = main_round.name, main_round.seed
    name = f"{main}{WITHOUT_TERMS}"
    _check(study, name, coders, 0.0, "audit", "highlight", AT_RANDOM)
    passages = passages_without_terms(study)
    size = min(len(passages), max(1, round_half_up(share * len(draws(study, main)))))
    if not len(passages):
        return None
    nothing = passages[:0]
    return _draw(study, name, coders, passages, nothing, size, 0.0, "audit", "highlight", seed, AT_RANDOM, main)


def _draw(
    study: Study,
    name: str,
    coders: Sequence[str],
    available: pd.DataFrame,
    closed: pd.DataFrame,
    spans: int | None,
    assisted: float,
    purpose: Purpose,
    layout: Layout,
    seed: int | None,
    design: Design,
    main_round: str = "",
) -> Round:
    if not len(available):
        raise BadRound("no spans are left to draw: every eligible span is already coded or drawn; add articles first")
    units = available["copy_group"].nunique() if design.once_per_copy_group else len(available)
    if spans is not None and not 0 < spans <= units:
        raise BadRound(f"--spans {spans}: expected 1 to {units}, the number of spans that can be drawn")
    seed = study.settings.model.seed if seed is None else seed
    rng = _generator(name, seed)
    sample = draw_sample(study, available, closed, spans or units, design, rng)
    chosen = [sample.frame[i] for i in rng.permutation(sample.chosen)]
    index = {span: i for i, span in enumerate(sample.frame)}
    drawn_spans = [
        Draw(name, span, position, sample.pi[index[span]], sample.stratum[index[span]])
        for position, span in enumerate(chosen)
    ]
    drawn_round = Round(name, purpose, layout, study.codebook.version, assisted, seed, utc_now(), len(sample.frame))
    coders_of_draw = assign_coders(len(chosen), len(coders), design.overlap, design.overlap_by == "two", rng)
    assigned = []
    for number, coder in enumerate(coders):
        own_spans = [span for span, numbers in zip(chosen, coders_of_draw, strict=True) if number in numbers]
        assigned += assign_arms(name, own_spans, coder, assisted, rng)
    frozen = frozen_suggestions.as_rows(name, _suggestions_or_refuse(study, chosen)) if assisted else []
    design_row = {
        "round": name, "design": json.dumps(asdict(design)), "strata": json.dumps(sample.strata),
        "model": shown_suggestions.current_model(study) if design.uniform is not None else None, "beside": main_round,
        "pi": json.dumps(sample.pi), "closed": json.dumps(sample.closed),
    }  # fmt: skip
    with study.store.writing() as connection:
        db.put(connection, db.rounds, [asdict(drawn_round) | {"frame": json.dumps(sample.frame)}])
        db.put(connection, db.round_designs, [design_row])
        db.put(connection, db.draws, map(asdict, drawn_spans))
        db.put(connection, db.assignments, map(asdict, assigned))
        db.put(connection, db.round_suggestions, frozen)
    return drawn_round


def assign_arms(
    round: str, spans: Sequence[str], coder: str, share: float, rng: np.random.Generator
) -> list[Assignment]:
    """Assign the spans to a coder, a random `share` of them (rounded to whole spans) in the assisted arm.

    The probability of an arm is the share of spans it actually received, so weights based on it are exact.

    >>> import numpy as np
    >>> given = assign_arms("pilot", ["a", "b", "c", "d"], "mira", 0.25, np.random.default_rng(1))
    >>> sorted((assignment.arm, assignment.probability) for assignment in given)
    [('assisted', 0.25), ('blind', 0.75), ('blind', 0.75), ('blind', 0.75)]
    """
    if not spans:
        return []
    number = round_half_up(share * len(spans))
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


def _check(
    study: Study, name: str, coders: Sequence[str], assisted: float, purpose: str, layout: str, design: Design
) -> None:
    check_name(study, name)
    check_coders(coders)
    if not 0 <= assisted <= 1:
        raise BadRound(f"--assisted {assisted}: expected a share from 0 to 1, such as 0.2")
    if purpose not in get_args(Purpose):
        raise BadRound(f"{purpose!r} is not a purpose of a round; expected one of {', '.join(get_args(Purpose))}")
    if layout not in get_args(Layout):
        raise BadRound(f"{layout!r} is not a layout; expected one of {', '.join(get_args(Layout))}")
    if layout == "highlight" and assisted:
        raise BadRound("the layout highlight shows no suggestions; draw it without --assisted")
    if not 0 <= design.overlap <= 1:
        raise BadRound(f"--overlap {design.overlap}: expected a share from 0 to 1, such as 0.2")
    if design.overlap_by not in ("all", "two"):
        raise BadRound(f"--overlap-by {design.overlap_by}: expected all or two")
    if design.overlap_by == "two" and len(coders) < 2:
        raise BadRound("--overlap-by two: found one coder; name another with --coders")
    if design.allocation not in get_args(Allocation):
        raise BadRound(f"--allocation {design.allocation}: expected {' or '.join(get_args(Allocation))}")
    if design.least < 1:
        raise BadRound(f"--least {design.least}: expected 1 or more, since a stratum without draws cannot be estimated")
    if design.uniform is not None and not 0 < design.uniform <= 1:
        raise BadRound(f"--uniform {design.uniform}: expected more than 0, up to 1, so that every span can be drawn")
    if design.cap is not None and design.cap < 1:
        raise BadRound(f"--cap {design.cap}: expected 1 or more spans a day")


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
