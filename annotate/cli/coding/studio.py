"""Commands for Label Studio: start, stop, status, push, pull, serve, doctor."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from annotate.cli.shared.open_study import StudyOption, open_study
from annotate.cli.shared.output import JsonOption, emit, finish, out, print_answer_counts, progress, say

from .serve import TokenOption, UrlOption, serve

if TYPE_CHECKING:
    from annotate.studio.server import Account, Server, Servers

studio = typer.Typer(no_args_is_help=True, help="Code in Label Studio: start it, send rounds, fetch answers.")


def register(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(studio, name="studio")
    studio.command("start", epilog="Example:  slantwise studio start --coders mira,jon")(start)
    studio.command("stop", epilog="Example:  slantwise studio stop")(stop)
    studio.command("status", epilog="Example:  slantwise studio status")(status)
    studio.command("push", epilog="Example:  slantwise studio push pilot")(push)
    studio.command("pull", epilog="Example:  slantwise studio pull pilot")(pull)
    studio.command("serve", epilog="Example:  slantwise studio serve")(serve)
    studio.command("doctor", epilog="Example:  slantwise studio doctor pilot")(doctor)


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
    from annotate.rounds import rounds
    from annotate.studio.accounts import local_servers, sign_in
    from corpus.errors import NoStudio

    opened = open_study(study)
    names = [name.strip() for name in coders.split(",")] if coders else rounds.coders(opened)
    if isolate and not names:
        raise NoStudio("--isolate starts one server per coder; name the coders: --coders mira,jon")
    servers = local_servers(opened)
    running = servers.start(names, port=port, isolate=isolate, say=say)
    accounts: list[Account] = []
    for name in names:
        with sign_in(opened, name) as place:
            assert place.account is not None
            accounts.append(place.account)
    if as_json:
        emit({"servers": [_row(server) for server in running], "accounts": [asdict(account) for account in accounts]})
        return
    for server in running:
        say(f"Label Studio runs at {server.url}" + (f" for {server.coder}" if server.coder else ""))
    for account in accounts:
        own = servers.server_of(account.coder)
        say(f"  {account.coder} signs in at {own.url if own else ''}: {account.email}, {account.password}")
    say(f"Passwords and tokens are in {servers.file}, which only you can read.")
    say("Next:  slantwise studio push ROUND")


def _row(server: Server) -> dict[str, Any]:
    return {"coder": server.coder or None, "url": server.url}


def stop(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Stop this study's Label Studio; answers are kept."""
    from annotate.studio.accounts import local_servers

    stopped = local_servers(open_study(study)).stop()
    if as_json:
        emit({"stopped": [_row(one) for one in stopped]})
    else:
        say(f"servers stopped: {len(stopped)}" if stopped else "Label Studio was not running")


def status(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Show whether this study's Label Studio is running, and at which address."""
    from annotate.studio.accounts import local_servers
    from annotate.studio.server import is_healthy, is_running

    servers: Servers = local_servers(open_study(study))
    rows = [{**_row(one), "running": is_running(one), "healthy": is_healthy(one)} for one in servers.servers]
    if as_json:
        emit({"servers": rows, "coders": sorted(servers.accounts)})
        return
    if not rows:
        say("no Label Studio has been started; start one: slantwise studio start")
    for row in rows:
        state = "runs" if row["healthy"] else "is starting" if row["running"] else "is stopped"
        out().print(f"{row['url']} {state}" + (f" ({row['coder']})" if row["coder"] else ""), markup=False)


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
    from annotate.rounds import rounds
    from annotate.studio import backend_connection
    from annotate.studio import push as pushing
    from annotate.studio.accounts import sign_in

    opened = open_study(study)
    drawn = rounds.get_round(opened, name)
    backend = backend_connection.running_backend(opened)
    pushed = []
    with progress(f"pushing {name}") as (bar, task):
        for coder in rounds.coders(opened, name):
            total = len(rounds.assignments(opened, name, coder))
            bar.update(task, description=f"pushing to {coder}", total=total, completed=0)
            with sign_in(opened, coder, url, token) as place:
                pushed.append(
                    pushing.push(
                        opened, drawn, coder, place.studio, place.server, unmasked=unmask,
                        progress=lambda done: bar.update(task, completed=done),
                    )
                )  # fmt: skip
                if backend:
                    backend_connection.connect(opened, drawn, coder, place.studio, backend)
    if as_json:
        emit({"round": name, "projects": [asdict(project) for project in pushed]})
        return
    for project in pushed:
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
    from annotate.rounds import rounds
    from annotate.studio import pull as pulling
    from annotate.studio.accounts import sign_in
    from annotate.tasks.store_answers import ImportSummary

    opened = open_study(study)
    names = [name] if name else rounds.list_rounds(opened).pushed
    taken = ImportSummary()
    with progress("pulling") as (bar, task):
        for round_name in names:
            drawn = rounds.get_round(opened, round_name)
            for coder in rounds.coders(opened, round_name):
                total = len(rounds.assignments(opened, round_name, coder))
                bar.update(task, description=f"pulling from {coder}", total=total, completed=0)
                with sign_in(opened, coder, url, token) as place:
                    taken_from_coder = pulling.pull(
                        opened, drawn, coder, place.studio, accounts=place.accounts,
                        progress=lambda taken: bar.update(task, completed=taken),
                    )  # fmt: skip
                taken.add(taken_from_coder)
    print_answer_counts(taken, as_json, rounds=names)
    finish(1, len(taken.refusals))


def doctor(
    name: Annotated[str, typer.Argument(metavar="ROUND", help="The round to check.")],
    url: UrlOption = None,
    token: TokenOption = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check a pushed round on its server, and report problems with their solution."""
    from annotate.rounds import rounds
    from annotate.studio.accounts import sign_in
    from annotate.studio.doctor import Finding, examine

    opened = open_study(study)
    drawn = rounds.get_round(opened, name)
    findings: list[Finding] = []
    for coder in rounds.coders(opened, name):
        with sign_in(opened, coder, url, token) as place:
            findings += examine(opened, drawn, coder, place)
    wrong = sum(finding.state == "wrong" for finding in findings)
    if as_json:
        emit({"round": name, "wrong": wrong, "findings": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            out().print(f"{finding.state:5}  {finding.coder}: {finding.said}", markup=False, soft_wrap=True)
    finish(1, wrong)
