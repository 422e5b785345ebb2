"""Push a round to all its coders in Label Studio, pull their answers, and check their projects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from annotate.rounds import rounds
from annotate.tasks.import_results import PulledAnswers
from annotate.tasks.store_answers import ImportSummary
from corpus.result import Result
from corpus.study import Study
from corpus.study.history.log import logged

from .accounts import alone_on_servers, sign_in
from .backend_connection import connect, running_backend
from .doctor import Finding, examine
from .pull import pull_from_coder
from .push import CoderProject, push_to_coder

Progress = Callable[[str, float], None]  # a step, and its share from 0 to 1


@dataclass(frozen=True)
class PushedRound(Result):
    """The projects of a round's coders, with what was sent to each."""

    round: str
    projects: tuple[CoderProject, ...]
    rows = "projects"


@dataclass(frozen=True)
class CheckedRound(Result):
    """The results of checking a pushed round; `wrong` is the number of problems."""

    round: str
    wrong: int
    findings: tuple[Finding, ...]
    rows = "findings"


@logged("studio push")
def push(
    study: Study,
    round: str,
    *,
    url: str | None = None,
    token: str | None = None,
    unmask: bool = False,
    progress: Progress = lambda step, share: None,
) -> PushedRound:
    """Send a round to Label Studio: one project per coder, on the study's own server or on the one at `url`.

    With `unmask` coders see outlet and date. Pushing again, also after an interruption, sends only missing tasks.
    Raises BadRound if the codebook has another version than the round's, NoStudio, StudioUnsure.
    """
    drawn_round, backend = rounds.get_round(study, round), running_backend(study)
    projects = []
    for coder in rounds.coders(study, round):
        show = _share_of(progress, f"pushing to {coder}", len(rounds.assignments(study, round, coder)))
        with alone_on_servers(study), sign_in(study, coder, url, token) as place:
            projects.append(push_to_coder(study, drawn_round, coder, place, unmasked=unmask, progress=show))
            if backend:
                connect(study, drawn_round, coder, place.studio, backend)
    return PushedRound(round, tuple(projects))


@logged("studio pull")
def pull(
    study: Study,
    round: str | None = None,
    *,
    url: str | None = None,
    token: str | None = None,
    progress: Progress = lambda step, share: None,
) -> PulledAnswers:
    """Fetch the coders' answers of a round, or of all rounds that were pushed.

    Edited answers replace the earlier ones; deletions and skips are recorded, drafts are not. Pulling again changes
    nothing. Raises BadRound, NoStudio, and StudioRefused if the server does not send every task.
    """
    names = [round] if round else rounds.list_rounds(study).pushed
    summary = ImportSummary()
    for name in names:
        drawn_round = rounds.get_round(study, name)
        for coder in rounds.coders(study, name):
            show = _share_of(progress, f"pulling from {coder}", len(rounds.assignments(study, name, coder)))
            with sign_in(study, coder, url, token) as place:
                summary.add(pull_from_coder(study, drawn_round, coder, place, progress=show))
    return PulledAnswers(**vars(summary), rounds=tuple(names))


def check_round(study: Study, round: str, *, url: str | None = None, token: str | None = None) -> CheckedRound:
    """Check a pushed round on its server: version, screen, tasks, texts, suggestions, access by others.

    Each problem is reported with its solution. Raises BadRound, NoStudio.
    """
    drawn_round = rounds.get_round(study, round)
    findings: list[Finding] = []
    for coder in rounds.coders(study, round):
        with sign_in(study, coder, url, token) as place:
            findings += examine(study, drawn_round, coder, place)
    return CheckedRound(round, sum(finding.state == "wrong" for finding in findings), tuple(findings))


def _share_of(progress: Progress, step: str, total: int) -> Callable[[int], None]:
    return lambda done: progress(step, done / max(total, 1))
