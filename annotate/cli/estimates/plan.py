"""Commands for a study's plan: write it, freeze it, show it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotate.cli.shared.command_groups import command_group
from annotate.cli.shared.open_study import StudyOption, open_study, read_study
from annotate.cli.shared.output import JsonOption, emit, out, say

if TYPE_CHECKING:
    from rich.console import Console

    from annotate.estimates.estimate import Estimate

plan = command_group("Plan a study before its main draw, and freeze the plan.")


def register(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(plan, name="plan")
    plan.command(epilog="Example:  slantwise plan new plan.yaml")(new)
    plan.command(epilog="Example:  slantwise plan freeze plan.yaml")(freeze)
    plan.command(epilog="Example:  slantwise plan show")(show)


PlanFile = Annotated[Path, typer.Argument(metavar="[PLAN.yaml]", help="The file of the plan.")]


def new(file: PlanFile = Path("plan.yaml"), study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Write a plan to complete before the main draw.

    The file has the study's outlets and variables, and explains each field: question, comparisons, spans, coders,
    exclusions, stopping rule.
    """
    from annotate.plans.plan_file import new_plan

    made = new_plan(read_study(study), file)
    if as_json:
        emit(made.json())
        return
    say(f"{made.plan}: complete it before the main draw")
    say(f"Next:  slantwise plan freeze {made.plan}")


def freeze(file: PlanFile = Path("plan.yaml"), study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Freeze a plan, and write it for a registry.

    The plan is stored in the study with its date and the digest of the codebook; its own digest is in the study's log.
    plan-1.md and plan-1.json, next to the file, can be uploaded to a registry such as OSF as they are. A second plan is
    an amendment; the first one stays. `estimate` marks what was planned, and lists deviations from the plan.
    """
    from annotate.plans.frozen import freeze_plan

    frozen = freeze_plan(open_study(study), file)
    if as_json:
        emit(frozen.json())
        return
    folder = file.parent
    say(f"plan {frozen.number}, {frozen.when}; digest {frozen.digest[:12]}…")
    say(f"for a registry: {folder / f'plan-{frozen.number}.md'} and {folder / f'plan-{frozen.number}.json'}")


def show(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Show the frozen plan and its amendments."""
    from annotate.plans.frozen import list_plans, page

    found = list_plans(read_study(study))
    if as_json:
        emit(found.json())
        return
    for number, frozen in enumerate(found.plans):
        out().print(page(frozen, found.plans[:number]), markup=False, highlight=False, soft_wrap=True)
    if not found.plans:
        say("no plan is frozen yet:  slantwise plan new")


def marked(code: str, planned: bool | None) -> str:
    """Return a code with the sign of what was planned."""
    return f"{code}*" if planned else code


def show_status(result: Estimate, console: Console) -> None:
    """Print what of an estimate was planned, and the deviations from the plan."""
    if (status := result.plan) is None:
        return
    planned = ", ".join(
        f"{one.code} (family of {one.family}{f'; since amendment {one.since}' if one.since > 1 else ''})"
        for one in status.codes
    )
    console.print(f"\nplan {status.number}, {status.when}, digest {status.digest[:12]}", markup=False)
    if planned:
        console.print(f"* planned: {planned}; everything without * is exploratory", markup=False)
    else:
        console.print("exploratory: the plan has no such comparison", markup=False)
    for deviation in status.deviations:
        console.print(f"deviation: {deviation}", markup=False)
