"""Commands for copy groups: copies list, copies show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from annotate.cli.shared.command_groups import command_group
from annotate.cli.shared.open_study import StudyOption, read_study
from annotate.cli.shared.output import JsonOption, emit, figure, out, plain_table, say

if TYPE_CHECKING:
    from rich.text import Text

    from corpus.copies.groups import Member
    from corpus.wording.alignment import CopyChange

copies = command_group("Show articles with the same text, and each outlet's changes.")
SHOWN = 12  # changes printed for an article; --all and --json have the rest


def register(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(copies, name="copies")
    copies.command("list", epilog="Example:  slantwise copies list")(list_)
    copies.command("show", epilog="Example:  slantwise copies show 4082983c83aa")(show)


def list_(
    least: Annotated[int, typer.Option(help="Minimum number of articles per group.", min=2)] = 2,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the copy groups, the largest first."""
    from corpus.copies.groups import list_copy_groups

    listed = list_copy_groups(read_study(study), least=least)
    if as_json:
        emit(listed.json())
        return
    from rich.text import Text

    names = ("group", "articles", "outlets", "first", "credit", "title")
    table = plain_table(*names, right=["articles"], overflow="ellipsis")
    for row in listed.groups:
        first = f"{row.outlet}, {row.date or 'undated'}"
        others = [name for name in row.outlets if name != row.outlet]
        table.add_row(
            row.group, str(row.articles), Text(", ".join(others) or "–"), Text(first),
            Text(row.credit or "–"), Text(row.title or "", no_wrap=True, overflow="ellipsis"),
        )  # fmt: skip
    out().print(table)
    say(f"{len(listed.groups)} groups with {sum(row.articles for row in listed.groups)} articles")


def show(
    id: Annotated[str, typer.Argument(metavar="ID", help="A group's id, as `copies list` prints it, or an article's.")],
    all_changes: Annotated[bool, typer.Option("--all", help="Show every change.")] = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a group's articles and their changes to the earliest one.

    Changes that affect the codebook's terms come first, marked ▸.
    """
    from corpus.copies.groups import find_copy_group

    group = find_copy_group(read_study(study), id)
    if as_json:
        emit(group.json())
        return
    from rich.text import Text

    console = out()
    first, *others = group.members
    console.print(Text.assemble("group ", (group.group, "bold"), f", credit line: {group.credit or 'none'}"))
    console.print(Text.assemble("earliest  ", *_member_line(first)))
    for member in others:
        console.print()
        console.print(Text.assemble(f"{figure(member.similarity, 2)}  ", *_member_line(member)))
        for change in member.changes if all_changes else member.changes[:SHOWN]:
            console.print(_change_line(change))
        if len(member.changes) > SHOWN and not all_changes:
            console.print(Text(f"  and {len(member.changes) - SHOWN} more; --all shows them", style="dim"))
        for (a, b), (c, d) in member.repeats:
            console.print(Text(f"  repeats itself: {c}-{d} is a copy of {a}-{b}", style="dim"))


def _member_line(member: Member) -> list[Any]:
    date = member.date or "undated"
    return [
        (member.outlet, "bold"),
        f", {date}, {member.words} words, ",
        (member.article, "dim"),
        f"  {member.title or ''}",
    ]


def _change_line(change: CopyChange) -> Text:
    from rich.text import Text

    marker = "▸ " if change.of_mention else "  "
    parts: list[Any] = [("  " + marker, "bold")]
    if change.before:
        parts.append((_shorten(change.before), "red strike"))
    if change.before and change.after:
        parts.append(" → ")
    if change.after:
        parts.append((_shorten(change.after), "green"))
    return Text.assemble(*parts, (f"  {change.kind}", "dim"))


def _shorten(words: str) -> str:
    flat = " ".join(words.split())
    return flat if len(flat) <= 160 else f"{flat[:90]} … {flat[-60:]}"
