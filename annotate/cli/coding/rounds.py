"""Commands for rounds: plan, draw, list, show, export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from annotate.cli.shared.open_study import StudyOption, open_study
from annotate.cli.shared.output import JsonOption, emit, figure, finish, out, print_refusals, say

if TYPE_CHECKING:
    from rich.table import Table

    from annotate.rounds.term_recall import Missed

round_ = typer.Typer(no_args_is_help=True, help="Draw the spans to be coded, and assign them to coders.")

NO_TERM = 0.1  # passages without any term drawn with a main round, as a share of its spans


def register(app: typer.Typer) -> None:
    """Put the commands on the command line."""
    app.add_typer(round_, name="round")
    round_.command("plan", epilog="Example:  slantwise round plan --rarest 0.05 --width 0.05")(plan)
    round_.command("draw", epilog="Example:  slantwise round draw main-1 --coders mira,jon --spans 200")(draw)
    round_.command("list", epilog="Example:  slantwise round list")(list_)
    round_.command("show", epilog="Example:  slantwise round show pilot")(show)
    round_.command("export", epilog="Example:  slantwise round export pilot to-coders --format xlsx")(export)


Name = Annotated[str, typer.Argument(metavar="NAME", help="The round's name, such as pilot.")]


def plan(
    width: Annotated[
        float, typer.Option(metavar="W", help="Target half-width of the 95 % interval of the rarest code's share.")
    ] = 0.05,
    rarest: Annotated[
        float | None, typer.Option(metavar="SHARE", help="Share of the rarest code, if nothing is coded yet.")
    ] = None,
    alpha: Annotated[float, typer.Option(metavar="A", help="Expected alpha between two coders.")] = 0.8,
    width_alpha: Annotated[
        float, typer.Option("--width-alpha", metavar="W", help="Target half-width of the 95 % interval of its alpha.")
    ] = 0.1,
    correlation: Annotated[
        float, typer.Option(metavar="RHO", help="Correlation of codes within an article, 0 to 1.")
    ] = 0.1,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Calculate how many spans are needed for the intervals you want.

    For each variable and its rarest code: the number of spans for the code's share, and of spans coded by two for its
    alpha against the rest, both with 95 % intervals. Code frequencies come from coded spans, else from suggestions,
    else from --rarest.
    """
    from annotate.rounds import sample_size

    found = sample_size.plan(
        open_study(study), width=width, rarest=rarest, alpha=alpha, width_alpha=width_alpha, correlation=correlation
    )
    if as_json:
        emit(found.json())
        return
    table = _table(("variable", "rarest code"), ("share", "asked", "effect", "for the share", "for alpha"))
    for need in found.needs:
        cells = (figure(need.share), f"{need.asked:.0%}", f"{need.effect:.2f}")
        numbers = ("more than all" if n is None else str(n) for n in (need.spans_share, need.spans_alpha))
        table.add_row(_text(need.variable), _text(need.rarest or "–"), *map(_text, (*cells, *numbers)))
    out().print(table)
    out().print(
        f"spans for ± {figure(width)} of the share, and coded by two for ± {figure(width_alpha)} of an alpha of "
        f"{figure(alpha)}, both 95 %; shares from {found.needs[0].known_from}",
        style="dim",
    )
    out().print(
        f"effect: 1 + ({found.spans_per_article:.1f} spans an article, where asked, - 1) × {correlation:g}", style="dim"
    )
    for what, source in sample_size.SOURCES.items():
        out().print(f"{what}: {source}", style="dim")
    if found.spans is None:
        say(f"{found.frame} uncoded spans are too few for these intervals; add articles, or allow wider intervals")
    else:
        say(f"{found.spans} of {found.frame} uncoded spans are enough for every variable")
        say(f"Next:  slantwise round draw main-1 --coders A,B --spans {found.spans}")


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
    from annotate.rounds.progress import summary
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
    found = summary(opened, name)
    if as_json:
        emit({**found, "no_term": summary(opened, without_terms.name) if without_terms else None})
        return
    _print_design(found)
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


def _print_design(found: dict[str, Any]) -> None:
    for line in _sentences(found):
        say(line)


def _sentences(found: dict[str, Any]) -> list[str]:
    low, high = found["pi"]
    pi = f"{low:.3g}" if high - low < 1e-9 else f"{low:.3g} to {high:.3g}"
    assigned = sum(coder["assigned"] for coder in found["coders"].values())
    assisted = sum(coder["assisted"] for coder in found["coders"].values())
    arms = f"{assisted} of {assigned} assignments assisted" if assisted else f"all {assigned} assignments blind"
    design = found["design"]
    lines = [f"{found['name']}: {found['spans']} of {found['frame']} spans (π {pi}), {arms}"]
    features = []
    if design["by"]:
        number = len(found["strata"])
        features.append(
            f"{number} strat{'um' if number == 1 else 'a'} by {', '.join(design['by'])}, {design['allocation']}"
        )
    if design["uniform"] is not None:
        features.append(f"by the doubt of {found['model']}, {design['uniform']:.0%} uniform")
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

    found = rounds.listing(open_study(study))
    if as_json:
        emit({"rounds": found})
        return
    if not found:
        say("no round yet; draw one: slantwise round draw main-1 --coders mira,jon --spans 200")
        return
    table = _table(("round", "purpose", "layout", "coders"), ("spans", "assigned", "answered", "skipped", "open"))
    for row in found:
        cells = {**row, "coders": ", ".join(row["coders"])}
        table.add_row(*[_text(cells[str(column.header)]) for column in table.columns])
    out().print(table)


def show(name: Name, study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Show a round: its sampling design, the coders' progress, and what the terms miss."""
    from annotate.rounds.progress import summary
    from annotate.rounds.term_recall import missed

    opened = open_study(study)
    found = summary(opened, name)
    without = missed(opened, name)
    if as_json:
        emit({**found, "missed": without.json() if without else None})
        return
    _print_design(found)
    say(f"{found['purpose']}, layout {found['layout']}, codebook {found['codebook_version']}, drawn {found['made_at']}")
    columns = ("assigned", "blind", "assisted", "answered", "skipped", "open", "seconds")
    table = _table(("coder",), columns)
    for coder, row in found["coders"].items():
        cells = {**row, "seconds": figure(row["seconds"], 1)}
        table.add_row(_text(coder), *[_text(cells[column]) for column in columns])
    out().print(table)
    if any(row["seconds"] is not None for row in found["coders"].values()):
        out().print("seconds: the median per span", style="dim")
    if len(found["strata"]) > 1:
        table = _table(("stratum",), ("frame", "drawn", "π"))
        for stratum, (size, n_drawn) in found["strata"].items():
            table.add_row(_text(stratum), str(size), str(n_drawn), figure(n_drawn / size))
        out().print(table)
    if without:
        out().print(_missed_sentence(without), markup=False)


def _missed_sentence(found: Missed) -> str:
    where = f"{found.round}: {found.passages} of {found.drawn} passages without any term answered"
    if found.per_1000 is None or found.interval is None or found.in_all is None:
        return f"{where}; too few to estimate how many mentions the terms miss"
    low, high = found.interval
    total, least, most = found.in_all
    return (
        f"{where}, {found.mentions:g} mentions in them: the terms miss {found.per_1000:.1f} [{low:.1f}, {high:.1f}] "
        f"per 1,000 such passages, so {total:.0f} [{least:.0f}, {most:.0f}] in all {found.frame}"
    )


def _table(left: tuple[str, ...], right: tuple[str, ...]) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    for name in left:
        table.add_column(name, overflow="fold", no_wrap=name in ("round", "layout"))
    for name in right:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _text(value: object) -> Any:
    from rich.text import Text

    return Text(str(value))


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
    done = workbook.export(opened, rounds.named(opened, name), folder, unmasked=unmask)
    print_refusals(done.refusals)
    if as_json:
        files = {coder: {"file": str(file), "rows": done.rows[coder]} for coder, file in done.files.items()}
        emit({"round": name, "files": files, "refused": [one._asdict() for one in done.refusals]})
    else:
        for coder, file in done.files.items():
            out().print(f"{coder}: {file} ({done.rows[coder]} rows)", markup=False, soft_wrap=True)
        if done.files:
            say("Next, after coding:  slantwise import FILE.xlsx")
    finish(len(done.files), len(done.refusals))
