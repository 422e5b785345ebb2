"""Commands for rounds: draw, list, show, rename-coder, export (plan, close and remove-coder have their own files)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotate.cli.shared.command_groups import command_group
from annotate.cli.shared.open_study import StudyOption, open_study, read_study, say_removed
from annotate.cli.shared.output import JsonOption, emit, figure, finish, out, plain_table, print_refusals, say

from .remove_coder import remove_coder
from .round_close import close
from .round_plan import plan

if TYPE_CHECKING:
    from annotate.rounds.progress import RoundSummary
    from annotate.rounds.term_recall import MissedMentions

round_ = command_group("Draw the spans to be coded, and assign them to coders.")


def register(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(round_, name="round")
    round_.command("plan", epilog="Example:  slantwise round plan --rarest 0.05 --width 0.05")(plan)
    round_.command("draw", epilog="Example:  slantwise round draw main-1 --coders mira,jon --spans 200")(draw)
    round_.command("list", epilog="Example:  slantwise round list")(list_)
    round_.command("show", epilog="Example:  slantwise round show pilot")(show)
    round_.command("close", epilog="Example:  slantwise round close main")(close)
    round_.command("rename-coder", epilog="Example:  slantwise round rename-coder MARA mara")(rename)
    round_.command("remove-coder", epilog="Example:  slantwise round remove-coder mara --yes")(remove_coder)
    round_.command("export", epilog="Example:  slantwise round export pilot to-coders --format xlsx")(export)


Name = Annotated[str, typer.Argument(metavar="NAME", help="The round's name, such as pilot.")]


def draw(
    name: Name,
    coders: Annotated[str, typer.Option(metavar="A,B", help="Names of the coders.")],
    spans: Annotated[int | None, typer.Option(metavar="N", help="Number of spans (default: all uncoded ones).")] = None,
    purpose: Annotated[
        str, typer.Option(metavar="pilot|training|reliability|main|audit", help="Purpose of the round.")
    ] = "main",
    by: Annotated[
        str, typer.Option(metavar="outlet,period", help="Stratify by outlet, copy_group, period, term, attribution.")
    ] = "",
    allocation: Annotated[
        str, typer.Option(metavar="proportional|equal", help="Allocation of spans to strata.")
    ] = "proportional",
    least: Annotated[int, typer.Option(metavar="N", help="Minimum number of spans per stratum.")] = 1,
    spread: Annotated[bool, typer.Option("--spread", help="Spread the sample evenly over outlets and dates.")] = False,
    once: Annotated[bool, typer.Option("--once-per-copy-group", help="At most one span per copy group.")] = False,
    doubt: Annotated[
        bool,
        typer.Option(
            "--doubt", help="Prefer spans the model is uncertain about (inclusion probabilities are still recorded)."
        ),
    ] = False,
    uniform: Annotated[
        float, typer.Option(metavar="T", help="With --doubt: share of the sample drawn uniformly at random.")
    ] = 0.3,
    overlap: Annotated[
        float, typer.Option(metavar="SHARE", help="Share of spans coded by several coders; others go to one at random.")
    ] = 1.0,
    overlap_by: Annotated[
        str,
        typer.Option(
            "--overlap-by", metavar="all|two", help="Who codes the overlapping spans: all coders, or two each."
        ),
    ] = "all",
    assisted: Annotated[
        float, typer.Option(metavar="SHARE", help="Share of each coder's spans shown with a suggestion.")
    ] = 0.0,
    no_term: Annotated[
        float | None,
        typer.Option(
            "--no-term",
            metavar="SHARE",
            help="Also draw passages without any codebook term, as a share of the spans (main rounds: 0.1).",
        ),
    ] = None,
    cap: Annotated[int | None, typer.Option(metavar="N", help="Maximum number of spans per coder per day.")] = None,
    layout: Annotated[
        str, typer.Option(metavar="unit|highlight", help="Coders code given spans (unit) or mark them (highlight).")
    ] = "unit",
    again: Annotated[
        str | None,
        typer.Option(
            metavar="14d",
            help="Let each coder code again 50 (or --spans) own spans, coded this long ago.",
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Random seed (default: the study's).")] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draw a round: select spans and assign them to coders.

    The sampling frame and all probabilities are stored; a round cannot be redrawn. Each coder sees the spans in a
    different order. Strata: copy_group = copied or not, period = month, term = codebook term.

    A main round of mentions also creates NAME.no-term: passages without codebook terms, where coders mark what the
    terms missed. Push and pull it like a round; `round show` reports the estimate. With --cap, run `studio push` daily
    to refill each queue.

    With --again 14d each coder codes own spans again, blind; `agree` then says how far coders agree with themselves.
    """
    from annotate.rounds.draw import draw as draw_round
    from corpus.annotation import Design

    design = Design(
        by=by, allocation=allocation, overlap_by=overlap_by, layout=layout,  # type: ignore[arg-type]
        least=least, spread=spread, once_per_copy_group=once, uniform=uniform if doubt else None,
        overlap=overlap, cap=cap, assisted=assisted, no_term=no_term, again=_days(again),
    )  # fmt: skip
    drawn = draw_round(
        open_study(study), name, coders, spans=spans, purpose=purpose, design=design, seed=seed  # type: ignore[arg-type]
    )  # fmt: skip
    if as_json:
        emit(drawn.json())
        return
    _print_design(drawn)
    if audit := drawn.no_term:
        say(
            f"{audit.name}: {audit.spans} of {audit.frame} passages without any term, "
            "to find mentions that the terms miss"
        )
    elif drawn.design.no_term:
        say("no passages without any term are left to draw")
    both = f"{name} (and {audit.name})" if audit else name
    say(f"Next:  slantwise studio start, then slantwise studio push {both}")
    if drawn.design.layout == "unit":
        say(f"Or in workbooks, without a server:  slantwise round export {name} FOLDER")


def _days(again: str | None) -> int | None:
    """Return the number of days of a text such as 14d or 14."""
    from corpus.errors import BadRound

    if again is None:
        return None
    number = again.strip().removesuffix("d")
    if not number.isdecimal():
        raise BadRound("expected a number of days, such as 14d", again=again)
    return int(number)


def _print_design(summary: RoundSummary) -> None:
    for line in _sentences(summary):
        say(line)


def _sentences(summary: RoundSummary) -> list[str]:
    low, high = summary.pi
    pi = f"{low:.3g}" if high - low < 1e-9 else f"{low:.3g} to {high:.3g}"
    assigned = sum(coder.assigned for coder in summary.coders.values())
    assisted = sum(coder.assisted for coder in summary.coders.values())
    arms = f"{assisted} of {assigned} assignments assisted" if assisted else f"all {assigned} assignments blind"
    design = summary.design
    lines = [f"{summary.name}: {summary.spans} of {summary.frame} spans (π {pi}), {arms}"]
    if design.again is not None:
        return [
            f"{summary.name}: {assigned} own spans, coded at least {design.again} days ago, to be coded again blind"
        ]
    if summary.removed:
        lines.append(f"{summary.removed} of these spans were removed with their articles; the others keep their π")
    features = []
    if design.by:
        number = len(summary.strata)
        features.append(f"{number} strat{'um' if number == 1 else 'a'} by {', '.join(design.by)}, {design.allocation}")
    if design.uniform is not None:
        features.append(f"by the doubt of {summary.model}, {design.uniform:.0%} uniform")
    if design.spread:
        features.append("evenly along outlets and dates")
    if design.once_per_copy_group:
        features.append("one span of a copy group")
    if design.overlap < 1:
        features.append(f"{design.overlap:.0%} coded by {design.overlap_by}, the rest by one")
    if design.cap:
        features.append(f"{design.cap} a day and coder")
    return [*lines, "; ".join(features)] if features else lines


def list_(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """List the rounds."""
    from annotate.rounds import rounds

    listed = rounds.list_rounds(read_study(study))
    if as_json:
        emit(listed.json())
        return
    if not listed.rounds:
        say("no round yet; draw one: slantwise round draw main-1 --coders mira,jon --spans 200")
        return
    from rich.text import Text

    numbers = ("spans", "assigned", "answered", "skipped", "open")
    table = plain_table("round", "purpose", "layout", "coders", *numbers, right=numbers, padding=(0, 1, 0, 0))
    table.columns[0].no_wrap = table.columns[2].no_wrap = True
    for row in listed.rounds:
        texts = (row.round, row.purpose, row.layout, ", ".join(row.coders))
        table.add_row(*map(Text, texts), *[str(getattr(row, name)) for name in numbers])
    out().print(table)


def show(name: Name, study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Show a round: its sampling design and each coder's progress.

    For a main round of mentions it also estimates how many mentions the terms miss.
    """
    from rich.text import Text

    from annotate.rounds.progress import show_round

    shown = show_round(read_study(study), name)
    if as_json:
        emit(shown.json())
        return
    _print_design(shown)
    say(f"{shown.purpose}, layout {shown.layout}, codebook {shown.codebook_version}, drawn {shown.made_at[:16]}")
    columns = ("assigned", "blind", "assisted", "answered", "skipped", "open")
    table = plain_table("coder", *columns, "seconds", right=(*columns, "seconds"), padding=(0, 1, 0, 0))
    for coder, row in shown.coders.items():
        table.add_row(Text(coder), *[str(getattr(row, column)) for column in columns], figure(row.seconds, 1))
    out().print(table)
    if any(row.seconds is not None for row in shown.coders.values()):
        out().print("seconds: the median per span", style="dim")
    if len(shown.strata) > 1:
        table = plain_table("stratum", "frame", "drawn", "π", right=("frame", "drawn", "π"), padding=(0, 1, 0, 0))
        for stratum, (size, n_drawn) in shown.strata.items():
            table.add_row(Text(stratum), str(size), str(n_drawn), figure(n_drawn / size))
        out().print(table)
    if shown.missed:
        out().print(_missed_sentence(shown.missed), markup=False)


def _missed_sentence(missed: MissedMentions) -> str:
    where = f"{missed.round}: {missed.passages} of {missed.drawn} passages without any term answered"
    if missed.per_1000 is None or missed.interval is None or missed.in_all is None:
        return f"{where}; too few to estimate how many mentions the terms miss"
    low, high = missed.interval
    total, least, most = missed.in_all
    return (
        f"{where}, {missed.mentions:g} mentions in them: the terms miss {missed.per_1000:.1f} [{low:.1f}, {high:.1f}] "
        f"per 1,000 such passages, so {total:.0f} [{least:.0f}, {most:.0f}] in all {missed.frame}"
    )


def export(
    name: Name,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to write into.")],
    format: Annotated[str, typer.Option(metavar="xlsx", help="File format.")] = "xlsx",
    unmask: Annotated[bool, typer.Option("--unmask", help="Show outlet and date to coders.")] = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write an Excel workbook for each coder of a round.

    It is for coding without a server: one row per passage with the unit in bold, a drop-down list for each variable,
    the codebook on a second sheet. Import completed workbooks with `slantwise import FILE`. Existing workbooks are not
    overwritten.
    """
    from annotate.sheets.workbook import export_workbooks
    from corpus.errors import BadFile

    if format != "xlsx":
        raise BadFile("this is not a format of workbooks; expected xlsx", format=format)
    opened = read_study(study)
    exported = export_workbooks(opened, name, folder, unmask=unmask)
    say_removed(opened, name)
    print_refusals(exported.refusals)
    if as_json:
        emit(exported.json())
    else:
        for coder, workbook in exported.files.items():
            out().print(f"{coder}: {workbook.file} ({workbook.rows} rows)", markup=False, soft_wrap=True)
        if exported.files:
            say("Next, after coding:  slantwise import FILE.xlsx")
    finish(len(exported.files), len(exported.refusals))


def rename(
    old: Annotated[str, typer.Argument(metavar="OLD", help="The name in the stored answers.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The name that they get.")],
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a coder's imported answers another name.

    For a name that was written in several ways. If the new name has answers too, both are one person's: equal answers
    to one question become one, and nothing changes if they contradict each other. Answers to assigned spans keep
    their coder.
    """
    from corpus.annotations.rename_coder import rename_coder

    done = rename_coder(open_study(study), old, new)
    if as_json:
        emit(done.json())
    else:
        say(f"{done.renamed} answers of {done.old} have the coder {done.new} now; {done.repeated} were there already")
