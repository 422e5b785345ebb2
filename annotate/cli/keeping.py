"""Commands that keep a study safe: study check, repair, backup, restore and copy, and doctor."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from annotate.cli.shared.command_groups import command_group
from annotate.cli.shared.open_study import StudyOption, find_study
from annotate.cli.shared.output import DONE, PART, JsonOption, emit, out, progress, say

if TYPE_CHECKING:
    from corpus.integrity.findings import CheckedStudy, Finding

group = command_group("Keep a study safe: check it, back it up, restore it.")


def register(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(group, name="study")
    group.command(epilog="Example:  slantwise study check")(check)
    group.command(epilog="Example:  slantwise study backup ../valley.backup")(backup)
    group.command(epilog="Example:  slantwise study restore ../valley.backup ../valley-restored")(restore)
    group.command(epilog="Example:  slantwise study repair")(repair)
    group.command(epilog="Example:  slantwise study copy postgresql+psycopg://mira@host/valley")(copy)
    group.command(epilog="Example:  slantwise study log")(log)
    app.command(epilog="Example:  slantwise doctor")(doctor)


def check(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Check that the study's database and files are whole.

    Database, links between tables, digests of texts, answers and models, codebook, pages. Says what was checked, and
    what each finding means and what to do. Nothing is changed.
    """
    from corpus.integrity.check import check_study

    checked = check_study(find_study(study))
    if as_json:
        emit(checked.json())
    else:
        _print_checked(checked)
    raise typer.Exit(DONE if checked.whole else PART)


def _print_checked(checked: CheckedStudy) -> None:
    for what, n in checked.checked.items():
        if n:
            out().print(f"checked  {n:>9,}  {what}", markup=False, soft_wrap=True)
    for what, why in checked.unchecked.items():
        say(f"not checked: {what}: {why}")
    _print_findings(checked.findings)
    say("nothing wrong was found" if checked.whole else f"{len(checked.findings)} findings")


def _print_findings(findings: Iterable[Finding]) -> None:
    for finding in findings:
        say(f"found: {finding.what} ({finding.places}): {finding.where}. {finding.means}. What to do: {finding.todo}")


def repair(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Repair what can be repaired, and list what is lost by name.

    Counts, indexes, copy groups and spans are found again; rows that can be read are taken out of a damaged database
    into a new one, and the damaged one is kept. A backup is better than a repair.
    """
    from corpus.integrity.repair import repair_study

    done = repair_study(find_study(study))
    if as_json:
        emit(done.json())
    else:
        for what in done.rebuilt:
            out().print(f"found again: {what}", markup=False, soft_wrap=True)
        for what in done.lost:
            say(f"lost: {what}")
        for what in done.unsure:
            say(f"unsure: these values were changed in the file, and count as they are now: {what}")
        if done.kept:
            say(f"the damaged database is kept: {done.kept}")
        if done.lost_rows:
            say(f"what is known of lost rows: {done.lost_rows}")
        _print_findings(done.findings)
        if not (done.rebuilt or done.findings):
            say("nothing had to be repaired")
    raise typer.Exit(PART if done.lost or done.unsure or done.findings else DONE)


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write; it must be new.")],
    without_models: Annotated[
        bool, typer.Option("--without-models", help="Leave out trained models, which `train` makes again.")
    ] = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the study into one file.

    It holds settings, codebook, database, models, reports and fetched pages, and a digest of each, which
    `study restore` compares. Others may go on writing meanwhile.
    """
    from corpus.integrity.backup import backup_study

    with progress("writing the backup") as (bar, task):
        made = backup_study(
            find_study(study),
            file,
            without_models=without_models,
            progress=lambda share: bar.update(task, completed=share),
        )
    if as_json:
        emit(made.json())
    else:
        say(
            f"{made.file}: {_size(made.bytes)}, {made.articles} articles, {made.annotations} annotations, "
            f"{made.models} models; Label Studio's own files are not in it"
        )
    if made.findings:
        say("the database was backed up as it is, and it is damaged: keep your earlier backups")
        _print_findings(made.findings)
    raise typer.Exit(PART if made.findings else DONE)


def _size(number: int) -> str:
    return f"{number / 1e6:.1f} MB" if number >= 100_000 else f"{number / 1e3:.1f} kB"


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `study backup` wrote.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to create.")],
    as_json: JsonOption = False,
) -> None:
    """Make a study from a backup, in a new folder.

    Every digest is compared before anything is written, and nothing that is there already is replaced.
    """
    from corpus.integrity.backup import restore_study

    made = restore_study(file, folder)
    if as_json:
        emit(made.json())
    else:
        say(
            f"{made.study} is the study {made.name} as it was at {made.made_at}: {made.articles} articles, "
            f"{made.annotations} annotations"
        )
        if made.store != "sqlite":
            say(f"its store was in {made.store} and is a file now; to move it there: slantwise study copy URL")


def copy(
    url: Annotated[
        str, typer.Argument(metavar="URL", help="The new store: sqlite, or postgresql+psycopg://user@host/name.")
    ],
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Move the study's store to another database.

    From a file to PostgreSQL for a team, or back. All rows are copied and compared; only then study.toml names the
    new store. The old one is kept.
    """
    from corpus.integrity.copy import copy_study

    with progress("copying the store") as (bar, task):
        made = copy_study(find_study(study), url, progress=lambda share: bar.update(task, completed=share))
    if as_json:
        emit(made.json())
    else:
        say(f"the study's store is {made.store} now: {made.rows_copied} rows in {made.tables} tables, all the same")
        say(f"the old one is kept, and is no longer used: {made.kept or made.was}")


def doctor(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Check study, codebook and rounds in Label Studio."""
    from annotate.studio.round_projects import check_round
    from corpus.codebook.examples import check_codebook
    from corpus.errors import SlantwiseError
    from corpus.integrity.check import check_study
    from corpus.study.study import CODEBOOK

    opened = find_study(study)
    checked = check_study(opened)
    said: dict[str, Any] = {"study": checked.json(), "codebook": None, "studio": {}}
    wrong = not checked.whole
    if not as_json:
        _print_checked(checked)
    try:
        book = check_codebook(opened.folder / CODEBOOK)
        said["codebook"] = book.json()
        for warning in book.warnings:
            say(f"codebook: {f'line {warning.line}: ' if warning.line else ''}{warning.why}")
        for missed in book.missed:
            say(f"codebook: the terms do not find the marked words of “{missed.text}”")
    except SlantwiseError as error:
        wrong = True
        say(f"codebook: {error.for_command()}")
    for name in _pushed_rounds(opened):
        try:
            found = check_round(opened, name)
            said["studio"][name] = found.json()
            wrong = wrong or bool(found.wrong)
            for finding in found.findings:
                if finding.state == "wrong" or not as_json:
                    say(f"studio: {name}: {finding.state} {finding.coder}: {finding.said}")
        except SlantwiseError as error:
            wrong = True
            said["studio"][name] = {"error": error.for_command()}
            say(f"studio: {name}: {error.for_command()}")
    if as_json:
        emit(said)
    raise typer.Exit(PART if wrong else DONE)


def _pushed_rounds(study: Any) -> list[str]:
    """Return the rounds that have projects in Label Studio; none where the store cannot be read."""
    from sqlalchemy import select

    from corpus.errors import SlantwiseError
    from corpus.study import database as db

    try:
        with study.store.reading() as connection:
            return sorted(set(connection.execute(select(db.studio_projects.c.round)).scalars()))
    except SlantwiseError:
        return []


def log(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """List what changed the study, and when.

    Each with the version of Slantwise, its arguments and counts; commands and functions alike, the oldest first.
    What wrote nothing is not listed.
    """
    from corpus.study.history.log import read_log

    entries = read_log(find_study(study))
    if as_json:
        emit(entries.json())
        return
    for entry in entries.entries:
        given = " ".join(f"{name}={value}" for name, value in entry.arguments.items())
        counted = ", ".join(f"{name} {n}" for name, n in entry.outcome.items())
        out().print(f"{entry.at}  {entry.version}  {entry.command}  {given}  {counted}", markup=False, soft_wrap=True)
    say("1 entry" if len(entries.entries) == 1 else f"{len(entries.entries)} entries")
