"""The benchmarks of classifiers on public rows: benchmark babe, basil, mbic, nuda, seesaw."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from annotate.cli.shared.output import DONE, PART, JsonOption, emit, figure, out, progress, say

from . import evaluation

if TYPE_CHECKING:
    from rich.table import Table

ABOUT = {
    "babe": "BABE: is a sentence's choice of words biased?",
    "basil": "BASIL: informational and lexical bias, sentence by sentence.",
    "mbic": "MBIC: is a sentence's choice of words biased?",
    "nuda": "NUDA: is a sentence biased, by readers' judgement?",
    "seesaw": "SEESAW: which stances does a sentence have?",
}
MOST_LINES = 5  # of refused rows that are shown; --json has all


def register(benchmark: typer.Typer) -> None:
    """Put a command for each data set under `benchmark`."""
    for data_set, about in ABOUT.items():
        benchmark.command(
            data_set,
            help=f"{about}\n\n{_HELP}",
            short_help=about,
            epilog=f"Example:  slantwise benchmark {data_set} rows.jsonl --protocol outlets",
        )(_command(data_set))


_HELP = """Each outlet is held out in turn and tested by a classifier that was trained on the others, beside TF-IDF with
logistic regression, the commonest code, and one annotator against the majority of the others.

FILE has JSON lines with id, outlet, text and gold, and where known labels (annotator to answer), article_id, story_id,
date, title, context_before, context_after, spans (start and end of the words that were marked).

Trained folds are kept: a run that was stopped goes on, and nothing is trained twice."""


def _command(data_set: str) -> Callable[..., None]:
    def command(
        file: Annotated[Path, typer.Argument(metavar="FILE", help="The data set's rows as JSON lines.")],
        test: Annotated[
            Path | None, typer.Option("--test", metavar="FILE", help="Train on the first file, test on this one.")
        ] = None,
        protocol: Annotated[
            Literal["outlets", "folds"],
            typer.Option(help="Hold outlets out, or folds: the rows' own, else five at random, which flatters."),
        ] = "outlets",
        outlet: Annotated[
            list[str] | None, typer.Option(metavar="NAME", help="Hold out this outlet only; may be repeated.")
        ] = None,
        context: Annotated[
            Literal["0", "1", "passage"],
            typer.Option(help="Read around a row: nothing, a sentence on each side, or all there is (slow)."),
        ] = "0",
        text_only: Annotated[
            bool, typer.Option("--text-only", help="Read a row's text alone; learn from no marked words.")
        ] = False,
        plain: Annotated[
            bool, typer.Option("--plain", help="Fine-tune a plain sequence classifier beside it (slow).")
        ] = False,
        seed: Annotated[
            list[int] | None,
            typer.Option(metavar="N", min=0, max=2**32 - 1, help="Train by this seed; may be repeated."),
        ] = None,
        trainings: Annotated[
            int, typer.Option(metavar="N", min=1, max=20, help="Average so many trainings: N times as long.")
        ] = 1,
        encoder: Annotated[str, typer.Option(metavar="NAME|DIR", help="Another encoder.")] = "bundled",
        cache: Annotated[
            Path | None, typer.Option(metavar="DIR", help="Where trained folds are kept; by default your cache folder.")
        ] = None,
        as_json: JsonOption = False,
    ) -> None:
        from corpus.errors import BadFile, NothingToLearn

        if test and (protocol == "folds" or outlet):
            raise NothingToLearn("--test names what is tested on; leave out --protocol folds and --outlet")
        if protocol == "folds" and outlet:
            raise NothingToLearn("--outlet names outlets to hold out; leave out --protocol folds")
        if text_only and context != "0":
            raise NothingToLearn(f"--text-only reads nothing around a row, --context {context} does; choose one")
        folds = cache or cache_folder()
        try:
            folds.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadFile(
                f"{folds} is no folder to keep trained folds in ({error.strerror}); name one: --cache DIR"
            ) from None
        with progress("reading") as (bar, task):
            from models.evaluation.benchmark import Setting, benchmark, describe

            setting = Setting(
                cache=folds,
                protocol=protocol,
                outlets=tuple(dict.fromkeys(outlet or ())),
                seeds=tuple(dict.fromkeys(seed or (1,))),
                encoder=encoder,
                trainings=trainings,
                context=context,
                marks=not text_only,
                plain=plain,
            )
            found = benchmark(
                data_set,
                file,
                test,
                setting,
                lambda what, share: bar.update(task, description=what, completed=share),
            )
        for line in describe(found):
            say(line)
        _refused(found["refused"])
        if as_json:
            emit(found)
        else:
            _show(found)
        missing = found["refused"] or (found["no_outlet"] and found["protocol"] == "outlets")
        raise typer.Exit(PART if missing else DONE)

    return command


def cache_folder() -> Path:
    """Return where trained folds of benchmarks are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "slantwise" / "benchmarks"


def _refused(rows: list[Mapping[str, str]]) -> None:
    """Say which rows were refused: the first ones, and of the others how many for which reason."""
    for row in rows[:MOST_LINES]:
        say(f"refused: {row['where']}: {row['why']}")
    for why, n in Counter(row["why"] for row in rows[MOST_LINES:]).most_common(MOST_LINES):
        say(f"refused: {n} more rows: {why}")


def _show(found: Mapping[str, Any]) -> None:
    """Print the figures of each variable as a table."""
    for name, one in found["variables"].items():
        out().print(_table(found, name, one))
        metric, ends = ("weighted_f1", "weighted_interval") if "folds" in one else ("macro_f1", "interval")
        for other, difference in one["differences"].items():
            low, high = difference[ends]
            out().print(
                f"SpanClassifier over {other}: {difference[metric]:+.3f} [{low:+.3f}, {high:+.3f}], paired",
                markup=False,
                style="dim",
            )
    seeds = list(found["seeds"])
    for line in evaluation.calibration_sentences(found["calibration"]) if found["calibration"] else []:
        out().print(f"seed {seeds[0]}: {line}" if len(seeds) > 1 else line, markup=False, style="dim")
    if len(seeds) > 1:
        means = ", ".join(f"{seed}: {figure(one['mean'])}" for seed, one in found["seeds"].items())
        out().print(f"mean macro-F1 by seed: {means}", markup=False, style="dim")


def _table(found: Mapping[str, Any], name: str, one: Mapping[str, Any]) -> Table:
    from rich.table import Table
    from rich.text import Text

    folds = "folds" in one
    metric, rows = ("weighted_f1", one["folds"]) if folds else ("macro_f1", one["outlets"])
    how = {"outlets": "on outlets held out", "folds": "on random folds", "test": "on the second file"}[
        found["protocol"]
    ]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", title_justify="left")
    table.title = f"{metric.replace('_f1', '-F1').replace('weighted-', 'weighted ')} of {name} {how}"
    first, last = ("fold" if folds else "outlet"), [] if folds else ["one coder"]
    for column in (first, "n", "Span-Classifier", *([] if folds else ["95 %"]), *one["baselines"], *last):
        left = column == first
        table.add_column(column, justify="left" if left else "right", no_wrap=column in (first, "n", "95 %"))
    human = one["human"] or {"outlets": {}, "macro_f1": None}
    whole = "mean" if one["mean"] else "pooled"  # rows that name no outlet have no mean over outlets
    for part, row in [*rows.items(), (whole, one[whole])]:
        if row is None:
            continue
        theirs = [
            b[whole] if part == whole else b["folds" if folds else "outlets"].get(part)
            for b in one["baselines"].values()
        ]
        mark = human["macro_f1"] if part == whole else human["outlets"].get(part, {}).get("macro_f1")
        low, high = row["interval"]
        table.add_row(
            Text(part),
            str(row["n"]),
            figure(row[metric]),
            *([] if folds else [Text(f"[{figure(low)}, {figure(high)}]")]),
            *[figure(other[metric] if other else None) for other in theirs],
            *([] if folds else [figure(mark)]),
            style="bold" if part == whole else "",
        )
    return table
