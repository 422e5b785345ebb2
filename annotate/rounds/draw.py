"""Draw the spans of a round: for whom, blind or assisted, each with its probability."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, get_args

from corpus.annotation import Arm, Assignment, Design, Draw, Layout, Purpose, Round, Suggestion
from corpus.errors import BadRound
from corpus.study import Study
from corpus.study import database as db

from . import frozen_suggestions, shown_suggestions
from .frame import draw_sample, frame, passages_without_terms
from .rounds import WITHOUT_TERMS, check_name, draws
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

    The frame is every span that is open to it (`frame`). All of it is drawn, or `spans` of it without
    replacement, as the `design` says. The same study, name and seed draw the same round. Raises BadRound.
    """
    _check(study, name, coders, assisted, purpose, layout, design)
    if layout == "highlight" and (design.by or design.uniform is not None):
        raise BadRound("the layout highlight draws passages at random; draw it without --by and --doubt")
    return _draw(study, name, coders, *frame(study, purpose, layout), spans, assisted, purpose, layout, seed, design)


def draw_without_terms(study: Study, beside: Round, coders: Sequence[str], share: float) -> Round | None:
    """Draw an audit beside a round: passages without any of the codebook's terms, `share` times as many as its spans.

    Coders mark in them what the terms have missed (layout `highlight`). None where no such passage is left.
    """
    name = f"{beside.name}{WITHOUT_TERMS}"
    _check(study, name, coders, 0.0, "audit", "highlight", AT_RANDOM)
    left = passages_without_terms(study)
    wanted = min(len(left), max(1, round_half_up(share * len(draws(study, beside.name)))))
    if not len(left):
        return None
    return _draw(
        study, name, coders, left, left[:0], wanted, 0.0, "audit", "highlight", beside.seed, AT_RANDOM, beside.name
    )


def _draw(
    study: Study,
    name: str,
    coders: Sequence[str],
    left: pd.DataFrame,
    closed: pd.DataFrame,
    spans: int | None,
    assisted: float,
    purpose: Purpose,
    layout: Layout,
    seed: int | None,
    design: Design,
    beside: str = "",
) -> Round:
    if not len(left):
        raise BadRound("there is nothing left to draw: every eligible span is coded or drawn; add articles first")
    units = left["copy_group"].nunique() if design.once_per_copy_group else len(left)
    if spans is not None and not 0 < spans <= units:
        raise BadRound(f"--spans {spans}: expected 1 to {units}, the number of spans that can be drawn")
    seed = study.settings.model.seed if seed is None else seed
    rng = _generator(name, seed)
    sample = draw_sample(study, left, closed, spans or units, design, rng)
    chosen = [sample.frame[i] for i in rng.permutation(sample.chosen)]
    place = {span: i for i, span in enumerate(sample.frame)}
    drawn = [
        Draw(name, span, position, sample.pi[place[span]], sample.stratum[place[span]])
        for position, span in enumerate(chosen)
    ]
    made = Round(name, purpose, layout, study.codebook.version, assisted, seed, _now(), len(sample.frame))
    who = assign_coders(len(chosen), len(coders), design.overlap, design.overlap_by == "two", rng)
    given = []
    for number, coder in enumerate(coders):
        mine = [span for span, several in zip(chosen, who, strict=True) if number in several]
        given += assign_arms(name, mine, coder, assisted, rng)
    offered = frozen_suggestions.as_rows(name, _suggestions_or_refuse(study, chosen)) if assisted else []
    how = {
        "round": name, "design": json.dumps(asdict(design)), "strata": json.dumps(sample.strata),
        "model": frozen_suggestions.current_model(study) if design.uniform is not None else None, "beside": beside,
        "pi": json.dumps(sample.pi), "closed": json.dumps(sample.closed),
    }  # fmt: skip
    with study.store.writing() as connection:
        db.put(connection, db.rounds, [asdict(made) | {"frame": json.dumps(sample.frame)}])
        db.put(connection, db.round_designs, [how])
        db.put(connection, db.draws, map(asdict, drawn))
        db.put(connection, db.assignments, map(asdict, given))
        db.put(connection, db.round_suggestions, offered)
    return made


def assign_arms(
    round: str, spans: Sequence[str], coder: str, share: float, rng: np.random.Generator
) -> list[Assignment]:
    """Give a coder the spans, a random `share` of them (rounded to whole spans) in the assisted arm.

    The probability of an arm is the share that it really has, so that weights by it are exact.

    >>> import numpy as np
    >>> given = assign_arms("pilot", ["a", "b", "c", "d"], "mira", 0.25, np.random.default_rng(1))
    >>> sorted((assignment.arm, assignment.probability) for assignment in given)
    [('assisted', 0.25), ('blind', 0.75), ('blind', 0.75), ('blind', 0.75)]
    """
    if not spans:
        return []
    helped = round_half_up(share * len(spans))
    chosen = set(rng.permutation(len(spans))[:helped].tolist())
    probability: dict[Arm, float] = {"assisted": helped / len(spans), "blind": 1 - helped / len(spans)}
    given: list[Arm] = ["assisted" if i in chosen else "blind" for i in range(len(spans))]
    return [Assignment(round, span, coder, arm, probability[arm]) for span, arm in zip(spans, given, strict=True)]


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
    if not coders or len(set(coders)) != len(coders) or not all(coder.strip() for coder in coders):
        raise BadRound(f"coders: found {', '.join(coders) or 'nobody'}; expected different names: --coders mira,jon")
    if not 0 <= assisted <= 1:
        raise BadRound(f"--assisted {assisted}: expected a share from 0 to 1, such as 0.2")
    if purpose not in get_args(Purpose):
        raise BadRound(f"{purpose!r} is no purpose of a round; expected one of {', '.join(get_args(Purpose))}")
    if layout not in get_args(Layout):
        raise BadRound(f"{layout!r} is no layout; expected one of {', '.join(get_args(Layout))}")
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
        raise BadRound(f"--least {design.least}: expected 1 or more, since what is never drawn cannot be estimated")
    if design.uniform is not None and not 0 < design.uniform <= 1:
        raise BadRound(f"--uniform {design.uniform}: expected more than 0, up to 1, so that every span can be drawn")
    if design.cap is not None and design.cap < 1:
        raise BadRound(f"--cap {design.cap}: expected 1 or more spans a day")


def _suggestions_or_refuse(study: Study, spans: Sequence[str]) -> dict[str, dict[str, Suggestion]]:
    """Return the suggestions of both arms; refuse a round with spans that have none to show."""
    found = shown_suggestions.suggestions(study, spans)
    if missing := set(spans) - set(found):
        raise BadRound(
            f"{len(missing)} spans of a round with an assisted arm have no suggestion of the current model; "
            "make them first: slantwise suggest (without a model: slantwise train)"
        )
    return found


def _generator(name: str, seed: int) -> np.random.Generator:
    import numpy as np

    return np.random.default_rng(int.from_bytes(hashlib.sha256(f"{seed}\n{name}".encode()).digest()[:8]))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
