"""Commands about rounds: plan, draw, list, show, export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from annotate.cli.shared.open_study import StudyOption, open_study
from annotate.cli.shared.output import JsonOption, emit, figure, finish, out, print_refusals, say

if TYPE_CHECKING:
    from rich.table import Table

    from annotate.rounds.term_recall import Missed

round_ = typer.Typer(no_args_is_help=True, help="Which spans are coded, by whom, blind or assisted.")

NO_TERM = 0.1  # passages without any term beside a main round, as a share of its spans


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
        float, typer.Option(metavar="W", help="The rarest code's share shall be known to ± so much.")
    ] = 0.05,
    rarest: Annotated[
        float | None, typer.Option(metavar="SHARE", help="The rarest code's share, where nothing is coded yet.")
    ] = None,
    alpha: Annotated[float, typer.Option(metavar="A", help="The alpha that is expected of two coders.")] = 0.8,
    width_alpha: Annotated[
        float, typer.Option("--width-alpha", metavar="W", help="Its alpha shall be known to ± so much.")
    ] = 0.1,
    correlation: Annotated[
        float, typer.Option(metavar="RHO", help="How alike the spans of one article are coded, 0 to 1.")
    ] = 0.1,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say how many spans the wanted intervals need.

    For each variable and its rarest code: spans for the code's share, and spans coded by two for its alpha against the
    rest, both with 95 % intervals. How rare codes are is taken from what is coded, else from suggestions, else asked.
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
        say(f"{found.frame} spans are open: too few for all of this; add articles, or be content with wider intervals")
    else:
        say(f"{found.spans} of {found.frame} open spans serve every variable")
        say(f"Next:  slantwise round draw main-1 --coders A,B --spans {found.spans}")


def draw(
    name: Name,
    coders: Annotated[str, typer.Option(metavar="A,B", help="Who codes.")],
    spans: Annotated[
        int | None, typer.Option(metavar="N", help="How many; without it every span that nobody has coded.")
    ] = None,
    purpose: Annotated[
        str, typer.Option(metavar="pilot|training|reliability|main|audit", help="What the round is for.")
    ] = "main",
    by: Annotated[
        str, typer.Option(metavar="outlet,period", help="Strata: outlet, copy_group, period, term, attribution.")
    ] = "",
    allocation: Annotated[
        str, typer.Option(metavar="proportional|equal", help="How the spans are divided among the strata.")
    ] = "proportional",
    least: Annotated[int, typer.Option(metavar="N", help="So many of each stratum at least.")] = 1,
    spread: Annotated[bool, typer.Option("--spread", help="Draw evenly along outlets and dates.")] = False,
    once: Annotated[
        bool, typer.Option("--once-per-copy-group", help="At most one span of each text, its copies included.")
    ] = False,
    doubt: Annotated[
        bool, typer.Option("--doubt", help="Draw rather what the model is unsure of; every π stays known.")
    ] = False,
    uniform: Annotated[
        float, typer.Option(metavar="T", help="With --doubt: the part that does not look at the doubt.")
    ] = 0.3,
    overlap: Annotated[
        float, typer.Option(metavar="SHARE", help="The share that several code; the others go to one coder by chance.")
    ] = 1.0,
    overlap_by: Annotated[
        str, typer.Option("--overlap-by", metavar="all|two", help="Whether all or two code that share.")
    ] = "all",
    assisted: Annotated[
        float, typer.Option(metavar="SHARE", help="The share of each coder's spans that shows a suggestion.")
    ] = 0.0,
    no_term: Annotated[
        float | None,
        typer.Option(
            "--no-term", metavar="SHARE", help="Passages without any term, beside the round; main rounds: 0.1."
        ),
    ] = None,
    cap: Annotated[int | None, typer.Option(metavar="N", help="So many spans a coder gets a day.")] = None,
    layout: Annotated[
        str, typer.Option(metavar="unit|highlight", help="Code marked spans, or mark spans in passages.")
    ] = "unit",
    seed: Annotated[int | None, typer.Option(help="Another seed than the study's.")] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draw a round: which spans are coded, by whom, blind or assisted.

    It is stored with what it was drawn from and with every probability, and never drawn again. Each coder has another
    order. Strata by copy_group divide copied texts from others; by period months; by term the codebook's terms.

    Beside a main round of mentions lies NAME.no-term: passages without any term, in which coders mark what the terms
    have missed. It is pushed and pulled like a round, and `round show` estimates from it. --cap is kept by `studio
    push`: pushed again each day, it tops every coder up to the cap.
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
        raise BadRound(f"--no-term {share}: expected a share from 0 to 1, in a study whose codebook has terms")
    if share:
        rounds.check_name(opened, f"{name}{rounds.WITHOUT_TERMS}")  # before anything is drawn
    properties = tuple(dict.fromkeys(part.strip() for part in by.split(",") if part.strip()))
    design = Design(
        properties, allocation, least, spread, once, uniform if doubt else None, overlap, overlap_by, cap  # type: ignore[arg-type]
    )  # fmt: skip
    made = draw_round(
        opened, name, names, spans=spans, assisted=assisted, purpose=purpose, layout=layout, seed=seed, design=design  # type: ignore[arg-type]
    )  # fmt: skip
    beside = draw_without_terms(opened, made, names, share) if share else None
    found = summary(opened, name)
    if as_json:
        emit({**found, "no_term": summary(opened, beside.name) if beside else None})
        return
    _say(found)
    if beside:
        n = len(rounds.draws(opened, beside.name))
        say(f"{beside.name}: {n} of {beside.frame} passages without any term, to see what the terms miss")
    elif share:
        say("no passage without any term is left, so none lies beside it")
    both = f"{name} (and {beside.name})" if beside else name
    say(f"Next:  slantwise studio start, then slantwise studio push {both}")


def _say(found: dict[str, Any]) -> None:
    for line in _sentences(found):
        say(line)


def _sentences(found: dict[str, Any]) -> list[str]:
    low, high = found["pi"]
    pi = f"{low:.3g}" if high - low < 1e-9 else f"{low:.3g} to {high:.3g}"
    given = sum(coder["assigned"] for coder in found["coders"].values())
    helped = sum(coder["assisted"] for coder in found["coders"].values())
    arms = f"{helped} of {given} assignments assisted" if helped else f"all {given} assignments blind"
    design = found["design"]
    lines = [f"{found['name']}: {found['spans']} of {found['frame']} spans (π {pi}), {arms}"]
    how = []
    if design["by"]:
        number = len(found["strata"])
        how.append(f"{number} strat{'um' if number == 1 else 'a'} by {', '.join(design['by'])}, {design['allocation']}")
    if design["uniform"] is not None:
        how.append(f"by the doubt of {found['model']}, {design['uniform']:.0%} uniform")
    if design["spread"]:
        how.append("evenly along outlets and dates")
    if design["once_per_copy_group"]:
        how.append("one span of a copy group")
    if design["overlap"] < 1:
        how.append(f"{design['overlap']:.0%} coded by {design['overlap_by']}, the rest by one")
    if design["cap"]:
        how.append(f"{design['cap']} a day and coder")
    return [*lines, "; ".join(how)] if how else lines


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
    """Show a round: how it was drawn, how far each coder is, what the terms miss."""
    from annotate.rounds.progress import summary
    from annotate.rounds.term_recall import missed

    opened = open_study(study)
    found = summary(opened, name)
    without = missed(opened, name)
    if as_json:
        emit({**found, "missed": without.json() if without else None})
        return
    _say(found)
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
        for stratum, (size, took) in found["strata"].items():
            table.add_row(_text(stratum), str(size), str(took), figure(took / size))
        out().print(table)
    if without:
        out().print(_missed(without), markup=False)


def _missed(found: Missed) -> str:
    where = f"{found.round}: {found.passages} of {found.drawn} passages without any term answered"
    if found.per_1000 is None or found.interval is None or found.in_all is None:
        return f"{where}; no estimate yet of what the terms miss"
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
    format: Annotated[str, typer.Option(metavar="xlsx", help="The kind of files.")] = "xlsx",
    unmask: Annotated[bool, typer.Option("--unmask", help="Show coders the outlet and the date.")] = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a workbook for each coder of a round, to code without a server.

    One row a passage with the unit in bold, a list to choose from for each variable, the codebook on a second sheet.
    What comes back is read by: slantwise import FILE. A workbook that is there already is left as it is.
    """
    from annotate.rounds import rounds
    from annotate.sheets import workbook
    from corpus.errors import BadFile

    if format != "xlsx":
        raise BadFile(f"{format!r} is no format of workbooks; expected xlsx")
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
            say("Next, when they have coded:  slantwise import FILE.xlsx")
    finish(len(done.files), len(done.refusals))
