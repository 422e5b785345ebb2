"""Send the disputed spans of a round to an adjudicator, and fetch the decisions with their reasons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from annotate.studio.accounts import alone_on_servers, sign_in
from annotate.studio.server import Account
from corpus.annotations.coder_names import clean_coder
from corpus.errors import BadRound, BadText, NoStudio
from corpus.result import printed_as
from corpus.study import Study
from corpus.study.history.log import logged

from .studio_project import PulledDecisions, PushedSpans, adjudicators, pull_from_adjudicator, push_to_adjudicator


@dataclass(frozen=True)
class PushedDisputed(PushedSpans):
    """The adjudicator's project, with the account to sign in with; on a Label Studio elsewhere it is not known."""

    round: str
    account: Account | None = printed_as(None)


@dataclass(frozen=True)
class Decisions(PulledDecisions):
    """The decisions of a round's adjudicators."""

    round: str = ""
    adjudicators: tuple[str, ...] = ()


@logged("adjudicate push")
def push_disputed(
    study: Study,
    round: str,
    *,
    adjudicator: str = "adjudicator",
    url: str | None = None,
    token: str | None = None,
    progress: Callable[[str, float], None] = lambda step, share: None,
) -> PushedDisputed:
    """Send undecided spans to Label Studio, as a project for the adjudicator.

    It shows all answers without names, and asks for a decision and its reason. Pushing again sends only missing spans,
    and updates answers that coders have changed. Raises BadRound, NothingToCompare where nothing is open, NoStudio,
    StudioUnsure.
    """
    try:
        adjudicator = clean_coder(adjudicator)
    except BadText as error:
        raise BadRound(str(error), adjudicator=adjudicator) from None
    with alone_on_servers(study), sign_in(study, adjudicator, url, token) as place:
        step = f"pushing {round}"
        pushed = push_to_adjudicator(
            study, round, adjudicator, place, progress=lambda done, total: progress(step, done / max(total, 1))
        )
        return PushedDisputed(**vars(pushed), round=round, account=place.account)


@logged("adjudicate pull")
def pull_decisions(
    study: Study,
    round: str,
    *,
    adjudicator: str | None = None,
    url: str | None = None,
    token: str | None = None,
    progress: Callable[[str, float], None] = lambda step, share: None,
) -> Decisions:
    """Fetch the decisions of one adjudicator, or of all to whom the round was pushed.

    Edited decisions replace the earlier ones, deleted ones are removed; the coders' answers are not changed. Raises
    NoStudio where the round was not pushed, StudioRefused where the server does not return all of it.
    """
    names = [adjudicator] if adjudicator else adjudicators(study, round)
    if not names:
        raise NoStudio(f"{round} was not pushed to any adjudicator; first: slantwise adjudicate push {round}")
    pulled = PulledDecisions()
    for name in names:

        def show(done: int, total: int, step: str = f"pulling from {name}") -> None:
            progress(step, done / max(total, 1))

        with sign_in(study, name, url, token) as place:
            pulled += pull_from_adjudicator(study, round, name, place, progress=show)
    return Decisions(**vars(pulled), round=round, adjudicators=tuple(names))
