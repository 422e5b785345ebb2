"""Commands that learn and measure: train, evaluate, suggest."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from annotate.cli.shared.open_study import StudyOption, open_study
from annotate.cli.shared.output import JsonOption, emit, figure, out, progress, say

from . import evaluation

if TYPE_CHECKING:
    from rich.console import Console

    from corpus.study import Study
    from models.evaluation.evaluate import More
    from models.suggestions.checkpoint import Checkpoint
    from models.suggestions.suggest import Suggested


EVALUATION = "evaluation.json"  # in the study's folder of reports


def register(app: typer.Typer) -> None:
    """Put the commands on the command line."""
    app.command(epilog="Example:  slantwise train --suggest")(train)
    app.command(epilog="Example:  slantwise evaluate --all-outlets")(evaluate)
    app.command(epilog="Example:  slantwise suggest")(suggest)


def train(
    encoder: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help='Start from this encoder, now and later: a folder, a name on a model hub, or "bundled".',
            show_default=False,
        ),
    ] = None,
    rounds: Annotated[
        str | None,
        typer.Option(
            metavar="A,B",
            help="Learn from these pilots or coder-training rounds too, now and later; by default they do not count.",
            show_default=False,
        ),
    ] = None,
    suggest: Annotated[
        bool, typer.Option("--suggest", help="Then suggest codes for the rest, as `slantwise suggest` would.")
    ] = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train the classifier on all coded spans.

    It learns from blind answers under the codebook's version, each coder's first to a span: of reliability and main
    rounds and of no round. Pilots and coder training teach it only where --rounds or study.toml names them.

    The same study trains the same model, and trains it once: seconds for the first sixty spans, of which only the
    classifier's head is learned, then minutes, with a graphics card less. A training that was stopped goes on.
    """
    opened = open_study(study)
    if rounds is not None:
        from corpus.study.counting import counting

        names = [name.strip() for name in rounds.split(",") if name.strip()]
        counting(opened, rounds=names)  # nothing is changed where there is no such round
        opened.use("rounds", names)
    if encoder is not None:
        from models.classifiers.encoder import checked
        from models.data.labelled import labelled

        labelled(opened)  # nothing is changed where there is nothing to train on
        opened.use("encoder", checked(encoder))
    checkpoint = train_model(opened)
    done = suggest_codes(opened) if suggest else None
    about = checkpoint.about
    if as_json:
        also = {"suggested": suggestions_json(done)} if done else {}
        emit({"model": checkpoint.version, "folder": str(checkpoint.folder), **about, **also})
        return
    say(f"{checkpoint.version}: trained on {about['spans']} spans of {len(about['outlets'])} outlets")
    for line in evaluation.answer_sentences(about):
        say(line)
    if done:
        print_suggestions(done)
        say("Next:  slantwise evaluate, to see how it does on outlets it has not seen; slantwise report")
    else:
        say("Next:  slantwise evaluate, to see how it does on outlets it has not seen; slantwise suggest, to use it")


def train_model(study: Study) -> Checkpoint:
    """Train with a bar."""
    with progress("training") as (bar, task):
        from models.suggestions.checkpoint import train as fit

        checkpoint = fit(study, lambda share: bar.update(task, completed=share))
    return _calibrate_from_evaluation(study, checkpoint)


def _calibrate_from_evaluation(study: Study, checkpoint: Checkpoint) -> Checkpoint:
    """Calibrate a model with what the last evaluation found, if that was of the same model and held all outlets out."""
    from models.measures.calibration import Calibration
    from models.suggestions.checkpoint import calibrate, current

    try:
        found = _kept(study)
        whole = found["whole"] and found["model"] == checkpoint.base
        kept = Calibration.of_json(found["calibration"]["kept"]) if whole and found["calibration"] else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return checkpoint  # nothing was evaluated, or by an earlier Slantwise
    if kept is None:
        return checkpoint
    calibrate(study, kept)
    return current(study)


def _kept(study: Study) -> dict[str, Any]:
    """Return the evaluation that is kept; empty where there is none that can be read."""
    import json

    try:
        found = json.loads((study.reports / EVALUATION).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def evaluate(
    outlet: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Hold out this outlet; may be repeated.")
    ] = None,
    all_outlets: Annotated[
        bool, typer.Option("--all-outlets", help="Hold out each coded outlet (the default).")
    ] = False,
    random: Annotated[bool, typer.Option("--random", help="The gap to a random split as well.")] = False,
    forward: Annotated[bool, typer.Option("--forward", help="Train on earlier articles, test on later ones.")] = False,
    leak: Annotated[bool, typer.Option("--leak", help="Whether the scores give the outlet away.")] = False,
    curve: Annotated[bool, typer.Option("--curve", help="What the next 200 annotations are likely to bring.")] = False,
    full: Annotated[bool, typer.Option("--full", help="All four: several times as long.")] = False,
    page: Annotated[
        bool, typer.Option("--page", help="Write reports/evaluation.html: plots, and the spans it gets most wrong.")
    ] = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure the classifier on outlets held out.

    Each outlet in turn is left out of training and then tested, beside TF-IDF and the codebook's own terms.

    Trained folds are kept: asking again, or for more, trains only what is missing.
    """
    from corpus.errors import NothingToLearn
    from models.evaluation.evaluate import More

    if outlet and all_outlets:
        raise NothingToLearn("--outlet and --all-outlets exclude each other; choose one")
    opened = open_study(study)
    more = More(random=random or full, forward=forward or full, leak=leak or full, curve=curve or full)
    found = evaluate_outlets(opened, outlet or (), more)
    file = evaluation.write_evaluation_page(opened, found) if page else None
    if as_json:
        emit({**found, "page": str(file) if file else None})
    else:
        print_evaluation(found, out())
        evaluation.print_details(found, out())
        if file:
            out().print(f"The page:  {file}", markup=False, soft_wrap=True)


def evaluate_outlets(study: Study, outlets: Sequence[str], more: More | None = None) -> dict[str, Any]:
    """Evaluate with a bar, the coders' agreement beside it; the result is kept for the report.

    One of some outlets does not replace one of all outlets of the same model.
    """
    import json

    from corpus.errors import NoModel
    from models.suggestions.checkpoint import current

    with progress("reading") as (bar, task):
        from models.evaluation.evaluate import More
        from models.evaluation.evaluate import evaluate as measure

        found = measure(
            study, outlets, lambda what, share: bar.update(task, description=what, completed=share), more or More()
        )
    found["agreement"] = evaluation.coders_agreement(study)
    before = _kept(study)
    if found["whole"] or not before.get("whole") or before.get("model") != found["model"]:
        study.reports.mkdir(exist_ok=True)
        (study.reports / EVALUATION).write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")
    with contextlib.suppress(NoModel):
        _calibrate_from_evaluation(study, current(study))
    return found


def print_evaluation(found: dict[str, Any], console: Console) -> None:
    """Print an evaluation as a table, the baselines beside the classifier."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim", title_justify="left")
    table.title = f"macro-F1 of {found['variable']} on outlets held out"
    baselines = found["baselines"]
    for name in ("outlet", "n", "SpanClassifier", "95 %", *baselines, "one coder"):
        table.add_column(name, justify="left" if name == "outlet" else "right", no_wrap=True)
    human = found["human"] or {"outlets": {}, "macro_f1": None}
    for name, row in [*found["outlets"].items(), ("mean", found["mean"])]:
        if row is None:
            continue
        theirs = [b["mean"] if name == "mean" else b["outlets"].get(name) for b in baselines.values()]
        mark = human["macro_f1"] if name == "mean" else human["outlets"].get(name, {}).get("macro_f1")
        low, high = row["interval"]
        table.add_row(
            name,
            str(row["n"]),
            figure(row["macro_f1"]),
            f"[{figure(low)}, {figure(high)}]".replace("[", "\\["),
            *[figure(one["macro_f1"] if one else None) for one in theirs],
            figure(mark),
            style="bold" if name == "mean" else "",
        )
    console.print(table)
    console.print("[dim]one coder: against the majority of the others, by the same metric; more with --json[/dim]")
    if found["simulated_coders"]:
        names = ", ".join(found["simulated_coders"])
        console.print(f"[yellow]answers of {names} are simulated: a smoke test, no evidence[/yellow]")


def suggest(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Suggest codes for the spans nobody has coded.

    Every eligible span gets the full distribution of the study's model, with its version.
    """
    done = suggest_codes(open_study(study))
    if as_json:
        emit(suggestions_json(done))
    else:
        print_suggestions(done)
        say("Next:  slantwise report")


def suggestions_json(done: Suggested) -> dict[str, Any]:
    """Return what `suggest --json` prints."""
    return {
        "scored": done.scored,
        "cached": done.cached,
        "model": done.model,
        "engine": done.engine,
        "spans_per_second": done.spans_per_second,
        "doubtful": done.doubtful,
        "far": dict(done.far),
        "usual_distance": done.usual,
        "other_language": dict(done.foreign),
    }


def print_suggestions(done: Suggested) -> None:
    """Say what was suggested, and where not to trust it."""
    say(f"{done.scored} spans scored, {done.cached} had suggestions of {done.model} already")
    if done.doubtful:
        say(f"{done.doubtful} of all these are doubtful: less probable than the threshold, so coders are shown nothing")
    for name, distance in done.far.items():
        say(
            f"{name} lies far from everything coded: distance {distance:.2f}, no coded outlet more than "
            f"{done.usual:.2f} from the others; code some of its spans before you trust these"
        )
    for language, n in done.foreign.items():
        say(f"{n} spans stand in articles in {language!r}, which the codebook and its encoder are not for")


def suggest_codes(study: Study) -> Suggested:
    """Suggest with a bar."""
    with progress("suggesting") as (bar, task):
        from models.suggestions.suggest import suggest as score

        return score(study, lambda share: bar.update(task, completed=share))
