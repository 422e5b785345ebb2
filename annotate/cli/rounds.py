"""Commands about rounds: draw, list, show, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .output import JsonOption, StudyOption, emit, finish, out, refused, say, study_of

round_ = typer.Typer(no_args_is_help=True, help="Which spans are coded, by whom, blind or assisted.")


def register(app: typer.Typer) -> None:
    """Put the commands on the command line."""
    app.add_typer(round_, name="round")
    round_.command("draw", epilog="Example:  slantwise round draw pilot --coders mira,jon --spans 50")(draw)
    round_.command("list", epilog="Example:  slantwise round list")(list_)
    round_.command("show", epilog="Example:  slantwise round show pilot")(show)
    round_.command("export", epilog="Example:  slantwise round export pilot to-coders --format xlsx")(export)


Name = Annotated[str, typer.Argument(metavar="NAME", help="The round's name, such as pilot.")]


def draw(
    name: Name,
    coders: Annotated[str, typer.Option(metavar="A,B", help="Who codes; everybody gets every span.")],
    spans: Annotated[
        int | None, typer.Option(metavar="N", help="So many at random; without it every span nobody has coded.")
    ] = None,
    assisted: Annotated[
        float, typer.Option(metavar="SHARE", help="The share of each coder's spans that shows a suggestion.")
    ] = 0.0,
    purpose: Annotated[
        str, typer.Option(metavar="pilot|training|reliability|main|audit", help="What the round is for.")
    ] = "main",
    layout: Annotated[
        str, typer.Option(metavar="unit|highlight", help="Code marked spans, or mark spans in passages.")
    ] = "unit",
    seed: Annotated[int | None, typer.Option(help="Another seed than the study's.")] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draw a round: which spans are coded, by whom, blind or assisted.

    It is stored with what it was drawn from and with every probability, and never drawn again.
    """
    from annotate import rounds

    opened = study_of(study)
    names = [coder.strip() for coder in coders.split(",")]
    rounds.draw(
        opened, name, names, spans=spans, assisted=assisted, purpose=purpose, layout=layout, seed=seed  # type: ignore[arg-type]
    )  # fmt: skip
    found = rounds.summary(opened, name)
    if as_json:
        emit(found)
    else:
        say(_sentence(found))
        say(f"Next:  slantwise studio start, then slantwise studio push {name}")


def _sentence(found: dict[str, Any]) -> str:
    helped = sum(coder["assisted"] for coder in found["coders"].values())
    arms = (
        f", {helped} of the {found['spans'] * len(found['coders'])} assignments assisted" if helped else ", all blind"
    )
    return (
        f"{found['name']}: {found['spans']} of {found['frame']} spans (π {found['pi'][0]:.3g}) for "
        f"{', '.join(found['coders'])}{arms}"
    )


def list_(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """List the rounds."""
    from annotate import rounds

    found = rounds.listing(study_of(study))
    if as_json:
        emit({"rounds": found})
        return
    if not found:
        say("no round yet; draw one: slantwise round draw pilot --coders mira,jon --spans 50")
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("round", "purpose", "layout", "spans", "coders", "pushed", "answered", "skipped"):
        table.add_column(name, justify="right" if isinstance(found[0][name], int) else "left")
    for row in found:
        cells = {**row, "coders": ", ".join(row["coders"])}
        table.add_row(*[str(cells[str(column.header)]) for column in table.columns])
    out().print(table)


def show(name: Name, study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Show a round: what it was drawn from, its probabilities, who has answered."""
    from annotate import rounds

    found = rounds.summary(study_of(study), name)
    if as_json:
        emit(found)
        return
    from rich.table import Table
    from rich.text import Text

    say(_sentence(found))
    say(f"{found['purpose']}, layout {found['layout']}, codebook {found['codebook_version']}, drawn {found['made_at']}")
    table = Table(box=None, pad_edge=False, header_style="dim")
    columns = ("assigned", "blind", "assisted", "answered", "skipped", "deleted", "empty")
    table.add_column("coder")
    for column in columns:
        table.add_column(column, justify="right")
    for coder, row in found["coders"].items():
        table.add_row(Text(coder), *[str(row[column]) for column in columns])
    out().print(table)


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
    from annotate import rounds, sheet
    from corpus.errors import BadFile

    if format != "xlsx":
        raise BadFile(f"{format!r} is no format of workbooks; expected xlsx")
    opened = study_of(study)
    done = sheet.export(opened, rounds.named(opened, name), folder, unmasked=unmask)
    refused(done.refusals)
    if as_json:
        files = {coder: {"file": str(file), "rows": done.rows[coder]} for coder, file in done.files.items()}
        emit({"round": name, "files": files, "refused": [one._asdict() for one in done.refusals]})
    else:
        for coder, file in done.files.items():
            out().print(f"{coder}: {file} ({done.rows[coder]} rows)", markup=False, soft_wrap=True)
        if done.files:
            say("Next, when they have coded:  slantwise import FILE.xlsx")
    finish(len(done.files), len(done.refusals))
