"""Commands for adjudication: list, auto, push, pull."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from annotate.cli.shared.open_study import StudyOption, open_study
from annotate.cli.shared.output import JsonOption, emit, figure, finish, out, plain_table, print_refusals, progress, say

from .serve import TokenOption, UrlOption

if TYPE_CHECKING:
    from annotate.adjudication.adjudicate import SharedSpan
    from corpus.codebook import Codebook
    from corpus.study import Study

MOST = 20  # spans printed; --json has all

adjudicate = typer.Typer(no_args_is_help=True, help="Decide on one code where coders disagree.")


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
    from annotate.adjudication.adjudicate import shared_spans

    opened = open_study(study)
    every = shared_spans(opened, name)
    rows = [_row(case, opened.codebook) for case in every if case.disputed]
    left = [row for row in rows if row["open"]]
    counts = {
        "round": name,
        "spans": len(every),
        "disputed": len(rows),
        "decided": len(rows) - len(left),
        "open": len(left),
        "adjudicated_codes": sum(len(case.decided) for case in every),
    }
    if as_json:
        emit({**counts, "cases": rows})
        return
    _show(opened, [*left, *(row for row in rows if not row["open"])][:MOST])
    if len(rows) > MOST:
        say(f"… and {len(rows) - MOST} more: --json")
    say(
        f"{name}: {len(every)} spans with at least two coders, {len(rows)} disputed, {counts['decided']} of these "
        f"decided and {len(left)} open; {counts['adjudicated_codes']} adjudicated codes"
    )
    if left:
        say(f"Next:  slantwise adjudicate auto {name} --by majority, or slantwise adjudicate push {name}")


def _row(case: SharedSpan, book: Codebook) -> dict[str, Any]:
    names = ("code", "by", "reason", "confidence", "made_at")
    decided = {name: {key: getattr(decision, key) for key in names} for name, decision in case.decided.items()}
    return {
        "span": case.span,
        "disputed": case.disputed,
        "open": case.open(book),
        "answers": {name: dict(codes) for name, codes in case.answers.items()},
        "adjudicated": decided,
    }


def _show(study: Study, rows: list[dict[str, Any]]) -> None:
    from collections import Counter

    from rich.text import Text

    from corpus.study.passages import spans_in_text

    texts = {id: span.words for id, span in spans_in_text(study, [row["span"] for row in rows]).items()}
    table = plain_table("span", "variable", "answers", "adjudicated", "by", padding=(0, 2, 0, 0))
    for row in rows:
        text = texts.get(row["span"], row["span"])
        for number, variable in enumerate(row["disputed"]):
            code_counts = Counter(row["answers"][variable].values()).most_common()
            decision = row["adjudicated"].get(variable)
            by = "open" if variable in row["open"] else ""
            if decision:
                by = decision["by"] + (
                    f" {figure(decision['confidence'], 2)}" if decision["confidence"] is not None else ""
                )
            table.add_row(
                Text((text if len(text) < 40 else text[:38] + " …") if number == 0 else ""),
                Text(variable),
                Text(", ".join(f"{code} {n}" for code, n in code_counts)),
                Text(decision["code"] if decision else "–"),
                Text(by, style="yellow" if by == "open" else ""),
            )
    if rows:
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
    from annotate.adjudication.adjudicate import adjudicate_automatically

    adjudicated = adjudicate_automatically(open_study(study), name, by)
    variables = {
        variable: {"codes": len(values), "confidence": sum(values) / len(values)}
        for variable, values in adjudicated.confidence.items()
    }
    if as_json:
        plain = {key: getattr(adjudicated, key) for key in ("new", "changed", "unchanged", "removed")}
        emit({"round": name, "by": by, **plain, "variables": variables, "left": adjudicated.left})
        return
    for variable, row in variables.items():
        out().print(f"{variable}: {row['codes']} codes, mean confidence {figure(row['confidence'])}", markup=False)
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
    """Send undecided spans to Label Studio, as a project for the adjudicator.

    It shows all answers without names, and asks for a decision and its reason. Pushing again sends only missing spans,
    and updates answers that coders have changed.
    """
    from annotate.adjudication import studio_project
    from annotate.studio.accounts import sign_in

    opened = open_study(study)
    with progress(f"pushing {name}") as (bar, task), sign_in(opened, adjudicator, url, token) as place:
        pushed = studio_project.push(
            opened, name, adjudicator, place, progress=lambda n, of: bar.update(task, completed=n, total=of)
        )
        account = place.account
    if as_json:
        emit({"round": name, **asdict(pushed)})
        return
    say(f"{pushed.new} new spans, {pushed.known} already there, {pushed.changed} with answers changed since")
    out().print(f"{pushed.url}/projects/{pushed.project}/data?labeling=1", markup=False, soft_wrap=True)
    if account:
        say(f"{adjudicator} signs in with {account.email}, {account.password}")
    say(f"Next, after the decisions:  slantwise adjudicate pull {name}")


def pull(
    name: Name,
    adjudicator: Annotated[
        str | None, typer.Option(metavar="NAME", help="Whose decisions (default: all adjudicators of the round).")
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
    from annotate.adjudication import studio_project
    from annotate.studio.accounts import sign_in
    from corpus.errors import NoStudio

    opened = open_study(study)
    names = [adjudicator] if adjudicator else studio_project.adjudicators(opened, name)
    if not names:
        raise NoStudio(f"{name} was not pushed to any adjudicator; first: slantwise adjudicate push {name}")
    decided = studio_project.PulledDecisions()
    for person in names:
        with progress(f"pulling from {person}") as (bar, task), sign_in(opened, person, url, token) as place:
            decided.add(
                studio_project.pull(
                    opened, name, person, place, progress=lambda n, of: bar.update(task, completed=n, total=of)
                )
            )
    print_refusals(decided.refusals)
    if as_json:
        plain = {key: value for key, value in asdict(decided).items() if key != "refusals"}
        listed = [{"where": refusal.where, "why": refusal.why} for refusal in decided.refusals]
        emit({"round": name, "adjudicators": names, **plain, "refused": listed})
    else:
        say(
            f"{decided.spans} spans decided ({decided.new} new codes, {decided.changed} changed, "
            f"{decided.removed} removed), {decided.undecided} skipped, "
            f"{decided.waiting} waiting, {len(decided.refusals)} refused"
        )
    finish(1, len(decided.refusals))
