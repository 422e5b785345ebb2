"""The command `agree`: intercoder agreement by variable, with a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from annotate.cli.shared.open_study import StudyOption, read_study, say_removed
from annotate.cli.shared.output import JsonOption, emit, figure, out, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console
    from rich.table import Table

    from annotate.agreement.agreement import Agreement
    from annotate.agreement.marking.unitizing import UnitizingAgreement
    from annotate.agreement.variable_agreement import VariableAgreement

COLOURS = {
    "relied on": "green",
    "tentative": "yellow",
    "coders unclear": "bold yellow",
    "cannot be told yet": "yellow",
    "undefined": "yellow",
    "fails": "bold red",
}
SHORT = {"cannot be told yet": "not told yet"}  # so that the table fits 80 columns
MOST_CODERS = 8  # printed; a crowd has hundreds


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command(epilog="Example:  slantwise agree --page")(agree)


def agree(
    round: Annotated[
        str | None, typer.Argument(metavar="[ROUND]", help="Only this round (default: all blind answers).")
    ] = None,
    version: Annotated[
        str | None,
        typer.Option(
            "--codebook-version", metavar="V", help="Answers under this codebook version (default: the current one)."
        ),
    ] = None,
    page: Annotated[
        bool, typer.Option("--page", help="Write reports/agreement.html: confusions and the most disputed spans.")
    ] = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure intercoder agreement by variable.

    Krippendorff's alpha of each variable with its 95 % interval over articles, and a verdict by its one-sided 95 %
    bounds: a variable is relied on if alpha is at least .800, tentative if it is at least .667, and fails if it is
    below .667; else it cannot be told yet, and the number of spans to code twice is named. Where names of coders differ
    in letters only, they may be one person, and nothing is relied on.

    Only blind answers from reliability and main rounds and imported answers without a round count; name a pilot round
    to see its agreement. Coders who deviate from the others are listed, coders who coded own spans again, and any
    figure that cannot be computed.
    """
    from annotate.agreement.agreement import agree as measure
    from annotate.report.agreement_page import write_agreement_page

    opened = read_study(study)
    result = measure(opened, round, codebook_version=version)
    file = write_agreement_page(opened, result) if page else None
    if as_json:
        emit({**result.json(), "page": str(file) if file else None})
    else:
        show(result, out())
        say_removed(opened, round)
        if file:
            out().print(f"The page:  {file}", markup=False, soft_wrap=True)


def show(agreement: Agreement, console: Console) -> None:
    """Print agreement as tables that fit 80 columns."""
    from annotate.agreement.pools import pool_sentence

    title = (
        f"blind answers of {len(agreement.coders)} coders, {_where(agreement)}, codebook {agreement.codebook_version}"
    )
    console.print(title, markup=False)
    if agreement.round is None:
        for pool in agreement.pooled:
            console.print(f"pooled: {pool_sentence(pool)}", markup=False)
    for mixture in agreement.mixtures:
        console.print(f"mixture: {mixture}", style="yellow", markup=False)
    console.print(_alphas(agreement.variables, "spans"))
    console.print("q: probability that alpha is below .667; equal: share of answer pairs that are equal", style="dim")
    for name, variable in agreement.variables.items():
        for line in _remarks(variable):
            console.print(f"{name}: {line}", markup=False)
    for language, figures in agreement.by.get("language", {}).items():
        each = ", ".join(f"{name} {figure(one.alpha)} ({one.gate})" for name, one in figures.items())
        console.print(f"language {language}: {each}", markup=False)
    if agreement.marking:
        _show_marking(agreement.marking, console)
    _show_coders(agreement, console)
    _show_again(agreement, console)
    _verdict(agreement, console)


def _alphas(variables: Mapping[str, VariableAgreement], units: str) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("variable", "alpha", "95 %", "q", "equal", units, "gate"):
        left = name in ("variable", "gate")
        table.add_column(name, justify="left" if left else "right", no_wrap=name != "variable", overflow="fold")
    for name, variable in variables.items():
        low, high = variable.interval or (None, None)
        table.add_row(
            Text(name),
            figure(variable.alpha),
            Text(f"[{figure(low)}, {figure(high)}]" if variable.interval else "–"),
            figure(variable.q),
            f"{variable.percent:.0%}" if variable.percent is not None else "–",
            str(variable.n_units),
            Text(SHORT.get(variable.gate, variable.gate), style=COLOURS[variable.gate]),
        )
    return table


def _show_marking(marked: UnitizingAgreement, console: Console) -> None:
    """Print the agreement on spans that the coders marked themselves."""
    console.print(f"\nmarked by the coders themselves, in {marked.n_passages} passages", markup=False)
    shared = {name: one for name, one in marked.codes.items() if one.n_units}
    console.print(_alphas({"marked or not": marked.tokens, **shared}, "words"))
    console.print("marked or not: of each word; variables: of words that two coders marked", style="dim")
    if marked.tokens.gate == "cannot be told yet":
        console.print(
            f"marked or not {marked.tokens.verdict.sentence_of('words in passages that two coders read')}",
            style="yellow",
            markup=False,
        )
    f1 = marked.span_f1
    if f1.exact is not None:
        two = f"{figure(f1.exact)} exact, {figure(f1.overlap)} overlapping"
        console.print(f"span F1 of {f1.n_marks} marks, not corrected for chance: {two}", style="dim")


def _where(agreement: Agreement) -> str:
    if agreement.round is None:
        return "reliability and main rounds and imported answers"
    return f"round {agreement.round}" + (f" ({agreement.purpose})" if agreement.purpose else "")


def _remarks(variable: VariableAgreement) -> list[str]:
    """Return remarks on a variable, such as why it has no alpha or which code is weakest."""
    from annotate.agreement.variable_agreement import paradox

    lines = [f"no alpha: {variable.why}"] if variable.why else []
    if variable.alpha is not None and not variable.interval:
        lines.append("no interval: all spans that two coders answered are from one article")
    weak = variable.weakest_code
    if weak and weak.alpha is not None and len(variable.codes) > 2 and variable.gate != "relied on":
        lines.append(f"the weakest code is {weak.code} (alpha {figure(weak.alpha)}, given {weak.n} times)")
    if variable.unweighted is not None:
        lines.append(f"alpha weighs spans by 1 / π; with equal weights it is {figure(variable.unweighted)}")
    if (asked := variable.with_not_asked) and asked.alpha is not None:
        lines.append(f'with "not asked" as a code alpha is {figure(asked.alpha)} ({asked.gate})')
    if sentence := paradox(variable):
        lines.append(sentence)
    if variable.departing:
        lines.append(f"deviates from the others: {', '.join(variable.departing)}")
    return lines


def _show_coders(agreement: Agreement, console: Console) -> None:
    from rich.table import Table
    from rich.text import Text

    focus = agreement.variables[agreement.focus]
    coders = sorted(
        focus.coders.values(), key=lambda coder: -(coder.without or 0.0)
    )  # coders who lower alpha most come first
    if len(coders) < 3:
        return
    console.print()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in (f"{agreement.focus} by", "spans", "alpha", "without", "gives more often"):
        table.add_column(name, justify="right" if name in ("spans", "alpha", "without") else "left", overflow="fold")
    for coder in coders[:MOST_CODERS]:
        name = coder.coder + (" (simulated)" if coder.coder in agreement.simulated_coders else "")
        favourite = f"{coder.favourite} (+{coder.bias[coder.favourite] * 100:.0f} points)"
        table.add_row(Text(name), str(coder.n_units), figure(coder.alpha), figure(coder.without), Text(favourite))
    console.print(table)
    rest = f"; {len(coders) - MOST_CODERS} more: --json" if len(coders) > MOST_CODERS else ""
    console.print(f"alpha: against the others; without: the others alone{rest}\n", style="dim")


def _show_again(agreement: Agreement, console: Console) -> None:
    """Print how far coders agree with themselves."""
    for coder, own in agreement.again.items():
        alphas = ", ".join(f"{name} {figure(one.alpha)}" for name, one in own.variables.items())
        after = f" after {own.days:.0f} days" if own.days is not None else ""
        few = "" if own.enough else "; fewer than 50 spans say little"
        text = f"{coder} with themselves, {own.n_units} spans coded again{after}: alpha of {alphas}{few}"
        console.print(text, markup=False)


def _verdict(agreement: Agreement, console: Console) -> None:
    """Print the verdict on each variable, and the answers that did not count."""
    from rich.text import Text

    from corpus.study.counting import CHANGED_LATE
    from corpus.study.history.handing_in import late_answers

    for gate, means in (
        ("relied on", "alpha is .800 or more"),
        ("tentative", "alpha is .667 or more: for tentative conclusions only"),
        ("coders unclear", "names of coders differ in letters only"),
        ("undefined", "the answers do not vary"),
        ("fails", "below .667: base no estimate on it"),
    ):
        if names := [name for name, of in agreement.gate.items() if of == gate]:
            head = gate.upper() if gate == "fails" else gate
            console.print(Text.assemble((f"{head}: {', '.join(names)}", COLOURS[gate]), f" ({means})"))
    for name, variable in agreement.variables.items():
        if variable.gate == "cannot be told yet":
            console.print(f"{name} {variable.verdict.sentence}", style="yellow", markup=False)
    for warning in agreement.warnings:
        console.print(f"warning: {warning.where}: {warning.why}", style="yellow", markup=False, soft_wrap=True)
    if not agreement.selected.claim_reliability:
        console.print(
            f"{agreement.round} is a round of purpose {agreement.purpose}: "
            "it does not count as evidence of reliability",
            style="yellow",
        )
    if left_out := ", ".join(f"{n} {why}" for why, n in agreement.left_out.items() if why != CHANGED_LATE):
        say(f"answers that do not count: {left_out}")
    if agreement.selected.changed_late:
        say(late_answers(agreement.selected.changed_late))
    if agreement.simulated_coders:
        simulated = ", ".join(agreement.simulated_coders)
        console.print(f"[yellow]answers of {simulated} are simulated: a test of the software, not evidence[/yellow]")
