"""The `slantwise` program: its commands, and how errors are reported."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from annotate.cli.articles import articles, codebook, copies, events, terms
from annotate.cli.coding import adjudicate, agree, anchoring, coder_training, doubtful, files, rounds, studio
from annotate.cli.estimates import estimate, plan
from annotate.cli.learning import benchmark_extraction, train
from annotate.cli.shared.command_groups import CommandsByStage, command_given
from annotate.cli.shared.open_study import global_options
from annotate.cli.shared.output import NOTHING, print_any_letter, say
from annotate.cli.shared.stopping import (
    Stopped,
    is_interrupted,
    signals_interrupt,
    stopped,
    uninterrupted,
    what_is_stored,
)
from corpus.installed import installed_version

from . import feeds, keeping, report, study

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
    *(anchoring, adjudicate, coder_training, doubtful, train, estimate, plan, report, keeping, benchmark_extraction),
)
for group in groups:
    group.register(app)


def print_version(wanted: bool) -> None:
    """Print the installed version and exit, if `wanted`."""
    if wanted:
        number = installed_version()
        typer.echo(f"slantwise {number}" if number else "slantwise, run from a checkout (not installed)")
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

    print_any_letter()
    for library in ("sqlalchemy", "asyncio", "psycopg"):  # they log errors that reach them, which we say ourselves
        logging.getLogger(library).setLevel(logging.CRITICAL)
    command_given.clear()
    try:
        with signals_interrupt():
            app()
    except SlantwiseError as error:
        if is_interrupted():
            _stop()
        say_and_exit(f"slantwise: {error.for_command()}", NOTHING)
    except (Stopped, KeyboardInterrupt):
        _stop()
    except BrokenPipeError:
        _let_go_of_output()  # the program that reads our output has ended (`| head`)
        sys.exit(0)
    except SystemExit as ended:
        if isinstance(ended.__context__, BrokenPipeError):  # Typer takes it for an error
            _let_go_of_output()
            sys.exit(0)
        raise
    except Exception as error:
        if is_interrupted():
            _stop()
        _fail(error)


def _stop() -> NoReturn:
    """Report that a command was stopped, and what is stored."""
    say_and_exit(f"slantwise: stopped; {what_is_stored(' '.join(command_given))}", stopped().exit_code)


def _fail(error: Exception) -> NoReturn:
    """Report what the machine refused, or a fault of ours."""
    from annotate.cli.shared.failures import explain, given_words, write_log

    stored = what_is_stored(" ".join(command_given))
    if sentence := explain(error):
        say_and_exit(f"slantwise: {sentence}", NOTHING)
    log = write_log(error, given_words())
    say_and_exit(
        f"slantwise: this is a bug in Slantwise, not a mistake of yours ({stored}). Please report it with {log}. If "
        "the study was damaged, that may be the reason: slantwise study check",
        NOTHING,
    )


def say_and_exit(message: str, code: int) -> NoReturn:
    """Print a last sentence and exit, also if the terminal is gone."""
    with uninterrupted():
        try:
            say(message)
            sys.stdout.flush()
        except (OSError, ValueError):
            _let_go_of_output()
    sys.exit(code)


def _let_go_of_output() -> None:
    """Write nothing more where nobody can read it; Python would complain when it ends."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    run()
