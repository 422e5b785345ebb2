"""The command `anchoring`: the effect of suggestions on coders' answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from annotate.cli.shared.open_study import StudyOption, read_study
from annotate.cli.shared.output import JsonOption, emit, figure, out, say

if TYPE_CHECKING:
    from rich.console import Console

    from annotate.anchoring.anchoring import Anchoring
    from annotate.anchoring.suggestion_effects import Effect, TimeSaved


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command(epilog="Example:  slantwise anchoring main-1")(anchoring)


def anchoring(
    round: Annotated[str, typer.Argument(metavar="ROUND", help="A round drawn with --assisted.")],
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure the effect of suggestions on coders' answers.

    How much more often coders give the suggested code when they see it than when it is hidden: by variable, coder and
    confidence of the model; and the seconds that suggestions save. Which spans show a suggestion was drawn at random.
    """
    from annotate.anchoring.anchoring import measure_anchoring

    result = measure_anchoring(read_study(study), round)
    if as_json:
        emit(result.json())
    else:
        show(result, out())


def show(result: Anchoring, console: Console) -> None:
    """Print anchoring as tables, with a conclusion in words."""
    from rich.table import Table
    from rich.text import Text

    arms = ", ".join(f"{name} {arm.answered} of {arm.assigned}" for name, arm in result.arms.items())
    console.print(f"{result.round}: suggestions of {result.model}; answered {arms}", markup=False)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("answer = suggestion", "shown", "hidden", "effect", "95 %", "answers"):
        left = name == "answer = suggestion"
        table.add_column(name, justify="left" if left else "right", no_wrap=not left, overflow="fold")

    def row(name: str, effect: Effect, style: str = "") -> None:
        low, high = effect.interval or (None, None)
        table.add_row(
            Text(name),
            *(figure(arm.agree, 2) for arm in (effect.shown, effect.hidden)),
            _signed(effect.effect),
            Text(f"[{_signed(low)}, {_signed(high)}]" if effect.interval else "too few"),
            f"{effect.shown.n}+{effect.hidden.n}",
            style=style,
        )

    for variable, effect in result.variables.items():
        row(variable, effect, "bold")
        for coder, theirs in effect.coders.items():
            row(f"  {coder}", theirs)
        for band, part in effect.confidence.items():
            if part.shown.n + part.hidden.n:
                row(f"  model {band} sure", part)
    console.print(table)
    console.print("effect: shown - hidden; answers: shown + hidden; intervals over articles", style="dim")
    console.print(_saved(result.seconds), markup=False)
    for variable, effect in result.variables.items():
        console.print(f"{variable}: {_verdict(effect)}", markup=False, style="yellow" if effect.found else "")
    if any(effect.found for effect in result.variables.values()):
        say("Agreement and estimates use blind answers only.")


def _verdict(effect: Effect) -> str:
    if effect.effect is None:
        return f"no estimate: {effect.why}"
    if not effect.found:
        return "no effect found; it may be as large as the interval allows"
    direction = "more" if effect.effect > 0 else "less"
    return (
        f"coders give the suggested code {direction} often when they see it, by {abs(effect.effect) * 100:.0f} points"
    )


def _saved(saved: TimeSaved) -> str:
    if saved.seconds is None or saved.interval is None:
        return f"time saved: no estimate: {saved.why}"
    low, high = saved.interval
    return (
        f"time saved: {saved.seconds:.1f} s a span [{low:.1f}, {high:.1f}] "
        f"(median {figure(saved.shown.median, 1)} s shown, {figure(saved.hidden.median, 1)} s hidden)"
    )


def _signed(value: float | None) -> str:
    """Write a difference with its sign.

    >>> _signed(0.153), _signed(-0.02), _signed(None)
    ('+.15', '-.02', '–')
    """
    text = figure(value, 2)
    return f"+{text}" if value is not None and not text.startswith("-") else text
