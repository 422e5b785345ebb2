"""Benchmark commands on public data: text extraction here, classifiers in benchmark_classifiers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from annotate.cli.shared.command_groups import command_group
from annotate.cli.shared.output import JsonOption, emit, figure, out, plain_table, progress, say

from . import benchmark_classifiers

benchmark = command_group("Test text extraction and the classifier on public data.")


def register(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(benchmark, name="benchmark")
    benchmark.command("extraction", epilog="Example:  slantwise benchmark extraction ../shared/data/extraction")(
        extraction
    )
    benchmark_classifiers.register(benchmark)


def extraction(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder with ground-truth.json and html/ID.html.gz.")],
    as_json: JsonOption = False,
) -> None:
    """Measure how well article text is extracted from web pages.

    Precision, recall and F1 over sequences of four words, compared with trafilatura's defaults on the same pages.
    """
    with progress("extracting") as (bar, task):
        from corpus.feeds.extraction_benchmark import measure_extraction

        result = measure_extraction(folder, progress=lambda share: bar.update(task, completed=share))
    if as_json:
        emit(result.json())
        return
    from rich.text import Text

    numbers = ("precision", "recall", "F1", "seconds")
    table = plain_table(f"{result.pages} pages", *numbers, right=numbers)
    for name, row in (("slantwise", result.mean), *result.baselines.items()):
        figures = [figure(each) for each in (row.precision, row.recall, row.f1)]
        table.add_row(name, *figures, f"{result.seconds[name]:.1f}")
    out().print(table)
    say("pages with the lowest F1:")
    for page in result.worst:
        out().print(Text(f"{figure(page.f1)}  {page.url or page.page}", style="dim"))
