"""The command `terms`: how often each outlet uses a contested term."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from annotate.cli.shared.open_study import StudyOption, read_study
from annotate.cli.shared.output import JsonOption, emit, out, progress, say, say_cut

if TYPE_CHECKING:
    from corpus.wording.term_frequencies import Rate


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command(epilog='Example:  slantwise terms "occup*" "liberat*"')(terms)


def terms(
    patterns: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TERM…]", help="Words; * matches any letters (default: the codebook's terms)."),
    ] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Rank outlets by how often they use a term.

    Rates are per 1,000 sentences and per 1,000 mentions, with a 95 % interval over articles. Negated uses and uses in
    the outlet's own words (by rules for quotation marks and reporting verbs) are counted separately. Sentences include
    headlines; all articles count, copies too. These are word counts: they show lexical choice, not what the term refers
    to.
    """
    opened = read_study(study)
    with progress("counting") as (bar, task):
        bar.update(task, total=None)
        from corpus.wording.term_frequencies import term_usage

        usages = term_usage(opened, patterns or ())
    if as_json:
        emit(usages.json())
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim", collapse_padding=True)
    table.add_column("", no_wrap=True, overflow="ellipsis", ratio=1)
    for name in ("articles", "hits", "per 1,000\nsentences", "per 1,000\nmentions", "negated", "own\nwords"):
        table.add_column(name, justify="right", no_wrap=True, min_width=len(name.partition("\n")[0]))
    term_above = None
    for row in usages.terms:
        if row.term != term_above:
            table.add_row(Text(row.term, style="bold"))
            term_above = row.term
        rates = (_rate_text(rate) for rate in (row.per_1000_sentences, row.per_1000_mentions))
        own = f"{100 * row.own_words:.0f} %" if row.own_words is not None else "–"
        table.add_row(Text(row.outlet), str(row.articles), str(row.hits), *rates, str(row.negated), own)
    out().print(table)
    say("95 % intervals over articles; all articles count, copies too. Own words: by rule, not by coders.")
    say_cut(usages.cut_texts)
    if unknown := sum(row.attribution.get("unknown", 0) for row in usages.terms):
        say(f"own words leave out {unknown} hits in languages of which the rules do not know all ways to report")


def _rate_text(rate: Rate | None) -> str:
    return f"{rate.value:.1f} [{rate.interval[0]:.0f}, {rate.interval[1]:.0f}]" if rate else "–"
