"""Commands for Label Studio: start, stop, status, push, pull, serve, doctor."""

from __future__ import annotations

from typing import Annotated

import typer

from annotate.cli.shared.command_groups import command_group
from annotate.cli.shared.open_study import StudyOption, open_study, read_study
from annotate.cli.shared.output import JsonOption, emit, finish, out, print_answer_counts, progress, say, shown

from .serve import TokenOption, UrlOption, serve

studio = command_group("Code in Label Studio: start it, send rounds, fetch answers.")


def register(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(studio, name="studio")
    studio.command("start", epilog="Example:  slantwise studio start --coders mira,jon")(start)
    studio.command("push", epilog="Example:  slantwise studio push pilot")(push)
    studio.command("serve", epilog="Example:  slantwise studio serve")(serve)
    studio.command("pull", epilog="Example:  slantwise studio pull pilot")(pull)
    studio.command("status", epilog="Example:  slantwise studio status")(status)
    studio.command("doctor", epilog="Example:  slantwise studio doctor pilot")(doctor)
    studio.command("stop", epilog="Example:  slantwise studio stop")(stop)


def start(
    coders: Annotated[
        str | None, typer.Option(metavar="A,B", help="Names of the coders (default: those of all rounds).")
    ] = None,
    isolate: Annotated[
        bool, typer.Option("--isolate", help="One server per coder, so that coders cannot see each other.")
    ] = False,
    port: Annotated[int | None, typer.Option(help="Port (default: the first free one).")] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Start Label Studio for this study, on this machine only.

    It runs the label-studio in SLANTWISE_LABEL_STUDIO, else the one on the PATH, else it installs one separately (1 GB,
    once).
    """
    from annotate.studio.accounts import local_servers
    from annotate.studio.own_server import start_studio

    opened = open_study(study)
    started = start_studio(opened, coders, isolate=isolate, port=port, say=say)
    if as_json:
        emit(started.json())
        return
    for server in started.servers:
        say(f"Label Studio runs at {server.url}" + (f" for {server.coder}" if server.coder else ""))
    servers = local_servers(opened)
    for account in started.accounts:
        own = servers.server_of(account.coder)
        say(f"  {account.coder} signs in at {own.url if own else ''}: {account.email}, {account.password}")
    say(f"Passwords and tokens are in {servers.file}, which only you can read.")
    say("Next:  slantwise studio push ROUND")


def stop(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Stop this study's Label Studio; answers are kept."""
    from annotate.studio.own_server import stop_studio

    done = stop_studio(read_study(study))
    if as_json:
        emit(done.json())
    else:
        say(f"servers stopped: {len(done.stopped)}" if done.stopped else "Label Studio was not running")


def status(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Show whether this study's Label Studio is running, and where."""
    from annotate.studio.own_server import studio_status

    found = studio_status(read_study(study))
    if as_json:
        emit(found.json())
        return
    if not found.servers:
        say("no Label Studio has been started; start one: slantwise studio start")
    for server in found.servers:
        state = "runs" if server.healthy else "is starting" if server.running else "is stopped"
        out().print(f"{server.url} {state}" + (f" ({server.coder})" if server.coder else ""), markup=False)


def push(
    name: Annotated[str, typer.Argument(metavar="ROUND", help="The round to send, see `round list`.")],
    url: UrlOption = None,
    token: TokenOption = None,
    unmask: Annotated[bool, typer.Option("--unmask", help="Show outlet and date to coders.")] = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send a round to Label Studio: one project per coder.

    Pushing again, also after an interruption, sends only missing tasks.
    """
    from annotate.studio.round_projects import push as push_round

    opened = open_study(study)
    with progress(f"pushing {name}") as (bar, task):
        pushed = push_round(opened, name, url=url, token=token, unmask=unmask, progress=shown(bar, task))
    if as_json:
        emit(pushed.json())
        return
    for project in pushed.projects:
        twice = f", {project.doubles} duplicates (see slantwise studio doctor {name})" if project.doubles else ""
        fresh = f", {project.refreshed} with newer suggestions" if project.refreshed else ""
        held = (
            f", {project.held} not sent because of the daily cap (pull, and push again tomorrow)"
            if project.held
            else ""
        )
        say(f"{project.coder}: {project.new} new tasks, {project.known} already there{fresh}{held}{twice}")
        out().print(f"{project.url}/projects/{project.project}/data?labeling=1", markup=False, soft_wrap=True)
    say(f"Next, after coding:  slantwise studio pull {name}")


def pull(
    name: Annotated[str | None, typer.Argument(metavar="[ROUND]", help="The round (default: all).")] = None,
    url: UrlOption = None,
    token: TokenOption = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch the coders' answers.

    Edited answers replace the earlier ones; deletions and skips are recorded, drafts are not. Pulling again changes
    nothing.
    """
    from annotate.studio.round_projects import pull as pull_rounds

    opened = open_study(study)
    with progress("pulling") as (bar, task):
        pulled = pull_rounds(opened, name, url=url, token=token, progress=shown(bar, task))
    print_answer_counts(pulled, as_json)
    finish(1, len(pulled.refusals))


def doctor(
    name: Annotated[str, typer.Argument(metavar="ROUND", help="The round to check.")],
    url: UrlOption = None,
    token: TokenOption = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check a pushed round on its server.

    Problems are reported with their solution.
    """
    from annotate.studio.round_projects import check_round

    checked = check_round(read_study(study), name, url=url, token=token)
    if as_json:
        emit(checked.json())
    else:
        for finding in checked.findings:
            out().print(f"{finding.state:5}  {finding.coder}: {finding.said}", markup=False, soft_wrap=True)
    finish(1, checked.wrong)
