"""The command that estimates shares."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, cast

import typer

from annotate.cli.shared.open_study import StudyOption, open_study
from annotate.cli.shared.output import JsonOption, emit, finish, out, plain_table, progress, say, shown

from .figures import figures, interval, p_value, percent, target_named
from .further_tables import show_further
from .model_based import show_uncoded
from .model_table import estimate_model
from .outlet_groups import compare_groups
from .plan import marked, show_status
from .plan_estimate import show_plan
from .robustness import finish_robustness, vary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from annotate.estimates.estimate import Estimate, Reference, ShareOfGroup
    from annotate.estimators.regression import Link
    from annotate.estimators.shares import Target
    from corpus.study import Study

MOST_DIFFERENCES = 12  # printed; --json has all


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command(epilog="Example:  slantwise estimate wording --by outlet,attribution")(estimate)


def estimate(
    variable: Annotated[
        str | None, typer.Argument(metavar="[VARIABLE]", help="Variable to estimate (default: the codebook's focus).")
    ] = None,
    by: Annotated[
        str,
        typer.Option(
            metavar="A,B", help="Groups: outlet, period (month), copied (or own text), and variables of the codebook."
        ),
    ] = "outlet",
    corpus: Annotated[
        bool, typer.Option("--corpus", help="Estimate the share in the collected articles only, not in their like.")
    ] = False,
    reference: Annotated[
        str,
        typer.Option(
            metavar="WHOSE",
            help="coders: an average coder's reading; adjudicated: settled codes of spans with several coders only.",
        ),
    ] = "coders",
    override: Annotated[
        str | None,
        typer.Option(metavar="REASON", help="Estimate in spite of low reliability or open draws; it is printed."),
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Plan: the intervals that more coded spans would give; nothing is estimated.")
    ] = False,
    until: Annotated[
        float | None,
        typer.Option(metavar="POINTS", help="With --plan: the number of spans for intervals of ± POINTS."),
    ] = None,
    robustness: Annotated[
        bool, typer.Option("--robustness", help="Try whether differences hold when the study is read otherwise.")
    ] = False,
    page: Annotated[
        bool, typer.Option("--page", help="Write what --robustness found as a page: reports/robustness.html.")
    ] = False,
    model: Annotated[
        str | None,
        typer.Option(metavar="FORMULA", help="Fit a model of a code instead, such as 'liberation ~ outlet * period'."),
    ] = None,
    logistic: Annotated[bool, typer.Option("--logistic", help="Fit a logistic model: odds ratios.")] = False,
    unit: Annotated[
        str | None, typer.Option(metavar="article", help="In a model, let each article count once, not each span.")
    ] = None,
    compare: Annotated[
        str | None,
        typer.Option(metavar="A,B,… vs C,D,…", help="Compare two groups of outlets, each of four or more."),
    ] = None,
    model_based: Annotated[
        bool,
        typer.Option("--model-based", help="Show what the classifier expects of groups without codes: no estimate."),
    ] = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Estimate shares of codes, corrected for the classifier's errors.

    The coded spans of random rounds correct the predictions of a classifier that has seen no answer to them
    (design-based supervised learning). Each share has a 95 % interval; the table also shows the share from the coded
    spans alone, and the count of the classifier's codes, which must not be published. Differences between groups have
    simultaneous intervals.

    The first run trains five classifiers, each without a fifth of the articles; later runs reuse their predictions.

    Instead of shares, --plan says what more coded spans would bring, --robustness whether differences hold when the
    study is read otherwise, --model fits a regression of a code on outlet, period, date, language, event, metadata of
    articles and variables of the codebook, --compare compares groups of outlets, and --model-based shows what the
    classifier expects where nothing is coded.

    Without a random blind sample, or if coders do not agree, nothing is estimated; the message says what to do.
    """
    if page and not robustness:
        raise typer.BadParameter("the page shows what --robustness found; add --robustness", param_hint="--page")
    from annotate.estimates.estimate import check_sample, read_question
    from annotate.estimates.estimate import estimate as estimate_shares

    others = by != "outlet" or plan or robustness or reference != "coders"
    if (logistic or unit) and not model:
        raise typer.BadParameter("--logistic and --unit are for models; add --model 'liberation ~ outlet'")
    if model and (variable or compare or others):
        raise typer.BadParameter("a model has all in its formula; leave out VARIABLE, --by and others")
    if model_based and (corpus or plan or robustness or reference != "coders"):
        raise typer.BadParameter("model-based shares are shown alone; leave out all options but --by and --override")
    if (plan or until is not None) and (robustness or reference != "coders"):
        raise typer.BadParameter("a plan is of coders' answers and shown alone; leave out --reference and --robustness")
    if compare and (corpus or others):
        raise typer.BadParameter("groups of outlets are compared alone; leave out all options but --override")
    opened = open_study(study)
    target: Target = "corpus" if corpus else "process"
    if model:
        link: Link = "logistic" if logistic else "linear"
        estimate_model(opened, model, predict, as_json=as_json, link=link, unit=unit, target=target, override=override)
    if compare:
        compare_groups(opened, (compare, variable), (predict, show), override=override, as_json=as_json)
    names = read_question(opened, variable, by)
    if model_based:
        show_uncoded(opened, variable, names, predict, override=override, as_json=as_json)
    if plan or until is not None:
        return show_plan(opened, variable, names, target, until, as_json)
    whose = cast("Reference", reference)
    check_sample(opened, variable, by=names, reference=whose, override=override)  # before an hour of training
    predict(opened)
    if robustness:
        finish_robustness(opened, vary(opened, variable, names, (target, whose), override), page, as_json=as_json)
        return
    result = estimate_shares(opened, variable, by=names, target=target, reference=whose, override=override)
    if as_json:
        emit(result.json())
    else:
        show(result, out())
    without = sum(row.share is None for row in result.shares)
    finish(len(result.shares) - without, without)


def predict(study: Study) -> None:
    """Make the predictions that are missing, with a progress bar, and say so before where there is no terminal."""
    with progress("predicting") as (bar, task):
        from corpus.annotations.cross_fitted import FOLDS
        from models.suggestions.cross_fit import cross_fit

        show_step, told = shown(bar, task), False

        def report(step: str, share: float) -> None:
            nonlocal told
            if not told:
                say(
                    f"training {FOLDS} classifiers, each without a fifth of the articles: seconds for up to 60 coded "
                    "spans, minutes for hundreds; a stopped run goes on"
                )
                told = True
            show_step(step, share)

        done = cross_fit(study, progress=report)
    if done.scored:
        say(f"{done.model}: {done.scored} spans predicted, each by a classifier that has seen no answer to it")


def show(result: Estimate, console: Console) -> None:
    """Print shares and differences as tables that fit 80 columns."""
    groups = f" by {', '.join(result.by)}" if result.by else ""
    units = "mentions that terms find" if result.unit == "mention" else f"{result.unit}s"
    period = f", {result.first} to {result.last}" if result.first else ""
    console.print(
        f"{result.variable}{groups}: {result.coded} coded of {result.spans} {units}{period}, codebook "
        f"{result.codebook_version}, reliability {result.verdict}"
        f"{', by adjudicated codes' if result.reference == 'adjudicated' else ''}",
        markup=False,
    )
    for reason in result.refused:
        console.print(f"estimated in spite of this ({result.override}): {reason}", style="bold yellow", markup=False)
    table = plain_table("group", "code", "share %", "95 %", "coded only %", "counted %", "n", right=_NUMBERS)
    for row in result.shares:
        table.add_row(
            row.group, marked(row.code, row.planned), *figures(row), percent(row.counted), str(row.coded),
        )  # fmt: skip
    console.print(table)
    console.print(
        "n: coded spans; coded only: without the classifier; counted: its codes, not an estimate",
        style="dim",
    )
    console.print(target_named(result.target), style="dim", markup=False)
    if worth := [f"{row.group} {row.code} {row.worth:.0f}" for row in result.shares if row.worth is not None]:
        more = ", …" if len(worth) > MOST_DIFFERENCES else ""
        console.print(
            f"worth as many coded spans as: {', '.join(worth[:MOST_DIFFERENCES])}{more}", style="dim", markup=False
        )
    for note in dict.fromkeys(row.note for row in result.shares if row.note):
        rows = [row for row in result.shares if row.note == note]
        console.print(f"{note}: {_named(rows, result.shares)}", markup=False)
    _show_differences(result, console)
    show_status(result, console)
    show_further(result, console)
    for note in result.notes:
        console.print(note, style="dim", markup=False)


_NUMBERS = ("share %", "95 %", "coded only %", "counted %", "n")


def _named(rows: Sequence[ShareOfGroup], every: Sequence[ShareOfGroup]) -> str:
    """Return the groups of some rows with their codes, without codes where all rows of a group are among them."""
    codes = {group: [row.code for row in rows if row.group == group] for group in dict.fromkeys(r.group for r in rows)}
    number = Counter(row.group for row in every)
    names = [
        group if len(of_group) == number[group] else f"{group} ({', '.join(of_group)})"
        for group, of_group in codes.items()
    ]
    return "; ".join(names[:MOST_DIFFERENCES]) + ("; …" if len(names) > MOST_DIFFERENCES else "")


def _show_differences(result: Estimate, console: Console) -> None:
    if not result.differences:
        return
    clear = [one for one in result.differences if one.between.simultaneous[0] > 0 or one.between.simultaneous[1] < 0]
    unclear = len(result.differences) - len(clear)
    console.print("\ndifferences in points, with simultaneous intervals", markup=False)
    if clear:
        table = plain_table("code", "between", "points", "95 %", "p (Holm)", right=("points", "95 %", "p (Holm)"))
        for one in sorted(clear, key=lambda one: -abs(one.between.difference))[:MOST_DIFFERENCES]:
            pair = one.between
            table.add_row(
                marked(one.code, one.planned), f"{pair.first} – {pair.second}", f"{100 * pair.difference:+.0f}",
                interval(*pair.simultaneous), p_value(pair.holm),
            )  # fmt: skip
        console.print(table)
    more = len(clear) - MOST_DIFFERENCES
    if more > 0:
        console.print(f"{more} more: --json", style="dim")
    if clear:
        sizes = sorted({one.family for one in result.differences})
        pairs = " or ".join(map(str, sizes))
        console.print(f"p: two-sided, corrected (Holm) for a code's family of {pairs} pairs", style="dim")
    if unclear:
        console.print(
            f"{unclear} of {len(result.differences)} differences have an interval that includes 0", markup=False
        )
