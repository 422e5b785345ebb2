"""Benchmark the classifier on public data sets: benchmark babe, basil, mbic, nuda, seesaw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from annotate.cli.shared.output import DONE, PART, JsonOption, emit, figure, out, print_refusals, progress, say

from . import evaluation

if TYPE_CHECKING:
    from rich.table import Table

    from corpus.draft import Refusal
    from corpus.evaluation.scores import VariableScores
    from models.evaluation.benchmark import Benchmark

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
        with progress("reading") as (bar, task):
            from models.evaluation.benchmark import BenchmarkSettings, benchmark

            settings = BenchmarkSettings(
                protocol=protocol,
                outlet=outlet or (),
                seed=seed or (1,),
                encoder=encoder,
                trainings=trainings,
                context=context,
                text_only=text_only,
                plain=plain,
                cache=cache,
            )
            result = benchmark(
                data_set,
                file,
                test=test,
                settings=settings,
                progress=lambda description, share: bar.update(task, description=description, completed=share),
            )
        for line in left_out_sentences(result):
            say(line)
        _print_refused_rows(result.refusals)
        if as_json:
            emit(result.json())
        else:
            _print_scores(result)
        missing = result.refusals or (result.no_outlet and result.protocol == "outlets")
        raise typer.Exit(PART if missing else DONE)

    return command


def left_out_sentences(result: Benchmark) -> list[str]:
    """Return sentences about the rows of a benchmark that were left out or need a caveat."""
    from models.evaluation.benchmark import FEW_ROWS

    lines = [f"left out: {n} rows, {why}" for why, n in result.left_out.items()]
    if result.few_rows:
        names = ", ".join(f"{name} {n}" for name, n in result.few_rows.items())
        lines.append(f"outlets with fewer than {FEW_ROWS} rows, not held out or not in the mean: {names}")
    if result.no_outlet:
        use = "neither trained on nor tested" if result.protocol == "outlets" else "in no outlet's figures"
        lines.append(f"{result.no_outlet} rows name no outlet; they are {use}")
    if result.in_both:
        lines.append(f"outlets in both files, so not unseen: {', '.join(result.in_both)}")
    for name, dropped in result.dropped.items():
        if dropped.get("events_kept"):
            lines.append(
                f"{name}: {dropped['events_kept']} training rows report the same events; they stay, since fewer than "
                "half of the training rows would be left without them"
            )
        if dropped.get("copies") or dropped.get("events"):
            lines.append(
                f"{name}: left out of training: {dropped['copies']} rows with the same text, {dropped['events']} on "
                "the same events"
            )
    return lines


def _print_refused_rows(rows: Sequence[Refusal]) -> None:
    """Print the first refused rows, and of the others the number by reason."""
    print_refusals(rows[:MOST_LINES])
    for why, n in Counter(row.why for row in rows[MOST_LINES:]).most_common(MOST_LINES):
        say(f"refused: {n} more rows: {why}")


def _print_scores(result: Benchmark) -> None:
    """Print a table of scores for each variable."""
    for name, scores in result.variables.items():
        out().print(_table(result, name, scores))
        for other, difference in scores.differences.items():
            value, (low, high) = difference.macro_f1, difference.interval
            if scores.folds:
                value, (low, high) = difference.weighted_f1, difference.weighted_interval
            out().print(
                f"SpanClassifier over {other}: {value:+.3f} [{low:+.3f}, {high:+.3f}], paired",
                markup=False,
                style="dim",
            )
    seeds = list(result.seeds)
    for line in evaluation.calibration_sentences(result.calibration) if result.calibration else []:
        out().print(f"seed {seeds[0]}: {line}" if len(seeds) > 1 else line, markup=False, style="dim")
    if len(seeds) > 1:
        means = ", ".join(f"{seed}: {figure(scores.mean)}" for seed, scores in result.seeds.items())
        out().print(f"mean macro-F1 by seed: {means}", markup=False, style="dim")


def _table(result: Benchmark, name: str, scores: VariableScores) -> Table:
    from rich.table import Table
    from rich.text import Text

    folds, metric = bool(scores.folds), "weighted_f1" if scores.folds else "macro_f1"
    protocol = {"outlets": "on outlets held out", "folds": "on random folds", "test": "on the second file"}[
        result.protocol
    ]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", title_justify="left")
    table.title = f"{metric.replace('_f1', '-F1').replace('weighted-', 'weighted ')} of {name} {protocol}"
    first_column, last_columns = ("fold" if folds else "outlet"), [] if folds else ["one coder"]
    for column in (
        first_column,
        "n",
        "Span-Classifier",
        *([] if folds else ["95 %"]),
        *scores.baselines,
        *last_columns,
    ):
        left = column == first_column
        table.add_column(column, justify="left" if left else "right", no_wrap=column in (first_column, "n", "95 %"))
    average = "mean" if scores.mean else "pooled"  # rows that name no outlet have no mean over outlets
    for row in scores.score_rows():
        if row.kind not in (first_column, average):
            continue
        low, high = row.scores.interval
        table.add_row(
            Text(row.name),
            str(row.scores.n),
            figure(getattr(row.scores, metric)),
            *([] if folds else [Text(f"[{figure(low)}, {figure(high)}]")]),
            *[figure(getattr(other, metric) if other else None) for other in row.baselines.values()],
            *([] if folds else [figure(row.human)]),
            style="bold" if row.kind == average else "",
        )
    return table
