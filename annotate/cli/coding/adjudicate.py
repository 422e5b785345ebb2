"""Commands for adjudication: list, auto, push, pull."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from annotate.cli.shared.command_groups import command_group
from annotate.cli.shared.open_study import StudyOption, open_study, read_study
from annotate.cli.shared.output import (
    JsonOption,
    emit,
    figure,
    finish,
    out,
    plain_table,
    print_refusals,
    progress,
    say,
    shown,
)

from .serve import TokenOption, UrlOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotate.adjudication.disputed import DisputedSpan
    from corpus.study import Study

MOST = 20  # spans printed; --json has all

adjudicate = command_group("Decide on one code where coders disagree.")


def register(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(adjudicate, name="adjudicate")
    adjudicate.command("list", epilog="Example:  slantwise adjudicate list main")(list_)
    adjudicate.command("auto", epilog="Example:  slantwise adjudicate auto main --by majority")(auto)
    adjudicate.command("push", epilog="Example:  slantwise adjudicate push main --adjudicator lea")(push)
    adjudicate.command("pull", epilog="Example:  slantwise adjudicate pull main")(pull)


Name = Annotated[str, typer.Argument(metavar="ROUND", help="A round answered by at least two coders.")]


def list_(name: Name, study: StudyOption = None, as_json: JsonOption = False) -> None:
    """List the spans on which coders disagree, with the decisions so far."""
    from annotate.adjudication.disputed import list_disputed

    opened = read_study(study)
    listed = list_disputed(opened, name)
    if as_json:
        emit(listed.json())
        return
    _show(opened, sorted(listed.cases, key=lambda case: not case.open)[:MOST])
    if listed.disputed > MOST:
        say(f"… and {listed.disputed - MOST} more: --json")
    say(
        f"{name}: {listed.spans} spans with at least two coders, {listed.disputed} disputed, {listed.decided} of these "
        f"decided and {listed.open} open; {listed.adjudicated_codes} adjudicated codes"
    )
    if listed.open:
        say(f"Next:  slantwise adjudicate auto {name} --by majority, or slantwise adjudicate push {name}")


def _show(study: Study, cases: Sequence[DisputedSpan]) -> None:
    from collections import Counter

    from rich.text import Text

    from corpus.study.passages import spans_in_text

    texts = {id: span.words for id, span in spans_in_text(study, [case.span for case in cases]).items()}
    table = plain_table("span", "variable", "answers", "adjudicated", "by", padding=(0, 2, 0, 0))
    for case in cases:
        text = texts.get(case.span, case.span)
        for number, variable in enumerate(case.disputed):
            code_counts = Counter(case.answers[variable].values()).most_common()
            decision = case.adjudicated.get(variable)
            by = "open" if variable in case.open else ""
            if decision:
                by = decision.by + (f" {figure(decision.confidence, 2)}" if decision.confidence is not None else "")
            table.add_row(
                Text((text if len(text) < 40 else text[:38] + " …") if number == 0 else ""),
                Text(variable),
                Text(", ".join(f"{code} {n}" for code, n in code_counts)),
                Text(decision.code if decision else "–"),
                Text(by, style="yellow" if by == "open" else ""),
            )
    if cases:
        out().print(table)


def auto(
    name: Name,
    by: Annotated[
        str,
        typer.Option(metavar="majority|dawid-skene", help="Method: strict majority, or a model of the coders' errors."),
    ] = "majority",
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Adjudicate automatically where the coders' answers allow it.

    `majority` takes the code that more than half of the coders gave. `dawid-skene` weighs coders by their estimated
    error rates; it needs three coders and the library crowd-kit. Ties are left for a person, and decisions by a person
    are kept.
    """
    from annotate.adjudication.adjudicate import adjudicate as adjudicate_round

    adjudicated = adjudicate_round(open_study(study), name, by=by)
    if as_json:
        emit(adjudicated.json())
        return
    for variable, row in adjudicated.variables.items():
        out().print(f"{variable}: {row.codes} codes, mean confidence {figure(row.confidence)}", markup=False)
    say(
        f"{adjudicated.new} new codes, {adjudicated.changed} changed, {adjudicated.unchanged} unchanged, "
        f"{adjudicated.removed} removed"
    )
    if adjudicated.left:
        say(f"{len(adjudicated.left)} spans are left for a person. Next:  slantwise adjudicate push {name}")


def push(
    name: Name,
    adjudicator: Annotated[
        str, typer.Option(metavar="NAME", help="The adjudicator, who gets an account in Label Studio.")
    ] = "adjudicator",
    url: UrlOption = None,
    token: TokenOption = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send undecided spans to Label Studio, for an adjudicator.

    The adjudicator's project shows all answers without names, and asks for a decision and its reason. Pushing again
    sends only missing spans, and updates answers that coders have changed.
    """
    from annotate.adjudication.adjudicators import push_disputed

    opened = open_study(study)
    with progress(f"pushing {name}") as (bar, task):
        pushed = push_disputed(opened, name, adjudicator=adjudicator, url=url, token=token, progress=shown(bar, task))
    if as_json:
        emit(pushed.json())
        return
    say(f"{pushed.new} new spans, {pushed.known} already there, {pushed.changed} with answers changed since")
    out().print(f"{pushed.url}/projects/{pushed.project}/data?labeling=1", markup=False, soft_wrap=True)
    if pushed.account:
        say(f"{adjudicator} signs in with {pushed.account.email}, {pushed.account.password}")
    say(f"Next, after the decisions:  slantwise adjudicate pull {name}")


def pull(
    name: Name,
    adjudicator: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this adjudicator's decisions (default: all).")
    ] = None,
    url: UrlOption = None,
    token: TokenOption = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch the adjudicator's decisions with their reasons.

    Edited decisions replace the earlier ones, deleted ones are removed. Pulling again changes nothing. The coders'
    answers are not changed.
    """
    from annotate.adjudication.adjudicators import pull_decisions

    opened = open_study(study)
    with progress(f"pulling {name}") as (bar, task):
        decided = pull_decisions(opened, name, adjudicator=adjudicator, url=url, token=token, progress=shown(bar, task))
    print_refusals(decided.refusals)
    if as_json:
        emit(decided.json())
    else:
        say(
            f"{decided.spans} spans decided ({decided.new} new codes, {decided.changed} changed, "
            f"{decided.removed} removed), {decided.undecided} skipped, "
            f"{decided.waiting} waiting, {len(decided.refusals)} refused"
        )
    finish(1, len(decided.refusals))
