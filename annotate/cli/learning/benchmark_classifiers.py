"""Benchmark the classifier on public data sets: benchmark babe, basil, mbic, nuda, seesaw."""

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
    "nuda": "NUDA: is a sentence biased, according to readers?",
    "seesaw": "SEESAW: which stances does a sentence have?",
}
MOST_LINES = 5  # refused rows printed; --json has all


def register(benchmark: typer.Typer) -> None:
    """Add a command for each data set to `benchmark`."""
    for data_set, about in ABOUT.items():
        benchmark.command(
            data_set,
            help=f"{about}\n\n{_HELP}",
            short_help=about,
            epilog=f"Example:  slantwise benchmark {data_set} rows.jsonl --protocol outlets",
        )(_command(data_set))


_HELP = """Each outlet is held out in turn and tested with a classifier trained on the others. Baselines: TF-IDF with
logistic regression, the commonest code, and one annotator against the majority of the others.

FILE has JSON lines with id, outlet, text and gold, and where known labels (annotator to answer), article_id, story_id,
date, title, context_before, context_after, spans (start and end of the marked words).

Trained folds are kept, so an interrupted run resumes and nothing is trained twice."""


def _command(data_set: str) -> Callable[..., None]:
    def command(
        file: Annotated[Path, typer.Argument(metavar="FILE", help="The data set's rows as JSON lines.")],
        test: Annotated[
            Path | None, typer.Option("--test", metavar="FILE", help="Train on FILE and test on this file.")
        ] = None,
        protocol: Annotated[
            Literal["outlets", "folds"],
            typer.Option(help="Hold out outlets, or folds (the file's, else five random ones: overstates scores)."),
        ] = "outlets",
        outlet: Annotated[
            list[str] | None, typer.Option(metavar="NAME", help="Hold out this outlet only; may be repeated.")
        ] = None,
        context: Annotated[
            Literal["0", "1", "passage"],
            typer.Option(help="Context of a row to read: none, one sentence on each side, or all of it (slow)."),
        ] = "0",
        text_only: Annotated[
            bool, typer.Option("--text-only", help="Use only a row's text, not its marked words.")
        ] = False,
        plain: Annotated[
            bool, typer.Option("--plain", help="Also fine-tune a plain sequence classifier for comparison (slow).")
        ] = False,
        seed: Annotated[
            list[int] | None,
            typer.Option(metavar="N", min=0, max=2**32 - 1, help="Random seed; may be repeated."),
        ] = None,
        trainings: Annotated[
            int, typer.Option(metavar="N", min=1, max=20, help="Average N training runs (takes N times as long).")
        ] = 1,
        encoder: Annotated[str, typer.Option(metavar="NAME|DIR", help="Encoder to use.")] = "bundled",
        cache: Annotated[
            Path | None, typer.Option(metavar="DIR", help="Folder for trained folds (default: your cache folder).")
        ] = None,
        as_json: JsonOption = False,
    ) -> None:
        from corpus.errors import BadFile, NothingToLearn

        if test and (protocol == "folds" or outlet):
            raise NothingToLearn("--test sets the test data; leave out --protocol folds and --outlet")
        if protocol == "folds" and outlet:
            raise NothingToLearn("--outlet holds out outlets; leave out --protocol folds")
        if text_only and context != "0":
            raise NothingToLearn(f"--text-only excludes the context that --context {context} includes; choose one")
        folds = cache or cache_folder()
        try:
            folds.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadFile(
                f"{folds} cannot be used as the folder for trained folds ({error.strerror}); name another: --cache DIR"
            ) from None
        with progress("reading") as (bar, task):
            from models.evaluation.benchmark import BenchmarkSettings, benchmark, describe_left_out

            setting = BenchmarkSettings(
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
            result = benchmark(
                data_set,
                file,
                test,
                setting,
                lambda description, share: bar.update(task, description=description, completed=share),
            )
        for line in describe_left_out(result):
            say(line)
        _print_refused_rows(result["refused"])
        if as_json:
            emit(result)
        else:
            _print_scores(result)
        missing = result["refused"] or (result["no_outlet"] and result["protocol"] == "outlets")
        raise typer.Exit(PART if missing else DONE)

    return command


def cache_folder() -> Path:
    """Return the default folder for trained folds of benchmarks."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "slantwise" / "benchmarks"


def _print_refused_rows(rows: list[Mapping[str, str]]) -> None:
    """Print the first refused rows, and of the others the number by reason."""
    for row in rows[:MOST_LINES]:
        say(f"refused: {row['where']}: {row['why']}")
    for why, n in Counter(row["why"] for row in rows[MOST_LINES:]).most_common(MOST_LINES):
        say(f"refused: {n} more rows: {why}")


def _print_scores(result: Mapping[str, Any]) -> None:
    """Print a table of scores for each variable."""
    for name, scores in result["variables"].items():
        out().print(_table(result, name, scores))
        metric, ends = ("weighted_f1", "weighted_interval") if "folds" in scores else ("macro_f1", "interval")
        for other, difference in scores["differences"].items():
            low, high = difference[ends]
            out().print(
                f"SpanClassifier over {other}: {difference[metric]:+.3f} [{low:+.3f}, {high:+.3f}], paired",
                markup=False,
                style="dim",
            )
    seeds = list(result["seeds"])
    for line in evaluation.calibration_sentences(result["calibration"]) if result["calibration"] else []:
        out().print(f"seed {seeds[0]}: {line}" if len(seeds) > 1 else line, markup=False, style="dim")
    if len(seeds) > 1:
        means = ", ".join(f"{seed}: {figure(seed_result['mean'])}" for seed, seed_result in result["seeds"].items())
        out().print(f"mean macro-F1 by seed: {means}", markup=False, style="dim")


def _table(result: Mapping[str, Any], name: str, scores: Mapping[str, Any]) -> Table:
    from rich.table import Table
    from rich.text import Text

    folds = "folds" in scores
    metric, rows = ("weighted_f1", scores["folds"]) if folds else ("macro_f1", scores["outlets"])
    protocol = {"outlets": "on outlets held out", "folds": "on random folds", "test": "on the second file"}[
        result["protocol"]
    ]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", title_justify="left")
    table.title = f"{metric.replace('_f1', '-F1').replace('weighted-', 'weighted ')} of {name} {protocol}"
    first_column, last_columns = ("fold" if folds else "outlet"), [] if folds else ["one coder"]
    for column in (
        first_column,
        "n",
        "Span-Classifier",
        *([] if folds else ["95 %"]),
        *scores["baselines"],
        *last_columns,
    ):
        left = column == first_column
        table.add_column(column, justify="left" if left else "right", no_wrap=column in (first_column, "n", "95 %"))
    human = scores["human"] or {"outlets": {}, "macro_f1": None}
    average = "mean" if scores["mean"] else "pooled"  # rows that name no outlet have no mean over outlets
    for fold, row in [*rows.items(), (average, scores[average])]:
        if row is None:
            continue
        baseline_scores = [
            b[average] if fold == average else b["folds" if folds else "outlets"].get(fold)
            for b in scores["baselines"].values()
        ]
        human_score = human["macro_f1"] if fold == average else human["outlets"].get(fold, {}).get("macro_f1")
        low, high = row["interval"]
        table.add_row(
            Text(fold),
            str(row["n"]),
            figure(row[metric]),
            *([] if folds else [Text(f"[{figure(low)}, {figure(high)}]")]),
            *[figure(other[metric] if other else None) for other in baseline_scores],
            *([] if folds else [figure(human_score)]),
            style="bold" if fold == average else "",
        )
    return table
