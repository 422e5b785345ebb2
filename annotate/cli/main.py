"""The `slantwise` program: its commands, and how errors are reported."""

from __future__ import annotations

import sys
import tempfile
import traceback
from pathlib import Path
from typing import Annotated

import typer

from annotate.cli.articles import articles, codebook, copies, events, terms
from annotate.cli.coding import adjudicate, agree, anchoring, coder_training, doubtful, files, rounds, studio
from annotate.cli.learning import benchmark_extraction, train
from annotate.cli.shared.command_groups import CommandsByStage
from annotate.cli.shared.open_study import global_options
from annotate.cli.shared.output import NOTHING, say

from . import feeds, report, study

app = typer.Typer(
    name="slantwise",
    cls=CommandsByStage,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: the formatted one costs 0.15 s at each start
    context_settings={"help_option_names": ["-h", "--help"]},
    help="How do outlets frame the same events? Articles are split into spans, people code the wording of each span, a "
    "classifier suggests codes for new outlets, a report shows them.",
    epilog="Begin with:  slantwise init my-study --example",
)
groups = (
    *(study, articles, feeds, copies, events, terms, codebook, rounds, studio, files, agree),
    *(anchoring, adjudicate, coder_training, doubtful, train, report, benchmark_extraction),
)
for group in groups:
    group.register(app)


def print_version(wanted: bool) -> None:
    """Print the installed version and exit, if `wanted`."""
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"slantwise {version('slantwise')}")
        except PackageNotFoundError:
            typer.echo("slantwise, run from a checkout (not installed)")
        raise typer.Exit


@app.callback()
def main(
    study: Annotated[
        Path | None, typer.Option("--study", metavar="DIR", help="The study's folder (default: the one you are in).")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=print_version, help="Print the version and exit.")
    ] = False,
) -> None:
    """Store the --study option that precedes the command."""
    if study is not None:
        global_options["study"] = study


def run() -> None:
    """Run the command line; errors are reported in plain words, never as a traceback."""
    from corpus.errors import SlantwiseError

    try:
        app()
    except SlantwiseError as error:
        say(f"slantwise: {error.for_command()}")
        sys.exit(NOTHING)
    except KeyboardInterrupt:
        say("slantwise: stopped; results so far are stored, run the command again to continue")
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()  # the program that reads our output has ended (`| head`)
        sys.exit(0)
    except Exception:
        with tempfile.NamedTemporaryFile(
            "w", prefix="slantwise-", suffix=".log", delete=False, encoding="utf-8"
        ) as log:
            traceback.print_exc(file=log)
        say(
            "slantwise: this is a bug in Slantwise, not a mistake of yours; nothing is lost. "
            f"Please report it with the file {log.name}, which shows where it happened."
        )
        sys.exit(NOTHING)


if __name__ == "__main__":
    run()
