"""Commands that measure on public data: benchmark extraction, and by data set (see measuring)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from annotate.cli.shared.output import JsonOption, emit, figure, out, progress, say

from . import benchmark_data

benchmark = typer.Typer(no_args_is_help=True, help="Measure on public data, by published protocols.")


def register(app: typer.Typer) -> None:
    """Put the commands on the command line."""
    app.add_typer(benchmark, name="benchmark")
    benchmark.command("extraction", epilog="Example:  slantwise benchmark extraction ../shared/data/extraction")(
        extraction
    )
    benchmark_data.register(benchmark)


def extraction(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder with ground-truth.json and html/ID.html.gz.")],
    as_json: JsonOption = False,
) -> None:
    """Measure how well articles are cut out of pages.

    Precision, recall and F1 over runs of four words, beside trafilatura's own defaults on the same pages.
    """
    with progress("extracting") as (bar, task):
        from corpus.feeds.extraction_benchmark import extraction as measure

        found = measure(folder, lambda share: bar.update(task, completed=share))
    if as_json:
        emit(found)
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in (f"{found['pages']} pages", "precision", "recall", "F1", "seconds"):
        table.add_column(name, justify="left" if name.endswith("pages") else "right")
    for name, row in (("slantwise", found["mean"]), *found["baselines"].items()):
        figures = [figure(row[one]) for one in ("precision", "recall", "f1")]
        table.add_row(name, *figures, f"{found['seconds'][name]:.1f}")
    out().print(table)
    say("the pages that went worst:")
    for row in found["worst"]:
        out().print(Text(f"{figure(row['f1'])}  {row['url'] or row['page']}", style="dim"))
