"""Commands for rounds: draw, list, show, export (plan is in round_plan)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from annotate.cli.shared.open_study import StudyOption, open_study
from annotate.cli.shared.output import JsonOption, emit, figure, finish, out, plain_table, print_refusals, say

from .round_plan import plan

if TYPE_CHECKING:
    from annotate.rounds.term_recall import MissedMentions

round_ = typer.Typer(no_args_is_help=True, help="Draw the spans to be coded, and assign them to coders.")

NO_TERM = 0.1  # passages without any term drawn with a main round, as a share of its spans


def register(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(round_, name="round")
    round_.command("plan", epilog="Example:  slantwise round plan --rarest 0.05 --width 0.05")(plan)
    round_.command("draw", epilog="Example:  slantwise round draw main-1 --coders mira,jon --spans 200")(draw)
    round_.command("list", epilog="Example:  slantwise round list")(list_)
    round_.command("show", epilog="Example:  slantwise round show pilot")(show)
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
    seed: Annotated[int | None, typer.Option(help="Random seed (default: the study's).")] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draw a round: select spans, assign them to coders, and decide who sees suggestions.

    The sampling frame and all probabilities are stored; a round cannot be redrawn. Each coder sees the spans in a
    different order. Strata: copy_group = copied or not, period = month, term = codebook term.

    A main round of mentions also creates NAME.no-term: passages without codebook terms, where coders mark what the
    terms missed. Push and pull it like a round; `round show` reports the estimate. With --cap, run `studio push` daily
    to refill each queue.
    """
    from annotate.rounds import rounds
    from annotate.rounds.draw import draw as draw_round
    from annotate.rounds.draw import draw_without_terms
    from annotate.rounds.progress import summary as summarise
    from corpus.annotation import Design
    from corpus.errors import BadRound

    opened = open_study(study)
    names = [coder.strip() for coder in coders.split(",")]
    book = opened.codebook
    share = no_term
    if share is None:
        share = NO_TERM if purpose == "main" and layout == "unit" and book.unit == "mention" else 0.0
    if not 0 <= share <= 1 or (share and not book.mention_terms):
        raise BadRound(f"--no-term {share} cannot be used; expected a share from 0 to 1, and a codebook with terms")
    if share:
        rounds.check_name(opened, f"{name}{rounds.WITHOUT_TERMS}")  # fails before anything is drawn
    properties = tuple(dict.fromkeys(part.strip() for part in by.split(",") if part.strip()))
    design = Design(
        properties, allocation, least, spread, once, uniform if doubt else None, overlap, overlap_by, cap  # type: ignore[arg-type]
    )  # fmt: skip
    drawn = draw_round(
        opened, name, names, spans=spans, assisted=assisted, purpose=purpose, layout=layout, seed=seed, design=design  # type: ignore[arg-type]
    )  # fmt: skip
    without_terms = draw_without_terms(opened, drawn, names, share) if share else None
    summary = summarise(opened, name)
    if as_json:
        emit({**summary, "no_term": summarise(opened, without_terms.name) if without_terms else None})
        return
    _print_design(summary)
    if without_terms:
        n = len(rounds.draws(opened, without_terms.name))
        say(
            f"{without_terms.name}: {n} of {without_terms.frame} passages without any term, "
            "to find mentions that the terms miss"
        )
    elif share:
        say("no passages without any term are left to draw")
    both = f"{name} (and {without_terms.name})" if without_terms else name
    say(f"Next:  slantwise studio start, then slantwise studio push {both}")


def _print_design(summary: dict[str, Any]) -> None:
    for line in _sentences(summary):
        say(line)


def _sentences(summary: dict[str, Any]) -> list[str]:
    low, high = summary["pi"]
    pi = f"{low:.3g}" if high - low < 1e-9 else f"{low:.3g} to {high:.3g}"
    assigned = sum(coder["assigned"] for coder in summary["coders"].values())
    assisted = sum(coder["assisted"] for coder in summary["coders"].values())
    arms = f"{assisted} of {assigned} assignments assisted" if assisted else f"all {assigned} assignments blind"
    design = summary["design"]
    lines = [f"{summary['name']}: {summary['spans']} of {summary['frame']} spans (π {pi}), {arms}"]
    features = []
    if design["by"]:
        number = len(summary["strata"])
        features.append(
            f"{number} strat{'um' if number == 1 else 'a'} by {', '.join(design['by'])}, {design['allocation']}"
        )
    if design["uniform"] is not None:
        features.append(f"by the doubt of {summary['model']}, {design['uniform']:.0%} uniform")
    if design["spread"]:
        features.append("evenly along outlets and dates")
    if design["once_per_copy_group"]:
        features.append("one span of a copy group")
    if design["overlap"] < 1:
        features.append(f"{design['overlap']:.0%} coded by {design['overlap_by']}, the rest by one")
    if design["cap"]:
        features.append(f"{design['cap']} a day and coder")
    return [*lines, "; ".join(features)] if features else lines


def list_(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """List the rounds."""
    from annotate.rounds import rounds

    rows = rounds.list_rounds(open_study(study))
    if as_json:
        emit({"rounds": rows})
        return
    if not rows:
        say("no round yet; draw one: slantwise round draw main-1 --coders mira,jon --spans 200")
        return
    from rich.text import Text

    numbers = ("spans", "assigned", "answered", "skipped", "open")
    table = plain_table("round", "purpose", "layout", "coders", *numbers, right=numbers, padding=(0, 1, 0, 0))
    table.columns[0].no_wrap = table.columns[2].no_wrap = True
    for row in rows:
        cells = {**row, "coders": ", ".join(row["coders"])}
        table.add_row(*[Text(str(cells[str(column.header)])) for column in table.columns])
    out().print(table)


def show(name: Name, study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Show a round: its sampling design, the coders' progress, and what the terms miss."""
    from rich.text import Text

    from annotate.rounds.progress import summary as summarise
    from annotate.rounds.term_recall import missed_mentions

    opened = open_study(study)
    summary = summarise(opened, name)
    recall = missed_mentions(opened, name)
    if as_json:
        emit({**summary, "missed": recall.json() if recall else None})
        return
    _print_design(summary)
    say(
        f"{summary['purpose']}, layout {summary['layout']}, codebook {summary['codebook_version']}, "
        f"drawn {summary['made_at']}"
    )
    columns = ("assigned", "blind", "assisted", "answered", "skipped", "open", "seconds")
    table = plain_table("coder", *columns, right=columns, padding=(0, 1, 0, 0))
    for coder, row in summary["coders"].items():
        cells = {**row, "seconds": figure(row["seconds"], 1)}
        table.add_row(Text(coder), *[str(cells[column]) for column in columns])
    out().print(table)
    if any(row["seconds"] is not None for row in summary["coders"].values()):
        out().print("seconds: the median per span", style="dim")
    if len(summary["strata"]) > 1:
        table = plain_table("stratum", "frame", "drawn", "π", right=("frame", "drawn", "π"), padding=(0, 1, 0, 0))
        for stratum, (size, n_drawn) in summary["strata"].items():
            table.add_row(Text(stratum), str(size), str(n_drawn), figure(n_drawn / size))
        out().print(table)
    if recall:
        out().print(_missed_sentence(recall), markup=False)


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
    """Write an Excel workbook for each coder of a round, to code without a server.

    One row per passage with the unit in bold, a drop-down list for each variable, the codebook on a second sheet.
    Import completed workbooks with `slantwise import FILE`. Existing workbooks are not overwritten.
    """
    from annotate.rounds import rounds
    from annotate.sheets import workbook
    from corpus.errors import BadFile

    if format != "xlsx":
        raise BadFile(f"{format!r} is not a workbook format; expected xlsx")
    opened = open_study(study)
    workbooks = workbook.export(opened, rounds.get_round(opened, name), folder, unmasked=unmask)
    print_refusals(workbooks.refusals)
    if as_json:
        files = {coder: {"file": str(file), "rows": workbooks.rows[coder]} for coder, file in workbooks.files.items()}
        emit({"round": name, "files": files, "refused": [refusal._asdict() for refusal in workbooks.refusals]})
    else:
        for coder, file in workbooks.files.items():
            out().print(f"{coder}: {file} ({workbooks.rows[coder]} rows)", markup=False, soft_wrap=True)
        if workbooks.files:
            say("Next, after coding:  slantwise import FILE.xlsx")
    finish(len(workbooks.files), len(workbooks.refusals))
