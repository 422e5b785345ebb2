"""Commands for the classifier: train, evaluate, suggest."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from annotate.cli.shared.open_study import StudyOption, open_study
from annotate.cli.shared.output import JsonOption, emit, figure, out, progress, say

from . import evaluation

if TYPE_CHECKING:
    from rich.console import Console

    from corpus.evaluation import Evaluation
    from corpus.study import Study
    from models.suggestions.checkpoint import Checkpoint
    from models.suggestions.suggest import SuggestResult


def register(app: typer.Typer) -> None:
    """Register the commands."""
    app.command(epilog="Example:  slantwise train --suggest")(train)
    app.command(epilog="Example:  slantwise evaluate --all-outlets")(evaluate)
    app.command(epilog="Example:  slantwise suggest")(suggest)


def train(
    encoder: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help='Encoder to start from, also in later runs: a folder, a name on a model hub, or "bundled".',
            show_default=False,
        ),
    ] = None,
    rounds: Annotated[
        str | None,
        typer.Option(
            metavar="A,B",
            help="Also learn from these pilot or coder-training rounds, now and in later runs (default: none of them).",
            show_default=False,
        ),
    ] = None,
    suggest: Annotated[
        bool, typer.Option("--suggest", help="Then suggest codes for all other spans, as `slantwise suggest` does.")
    ] = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train the machine classifier on all coded spans.

    It uses blind answers under the current codebook version, each coder's first for a span, from reliability and main
    rounds and from imports without a round. Pilot and coder-training rounds are used only if --rounds or study.toml
    names them.

    With fewer than 60 spans only a linear head is trained (seconds); more are fine-tuned (minutes, less with a GPU).
    The same study gives the same model, without training it twice. Interrupted training resumes.
    """
    opened = open_study(study)
    names = None if rounds is None else [name.strip() for name in rounds.split(",") if name.strip()]
    checkpoint = train_model(opened, rounds=names, encoder=encoder)
    suggested = suggest_codes(opened) if suggest else None
    about = checkpoint.about
    if as_json:
        emit(checkpoint.json() | ({"suggested": suggested.json()} if suggested else {}))
        return
    say(f"{checkpoint.version}: trained on {about.spans} spans of {len(about.outlets)} outlets")
    for line in evaluation.answer_sentences(about.rounds, about.left_out):
        say(line)
    if suggested:
        print_suggestions(suggested)
        say("Next:  slantwise evaluate, to test it on outlets left out of training; slantwise report")
    else:
        say("Next:  slantwise evaluate, to test it on outlets left out of training; slantwise suggest, to use it")


def train_model(study: Study, *, rounds: Sequence[str] | None = None, encoder: str | None = None) -> Checkpoint:
    """Train with a progress bar."""
    with progress("training") as (bar, task):
        from models.suggestions.checkpoint import train as fit

        return fit(study, rounds=rounds, encoder=encoder, progress=lambda share: bar.update(task, completed=share))


def evaluate(
    outlet: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Hold out this outlet; may be repeated.")
    ] = None,
    all_outlets: Annotated[
        bool, typer.Option("--all-outlets", help="Hold out each coded outlet in turn (default).")
    ] = False,
    random: Annotated[
        bool, typer.Option("--random", help="Also report how far a random split overstates scores.")
    ] = False,
    forward: Annotated[bool, typer.Option("--forward", help="Also train on earlier, test on later articles.")] = False,
    leak: Annotated[bool, typer.Option("--leak", help="Also test whether the scores reveal the outlet.")] = False,
    curve: Annotated[bool, typer.Option("--curve", help="Also estimate the gain from 200 more annotations.")] = False,
    full: Annotated[
        bool, typer.Option("--full", help="Same as --random --forward --leak --curve (takes several times longer).")
    ] = False,
    page: Annotated[
        bool, typer.Option("--page", help="Write reports/evaluation.html: plots, and the worst errors.")
    ] = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Test the classifier on outlets left out of its training.

    Each outlet in turn is left out of training and then used for testing. TF-IDF and the codebook's terms are tested on
    the same spans as baselines.

    Trained folds are kept, so a second run trains only those that are missing.
    """
    from corpus.errors import NothingToLearn

    if outlet and all_outlets:
        raise NothingToLearn("--outlet and --all-outlets exclude each other; choose one")
    opened = open_study(study)
    named = {"random": random, "forward": forward, "leak": leak, "curve": curve}
    result = evaluate_outlets(opened, outlet or (), "full" if full else [name for name, on in named.items() if on])
    if page:
        from annotate.report.evaluation_page import write_evaluation_page

        result = replace(result, page=write_evaluation_page(opened, result))
    if as_json:
        emit(result.json())
    else:
        print_evaluation(result, out())
        evaluation.print_details(result, out())
        if result.page:
            out().print(f"The page:  {result.page}", markup=False, soft_wrap=True)


def evaluate_outlets(study: Study, outlets: Sequence[str], extra: str | Collection[str] = ()) -> Evaluation:
    """Evaluate with a progress bar, and with the coders' agreement."""
    with progress("reading") as (bar, task):
        from models.evaluation.evaluate import evaluate as measure

        return measure(
            study,
            outlets,
            extra=extra,
            agreement=evaluation.coders_agreement(study),
            progress=lambda description, share: bar.update(task, description=description, completed=share),
        )


def print_evaluation(result: Evaluation, console: Console) -> None:
    """Print an evaluation as a table of classifier, baselines and one coder by outlet."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim", title_justify="left")
    table.title = f"macro-F1 of {result.variable} on held-out outlets"
    for name in ("outlet", "n", "SpanClassifier", "95 %", *result.baselines, "one coder"):
        table.add_column(name, justify="left" if name == "outlet" else "right", no_wrap=True)
    for row in result.score_rows():
        if row.kind == "pooled":
            continue
        low, high = row.scores.interval
        table.add_row(
            row.name,
            str(row.scores.n),
            figure(row.scores.macro_f1),
            f"[{figure(low)}, {figure(high)}]".replace("[", "\\["),
            *[figure(scores and scores.macro_f1) for scores in row.baselines.values()],
            figure(row.human),
            style="bold" if row.kind == "mean" else "",
        )
    console.print(table)
    console.print("[dim]one coder: against the majority of the others, by the same metric; more with --json[/dim]")
    if result.simulated_coders:
        names = ", ".join(result.simulated_coders)
        console.print(f"[yellow]answers of {names} are simulated: a test of the software, not evidence[/yellow]")


def suggest(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Suggest codes for uncoded spans with the trained classifier.

    Every eligible span gets the model's probability for each code, stored with the model's version.
    """
    suggested = suggest_codes(open_study(study))
    if as_json:
        emit(suggested.json())
    else:
        print_suggestions(suggested)
        say("Next:  slantwise report")


def print_suggestions(suggested: SuggestResult) -> None:
    """Print how many spans were scored, and which suggestions to treat with caution."""
    say(f"{suggested.scored} spans scored, {suggested.cached} already had suggestions by {suggested.model}")
    if suggested.doubtful:
        say(f"{suggested.doubtful} of these suggestions are doubtful (below the threshold), so coders do not see them")
    for name, distance in suggested.far.items():
        say(
            f"{name} differs from all coded outlets: distance {distance:.2f}, among coded outlets at most "
            f"{suggested.usual:.2f}; code some of its spans before you trust these suggestions"
        )
    for language, n in suggested.foreign.items():
        say(f"{n} spans are from articles in {language!r}, a language that the codebook and the encoder do not cover")


def suggest_codes(study: Study) -> SuggestResult:
    """Suggest codes with a progress bar."""
    with progress("suggesting") as (bar, task):
        from models.suggestions.suggest import suggest as score

        return score(study, lambda share: bar.update(task, completed=share))
