"""Commands for the classifier: train, evaluate, suggest."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from annotate.cli.report import EVALUATION, read_evaluation
from annotate.cli.shared.open_study import StudyOption, open_study
from annotate.cli.shared.output import JsonOption, emit, figure, out, progress, say

from . import evaluation

if TYPE_CHECKING:
    from rich.console import Console

    from corpus.study import Study
    from models.evaluation.evaluate import ExtraMeasures
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
    if rounds is not None:
        from corpus.study.counting import select_answers

        names = [name.strip() for name in rounds.split(",") if name.strip()]
        select_answers(opened, rounds=names)  # fails before anything is changed if there is no such round
        opened.use("rounds", names)
    if encoder is not None:
        from models.classifiers.encoder import check_encoder
        from models.data.labelled import labelled_spans

        labelled_spans(opened)  # fails before anything is changed if there is nothing to train on
        opened.use("encoder", check_encoder(encoder))
    checkpoint = train_model(opened)
    suggested = suggest_codes(opened) if suggest else None
    about = checkpoint.about
    if as_json:
        suggestions = {"suggested": suggestions_json(suggested)} if suggested else {}
        emit({"model": checkpoint.version, "folder": str(checkpoint.folder), **about, **suggestions})
        return
    say(f"{checkpoint.version}: trained on {about['spans']} spans of {len(about['outlets'])} outlets")
    for line in evaluation.answer_sentences(about):
        say(line)
    if suggested:
        print_suggestions(suggested)
        say("Next:  slantwise evaluate, to test it on outlets left out of training; slantwise report")
    else:
        say("Next:  slantwise evaluate, to test it on outlets left out of training; slantwise suggest, to use it")


def train_model(study: Study) -> Checkpoint:
    """Train with a progress bar, and calibrate by the last evaluation."""
    with progress("training") as (bar, task):
        from models.suggestions.checkpoint import train as fit

        checkpoint = fit(study, lambda share: bar.update(task, completed=share))
    return _calibrate_from_evaluation(study, checkpoint)


def _calibrate_from_evaluation(study: Study, checkpoint: Checkpoint) -> Checkpoint:
    """Calibrate a model by the last evaluation, if that was of the same model and held out every outlet."""
    from models.measures.calibration import Calibration
    from models.suggestions.checkpoint import current_checkpoint, set_calibration

    try:
        result = read_evaluation(study) or {}
        if not (result["whole"] and result["model"] == checkpoint.base and result["calibration"]):
            return checkpoint
        calibration = Calibration.from_json(result["calibration"]["kept"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return checkpoint  # there is no evaluation, or one by an earlier Slantwise
    set_calibration(study, calibration)
    return current_checkpoint(study)


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
    from models.evaluation.evaluate import ExtraMeasures

    if outlet and all_outlets:
        raise NothingToLearn("--outlet and --all-outlets exclude each other; choose one")
    opened = open_study(study)
    more = ExtraMeasures(random=random or full, forward=forward or full, leak=leak or full, curve=curve or full)
    result = evaluate_outlets(opened, outlet or (), more)
    file = evaluation.write_evaluation_page(opened, result) if page else None
    if as_json:
        emit({**result, "page": str(file) if file else None})
    else:
        print_evaluation(result, out())
        evaluation.print_details(result, out())
        if file:
            out().print(f"The page:  {file}", markup=False, soft_wrap=True)


def evaluate_outlets(study: Study, outlets: Sequence[str], more: ExtraMeasures | None = None) -> dict[str, Any]:
    """Evaluate with a progress bar, add the coders' agreement, and keep the result for the report.

    An evaluation of some outlets does not replace one of all outlets of the same model.
    """
    import json

    from corpus.errors import NoModel
    from corpus.study.files import write_whole
    from models.suggestions.checkpoint import current_checkpoint

    with progress("reading") as (bar, task):
        from models.evaluation.evaluate import ExtraMeasures
        from models.evaluation.evaluate import evaluate as measure

        result = measure(
            study,
            outlets,
            lambda description, share: bar.update(task, description=description, completed=share),
            more or ExtraMeasures(),
        )
    result["agreement"] = evaluation.coders_agreement(study)
    previous = read_evaluation(study) or {}
    if result["whole"] or not previous.get("whole") or previous.get("model") != result["model"]:
        write_whole(study.reports / EVALUATION, json.dumps(result, indent=1, ensure_ascii=False))
    with contextlib.suppress(NoModel):
        _calibrate_from_evaluation(study, current_checkpoint(study))
    return result


def print_evaluation(result: dict[str, Any], console: Console) -> None:
    """Print an evaluation as a table of classifier, baselines and one coder by outlet."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim", title_justify="left")
    table.title = f"macro-F1 of {result['variable']} on held-out outlets"
    baselines = result["baselines"]
    for name in ("outlet", "n", "SpanClassifier", "95 %", *baselines, "one coder"):
        table.add_column(name, justify="left" if name == "outlet" else "right", no_wrap=True)
    human = result["human"] or {"outlets": {}, "macro_f1": None}
    for name, row in [*result["outlets"].items(), ("mean", result["mean"])]:
        if row is None:
            continue
        baseline_scores = [b["mean"] if name == "mean" else b["outlets"].get(name) for b in baselines.values()]
        human_score = human["macro_f1"] if name == "mean" else human["outlets"].get(name, {}).get("macro_f1")
        low, high = row["interval"]
        table.add_row(
            name,
            str(row["n"]),
            figure(row["macro_f1"]),
            f"[{figure(low)}, {figure(high)}]".replace("[", "\\["),
            *[figure(scores["macro_f1"] if scores else None) for scores in baseline_scores],
            figure(human_score),
            style="bold" if name == "mean" else "",
        )
    console.print(table)
    console.print("[dim]one coder: against the majority of the others, by the same metric; more with --json[/dim]")
    if result["simulated_coders"]:
        names = ", ".join(result["simulated_coders"])
        console.print(f"[yellow]answers of {names} are simulated: a smoke test, not evidence[/yellow]")


def suggest(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Suggest codes for uncoded spans with the trained classifier.

    Every eligible span gets the model's probability for each code, stored with the model's version.
    """
    suggested = suggest_codes(open_study(study))
    if as_json:
        emit(suggestions_json(suggested))
    else:
        print_suggestions(suggested)
        say("Next:  slantwise report")


def suggestions_json(suggested: SuggestResult) -> dict[str, Any]:
    """Return the object that `suggest --json` prints."""
    return {
        "scored": suggested.scored,
        "cached": suggested.cached,
        "model": suggested.model,
        "engine": suggested.engine,
        "spans_per_second": suggested.spans_per_second,
        "doubtful": suggested.doubtful,
        "far": dict(suggested.far),
        "usual_distance": suggested.usual,
        "other_language": dict(suggested.foreign),
    }


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
