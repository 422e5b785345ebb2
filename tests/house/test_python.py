"""Every command is a function: both give the same JSON, apart from times and places."""

from __future__ import annotations

import ast
import contextlib
import importlib
import inspect
import json
import os
import re
import shutil
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import typer
from command_line import commands, slantwise
from conftest import made_once, opened
from documents import GUIDES, PAGES, blocks, named_commands, words
from newsroom import publish
from servers import Site
from sqlalchemy import Engine, event
from stores import postgres, write
from studios import Person, on_server
from together import Together, together

import annotate
import annotate.report
import corpus
import models
from annotate.cli.main import app
from annotate.studio.accounts import sign_in
from annotate.studio.push import project_id, study_identity, tasks_by_span
from benchmarks.kill_anywhere import DATABASES
from benchmarks.ten_writers import inconsistencies
from corpus import Study, example
from corpus.annotation import Design
from corpus.errors import SpansOutOfDate
from corpus.result import Result, row_columns
from corpus.study import database as db

ROOT = Path(__file__).parents[2]
DOORS = {"Study": Study, "corpus": corpus, "models": models, "annotate": annotate, "annotate.report": annotate.report}
GUIDE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
TIMES = {
    "page",
    "seconds",
    "spans_per_second",
    "made_at",
    "at",
    "last",
    "checked_at",
    "bytes",
}  # what a clock says, or a file with clocks in it; pages are functions of their own
NOT_OURS = {"project", "url", "task"}  # what a Label Studio numbers
LIVE = "\n\n".join(
    f"Northland’s army takes {town} after a siege of nine days\n\n10:3{n} a.m.\n\nNorthland’s army took the town of {town} at dawn "
    "on Monday, its ministry of defence said in a statement to reporters.\n\nOfficials denied it, and the roads stayed closed."
    for n, town in enumerate(("Velo", "Brenik", "Karsk", "Marn"))
)
MIGRATION = 'migration:\n  - from: "{}"\n    codes: {{wording: {{liberation: liberation}}}}\n'


@dataclass(frozen=True)
class Pair:
    """A command and the function that does the same; `before` prepares each one's own copy of the study."""

    command: str
    words: Callable[[Study], list[object]]
    call: Callable[[Study], Any]
    before: Callable[[Study], object] = lambda study: None


def span_of(study: Study, n: int = 0) -> str:
    return str(study.eligible()["span"].iloc[n])


def article_of(study: Study, n: int = 0) -> str:
    return str(study.articles()["article"].iloc[n])


def answers_to(study: Study, round: str) -> pd.DataFrame:
    """Answers to a round in which its coders differ about some spans."""
    assigned = study.assignments().query("round == @round")
    rows = []
    for row in assigned.itertuples():
        n = int(row.span.rpartition("-")[2])
        differs = row.coder == "jon" and n % 3 == 0
        codes = {"mention": "control", "gainer": "side-a", "wording": "plain" if differs else "liberation"}
        rows += [
            {"span": row.span, "variable": name, "code": code, "coder": row.coder, "round": round, "arm": row.arm}
            for name, code in codes.items()
        ]
    return pd.DataFrame(rows)


def paragraph(study: Study) -> Any:
    fixed = {span.partition(":")[0] for span in {*study.draws()["span"], *study.annotations()["span"]}}
    articles = study.articles()
    free = articles[~articles["revision"].isin(fixed)]["article"].iloc[0]
    shown = corpus.show_article(study, str(free))
    return next(one for one in shown.paragraphs if one.kind == "paragraph")


def into_feed(study: Study) -> None:
    corpus.add_feed(study, "http://127.0.0.1:9/rss", outlet="The Herald")


def with_event_table(study: Study) -> None:
    write(study.folder, {"events.csv": "place,day\nVelo,2025-03-01\nBrenik,never\n"})


def with_answers(study: Study) -> None:
    rows = answers_to(study, "main-1").assign(coder="kim").to_dict("records")
    lines = [json.dumps(row) for row in rows] + ["no answer"]
    write(study.folder, {"answers.jsonl": "\n".join(lines)})


def with_live_text(study: Study) -> None:
    corpus.add(study, write(study.folder / "in", {"live.txt": LIVE}) / "live.txt", outlet="The Herald")


def with_wrong_counts(study: Study) -> None:
    with study.store.writing() as connection:
        connection.execute(db.tallies.update().values(n=db.tallies.c.n + 1))


def with_furniture(study: Study) -> None:
    towns = ("Velo", "Karsk", "Marn")
    story = "Northland’s army took the town of {} at dawn on Monday, its ministry said.\n\nSubscribers read more here"
    corpus.add(study, write(study.folder / "in", {f"{t}.txt": story.format(t) for t in towns}), outlet="The Herald")


def live_article(study: Study) -> str:
    return str(study.articles().query("outlet == 'The Herald'")["article"].iloc[0])


def with_other_terms(study: Study) -> None:
    book = study.folder / "codebook.yaml"
    book.write_text(book.read_text(encoding="utf-8").replace('"liberat*"', '"liberat*", "arriv*"', 1), encoding="utf-8")


def with_new_version(study: Study) -> None:
    book = study.folder / "codebook.yaml"
    words = book.read_text(encoding="utf-8")
    version = study.codebook.version
    text = words.replace(f'version: "{version}"', 'version: "9.0.0"', 1) + "\n" + MIGRATION.format(version)
    book.write_text(text, encoding="utf-8")


def with_rows(study: Study) -> None:
    rows = [
        {"id": f"r{n}", "outlet": ("Courier", "Herald")[n % 2], "gold": ("biased", "non-biased")[n % 3 == 0],
         "text": f"Council {n} {'shamelessly squeezed' if n % 3 else 'raised the fees of'} the families of Velo."}
        for n in range(48)
    ]  # fmt: skip
    write(study.folder, {"rows.jsonl": "\n".join(map(json.dumps, rows))})


def with_pushed_round(study: Study) -> None:
    annotate.push(study, "main-1")


def with_pushed_disputes(study: Study) -> None:
    annotate.push_disputed(study, "pilot", adjudicator="lea")


PAIRS = (
    Pair("init", lambda s: ["init", s.folder / "new"], lambda s: created(s, Study.create(s.folder / "new"))),
    Pair(
        "init --example", lambda s: ["init", s.folder / "new", "--example"],
        lambda s: created(s, corpus.create_example(s.folder / "new")),
    ),
    Pair("status", lambda s: ["status"], lambda s: corpus.status(s)),
    Pair("respan", lambda s: ["respan"], lambda s: corpus.respan(Study.open(s.folder)), with_other_terms),
    Pair(
        "add", lambda s: ["add", s.folder / "in", s.folder / "nowhere", "--outlet", "The Herald"],
        lambda s: corpus.add(s, [str(s.folder / "in"), s.folder / "nowhere"], outlet="The Herald"),
        lambda s: write(s.folder / "in", {"live.txt": LIVE, "empty.txt": ""}),
    ),
    Pair(
        "kwic", lambda s: ["kwic", "liberat*", "--outlet", "Free Marn", "--width", "30"],
        lambda s: corpus.kwic(s, "liberat*", outlet="Free Marn", width=30),
    ),
    Pair("terms", lambda s: ["terms", "liberat*", "took"], lambda s: corpus.term_usage(s, ["liberat*", "took"])),
    Pair(
        "import", lambda s: ["import", s.folder / "answers.jsonl"],
        lambda s: annotate.import_answers(s, s.folder / "answers.jsonl"), with_answers,
    ),
    Pair("export", lambda s: ["export", s.folder / "out"], lambda s: corpus.export(s, s.folder / "out")),
    Pair(
        "export --format labelstudio", lambda s: ["export", s.folder / "out", "--format", "labelstudio"],
        lambda s: annotate.export_label_studio(s, s.folder / "out"),
    ),
    Pair("agree", lambda s: ["agree"], lambda s: annotate.agree(s)),
    Pair("agree pilot", lambda s: ["agree", "pilot"], lambda s: annotate.agree(s, "pilot")),
    Pair("anchoring", lambda s: ["anchoring", "main-1"], lambda s: annotate.measure_anchoring(s, "main-1")),
    Pair(
        "training", lambda s: ["training", "practice", "--reference", "mira"],
        lambda s: annotate.compare_with_reference(s, "practice", reference="mira"),
    ),
    Pair(
        "doubtful", lambda s: ["doubtful", "--spans", "5"],
        lambda s: annotate.find_doubtful(s, models.cross_fitted_probabilities(s), spans=5),
    ),
    Pair("train", lambda s: ["train"], lambda s: models.train(s)),
    Pair(
        "evaluate", lambda s: ["evaluate", "--outlet", "Free Marn"],
        lambda s: models.evaluate(s, "Free Marn", agreement=annotate.agree(s)),
    ),
    Pair("suggest", lambda s: ["suggest"], lambda s: models.suggest(s)),
    Pair(
        "report", lambda s: ["report"], lambda s: annotate.report.write(s, shares=models.word_shares(s)),
    ),
    Pair(
        "article show", lambda s: ["article", "show", article_of(s)], lambda s: corpus.show_article(s, article_of(s)),
    ),
    Pair(
        "article show --revisions", lambda s: ["article", "show", article_of(s), "--revisions"],
        lambda s: corpus.revision_history(s, article_of(s)),
    ),
    Pair(
        "article split", lambda s: ["article", "split", live_article(s), "--yes"],
        lambda s: corpus.split_article(s, live_article(s), yes=True), with_live_text,
    ),
    Pair(
        "article split, proposed", lambda s: ["article", "split", live_article(s)],
        lambda s: corpus.split_article(s, live_article(s)), with_live_text,
    ),
    Pair("article cut", lambda s: ["article", "cut"], lambda s: corpus.list_cut_texts(s)),
    Pair(
        "article cut ARTICLE", lambda s: ["article", "cut", article_of(s)], lambda s: corpus.mark_cut(s, article_of(s)),
    ),
    Pair(
        "article remove", lambda s: ["article", "remove", article_of(s), "--yes"],
        lambda s: corpus.remove_articles(s, [article_of(s)], yes=True),
    ),
    Pair(
        "article remove, counted", lambda s: ["article", "remove", article_of(s), article_of(s, 1)],
        lambda s: corpus.remove_articles(s, [article_of(s), article_of(s, 1)]),
    ),
    Pair(
        "article furniture", lambda s: ["article", "furniture"], lambda s: corpus.list_furniture(s), with_furniture,
    ),
    Pair(
        "article furniture --keep", lambda s: ["article", "furniture", "--outlet", "The Herald", "--keep", "1"],
        lambda s: corpus.overrule_furniture(s, 1, outlet="The Herald", kind="keep"), with_furniture,
    ),
    Pair(
        "article mark",
        lambda s: ["article", "mark", paragraph(s).revision, paragraph(s).start, paragraph(s).end, "furniture"],
        lambda s: corpus.mark_paragraph(
            s, paragraph(s).revision, paragraph(s).start, paragraph(s).end, "furniture"
        ),
    ),
    Pair(
        "feeds add", lambda s: ["feeds", "add", "http://127.0.0.1:9/rss", "--outlet", "The Herald"],
        lambda s: corpus.add_feed(s, "http://127.0.0.1:9/rss", outlet="The Herald"),
    ),
    Pair("feeds list", lambda s: ["feeds", "list"], lambda s: corpus.list_feeds(s), into_feed),
    Pair("copies list", lambda s: ["copies", "list"], lambda s: corpus.list_copy_groups(s)),
    Pair(
        "copies show", lambda s: ["copies", "show", s.copies()["group"].iloc[0]],
        lambda s: corpus.find_copy_group(s, s.copies()["group"].iloc[0]),
    ),
    Pair("events list", lambda s: ["events", "list"], lambda s: corpus.list_events(s)),
    Pair(
        "events show", lambda s: ["events", "show", s.events()["event"].iloc[0]],
        lambda s: corpus.find_event(s, s.events()["event"].iloc[0]), lambda s: corpus.list_events(s),
    ),
    Pair(
        "events import", lambda s: ["events", "import", s.folder / "events.csv"],
        lambda s: corpus.import_event_table(s, s.folder / "events.csv"), with_event_table,
    ),
    Pair("codebook check", lambda s: ["codebook", "check"], lambda s: corpus.check_codebook(s.codebook)),
    Pair(
        "codebook show", lambda s: ["codebook", "show", "lexical-bias"],
        lambda s: corpus.read_codebook("lexical-bias").model_dump(mode="json"),
    ),
    Pair("codebook list", lambda s: ["codebook", "list"], lambda s: corpus.list_codebooks()),
    Pair(
        "codebook diff", lambda s: ["codebook", "diff", "lexical-bias", "territorial-control"],
        lambda s: corpus.diff_codebooks("lexical-bias", "territorial-control"),
    ),
    Pair(
        "codebook migrate", lambda s: ["codebook", "migrate", "--yes"],
        lambda s: corpus.migrate_answers(Study.open(s.folder), yes=True), with_new_version,
    ),
    Pair(
        "codebook migrate, proposed", lambda s: ["codebook", "migrate"],
        lambda s: corpus.migrate_answers(Study.open(s.folder)), with_new_version,
    ),
    Pair("codebook page", lambda s: ["codebook", "page"], lambda s: annotate.write_codebook_page(s)),
    Pair("round plan", lambda s: ["round", "plan", "--width", "0.1"], lambda s: annotate.plan_round(s, width=0.1)),
    Pair(
        "estimate --plan", lambda s: ["estimate", "--plan", "--until", "9"],
        lambda s: annotate.plan_estimate(s, until=9),
    ),
    Pair("plan new", lambda s: ["plan", "new", s.folder / "p.yaml"], lambda s: annotate.new_plan(s, s.folder / "p.yaml")),
    Pair("plan show", lambda s: ["plan", "show"], lambda s: annotate.list_plans(s)),
    Pair(
        "round draw",
        lambda s: [
            "round", "draw", "main-2", "--coders", "mira,jon", "--spans", "8", "--by", "outlet", "--overlap", "0.5",
        ],
        lambda s: annotate.draw(s, "main-2", "mira,jon", spans=8, design=Design(by=("outlet",), overlap=0.5)),
    ),
    Pair("round list", lambda s: ["round", "list"], lambda s: annotate.list_rounds(s)),
    Pair("round show", lambda s: ["round", "show", "main-1"], lambda s: annotate.show_round(s, "main-1")),
    Pair("round close", lambda s: ["round", "close", "main-1", "--coder", "mira"],
         lambda s: annotate.close_round(s, "main-1", coder="mira")),
    Pair("round rename-coder", lambda s: ["round", "rename-coder", "authors", "Ada"],
         lambda s: corpus.rename_coder(s, "authors", "Ada")),
    Pair(
        "round remove-coder", lambda s: ["round", "remove-coder", "mira", "--yes"],
        lambda s: corpus.remove_coder(s, "mira", yes=True),
    ),
    Pair(
        "round export", lambda s: ["round", "export", "main-1", s.folder / "out"],
        lambda s: annotate.export_workbooks(s, "main-1", s.folder / "out"),
    ),
    Pair("adjudicate list", lambda s: ["adjudicate", "list", "pilot"], lambda s: annotate.list_disputed(s, "pilot")),
    Pair("adjudicate auto", lambda s: ["adjudicate", "auto", "pilot"], lambda s: annotate.adjudicate(s, "pilot")),
    Pair("study log", lambda s: ["study", "log"], lambda s: corpus.read_log(s)),
    Pair("study check", lambda s: ["study", "check"], lambda s: corpus.check_study(s)),
    Pair("study repair", lambda s: ["study", "repair"], lambda s: corpus.repair_study(s), with_wrong_counts),
    Pair(
        "study backup", lambda s: ["study", "backup", s.folder / "a.backup"],
        lambda s: corpus.backup_study(s, s.folder / "a.backup"),
    ),
    Pair(
        "study restore", lambda s: ["study", "restore", s.folder / "a.backup", s.folder / "again"],
        lambda s: corpus.restore_study(s.folder / "a.backup", s.folder / "again"),
        lambda s: corpus.backup_study(s, s.folder / "a.backup"),
    ),
    Pair(
        "study copy", lambda s: ["study", "copy", f"sqlite:///{s.folder}/other.db"],
        lambda s: corpus.copy_study(s, f"sqlite:///{s.folder}/other.db"),
    ),
    Pair(
        "benchmark babe", lambda s: ["benchmark", "babe", s.folder / "rows.jsonl"],
        lambda s: models.benchmark("babe", s.folder / "rows.jsonl"), with_rows,
    ),
)  # fmt: skip
ON_A_SERVER = (
    Pair("studio push", lambda s: ["studio", "push", "main-1"], lambda s: annotate.push(s, "main-1")),
    Pair("studio pull", lambda s: ["studio", "pull", "main-1"], lambda s: annotate.pull(s, "main-1"), with_pushed_round),
    Pair(
        "studio doctor", lambda s: ["studio", "doctor", "main-1"], lambda s: annotate.check_round(s, "main-1"),
        with_pushed_round,
    ),
    Pair(
        "adjudicate push", lambda s: ["adjudicate", "push", "pilot", "--adjudicator", "lea"],
        lambda s: annotate.push_disputed(s, "pilot", adjudicator="lea"),
    ),
    Pair(
        "adjudicate pull", lambda s: ["adjudicate", "pull", "pilot"],
        lambda s: annotate.pull_decisions(s, "pilot"), with_pushed_disputes,
    ),
)  # fmt: skip
FROM_A_SITE = Pair("feeds poll", lambda s: ["feeds", "poll"], lambda s: corpus.poll_feeds(s))
READING = (
    *("status", "kwic", "terms", "export", "agree", "anchoring", "training", "report", "article show", "feeds list"),
    *("article show --revisions", "copies list", "copies show", "round plan", "round list", "round show"),
    *("round export", "adjudicate list", "article split, proposed", "codebook migrate, proposed", "codebook page"),
    "article remove, counted",
)
WITHOUT = {  # and why
    "demo": "it calls the functions of other commands, one after the other",
    "feeds watch": "it calls `feeds poll` until it is stopped",
    "feeds retry": "tests/feeds/test_retries.py runs both",
    "estimate": "tests/estimates/test_guide_to_estimates.py runs both, as they train classifiers",
    "plan freeze": "tests/estimates/test_frozen_plan.py runs both, as a digest depends on the time",
    "doctor": "it calls the functions of `study check`, `codebook check` and `studio doctor`",
    "studio start": "a server",
    "studio stop": "a server",
    "studio status": "a server",
    "studio serve": "a server",
    "benchmark basil": "the function of `benchmark babe`",
    "benchmark mbic": "the function of `benchmark babe`",
    "benchmark nuda": "the function of `benchmark babe`",
    "benchmark seesaw": "the function of `benchmark babe`",
    "benchmark extraction": "the function is tested with its command in tests/feeds",
}


def created(study: Study, made: Study) -> dict[str, Any]:
    said = {"study": str(study.folder / "new"), "codebook": made.codebook.name, **corpus.status(made).json()}
    made.store.close()
    return said


@pytest.fixture(scope="session")
def lived_in(example_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study with everything in it: answers, a model, an evaluation, suggestions, rounds in several states."""

    def make(folder: Path) -> None:
        study = Study.create(folder, name="Marn valley")
        corpus.add(study, example.files() / "articles", manifest=example.files() / "manifest.csv")
        earlier = Study.open(example_folder)
        answers = earlier.annotations()
        earlier.store.close()
        few = answers[answers["outlet"].isin(["Free Marn", "Lantry Courier", "Continental Review"])]
        few = few[few["span"].isin(few.drop_duplicates("span").groupby("outlet")["span"].head(12))]
        corpus.add_annotations(study, few[["span", "variable", "code", "coder", "simulated"]])
        for name, purpose in (("pilot", "reliability"), ("practice", "training")):
            annotate.draw(study, name, ["mira", "jon"], spans=12, purpose=purpose)  # type: ignore[arg-type]
            corpus.add_annotations(study, answers_to(study, name))
        models.train(study)  # on fewer than 60 spans, of which a head learns in seconds
        models.suggest(study)
        annotate.draw(study, "main-1", ["mira", "jon"], spans=10, design=Design(assisted=0.5, no_term=0.0))
        corpus.add_annotations(study, answers_to(study, "main-1"))
        models.evaluate(study, agreement=annotate.agree(study))
        models.suggest(study)
        study.store.close()

    return made_once(tmp_path_factory, "lived-in", make)


@pytest.fixture
def twins(lived_in: Path, tmp_path: Path) -> Iterator[tuple[Study, Study]]:
    """Two copies of the same study; the model's files are shared."""

    def copied(source: str, target: str) -> object:
        shared = "/checkpoints/" in source or "/cache/" in source
        return os.link(source, target) if shared else shutil.copy2(source, target)

    folders = [Path(shutil.copytree(lived_in, tmp_path / name, copy_function=copied)) for name in ("a", "b")]
    studies = [Study.open(folder) for folder in folders]
    yield studies[0], studies[1]
    for study in studies:
        if "store" in vars(study):  # where the store was moved, it is not there to be opened again
            study.store.close()


def comparable(value: Any, folder: Path, ignored: set[str]) -> Any:
    """Return a JSON value without clocks, with the study's folder as DIR."""
    if isinstance(value, dict):
        return {key: comparable(one, folder, ignored) for key, one in value.items() if key not in ignored}
    if isinstance(value, list):
        return [comparable(one, folder, ignored) for one in value]
    return value.replace(str(folder), "DIR") if isinstance(value, str) else value


def check(pair: Pair, command_study: Study, function_study: Study, ignored: set[str] = TIMES) -> None:
    for study in (command_study, function_study):
        pair.before(study)
    said = slantwise(*pair.words(command_study), "--json", cwd=command_study.folder)
    assert said.returncode in (0, 3), said.stderr
    result = pair.call(function_study)
    told = (
        result
        if isinstance(result, dict)
        else result.model_dump(mode="json")
        if pair.command == "codebook show"
        else result.json()
    )
    by_command = comparable(json.loads(said.stdout), command_study.folder, ignored)
    by_function = comparable(json.loads(json.dumps(told)), function_study.folder, ignored)
    assert by_function == by_command
    if hasattr(result, "table"):
        assert isinstance(result.table(), pd.DataFrame) and "<table" in result._repr_html_()


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.command)
def test_a_command_and_its_function_give_the_same(pair: Pair, twins: tuple[Study, Study]) -> None:
    check(pair, *twins)


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if pair.command in READING], ids=lambda pair: pair.command)
def test_reading_writes_nothing_into_the_store(pair: Pair, twins: tuple[Study, Study]) -> None:
    """Not even where the spans are those of other terms, which is said."""
    for study in twins:
        pair.before(study)
        with_other_terms(study)
    command_study, function_study = (Study.open(study.folder) for study in twins)
    words = pair.words(command_study)
    with writes() as written:
        said = slantwise(*words, cwd=command_study.folder)
        assert said.returncode in (0, 3) and "slantwise respan" in said.stderr, said.stderr
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SpansOutOfDate)
            pair.call(function_study)
    assert written == []
    for study in (command_study, function_study):
        study.store.close()


@contextlib.contextmanager
def writes() -> Iterator[list[str]]:
    """The statements that any store is given and that are no questions."""
    written: list[str] = []

    def given(*arguments: Any) -> None:
        if not re.match(r"\s*(SELECT|PRAGMA|WITH)\b|BEGIN$", arguments[2], re.IGNORECASE):
            written.append(arguments[2])

    event.listen(Engine, "before_cursor_execute", given)
    try:
        yield written
    finally:
        event.remove(Engine, "before_cursor_execute", given)


@pytest.mark.parametrize("pair", ON_A_SERVER, ids=lambda pair: pair.command)
def test_a_command_and_its_function_send_and_fetch_the_same(
    pair: Pair, twins: tuple[Study, Study], label_studio: Path
) -> None:
    studies = [on_server(label_studio, study.folder) for study in twins]
    check(pair, studies[0], studies[1], TIMES | NOT_OURS)
    for study in studies:
        study.store.close()


def allow_loopback(folder: Path) -> None:
    settings = folder / "study.toml"
    words = settings.read_text().replace("allow = []", 'allow = ["127.0.0.1"]').replace("delay = 5.0", "delay = 0.0")
    settings.write_text(words)


def test_a_poll_by_command_and_one_by_function_are_the_same(twins: tuple[Study, Study], site: Site) -> None:
    url = publish(site, range(3))
    studies = []
    for study in twins:
        allow_loopback(study.folder)
        studies.append(Study.open(study.folder))
        corpus.add_feed(studies[-1], url, outlet="The Herald")
    check(FROM_A_SITE, studies[0], studies[1])
    for study in studies:
        study.store.close()


NOT_HERE = {  # commands of the documentation that are not run with it, and why
    "demo": "tests/house/test_command_line.py runs it",
    "feeds add": "compared above; the outlet's feed is nobody's",
    "feeds poll": "compared above; the outlet's feed is nobody's",
    "feeds watch": "tests/feeds/test_feeds_command.py runs it",
    "feeds retry": "tests/feeds/test_retries.py runs it",
    "estimate": "tests/estimates/test_guide_to_estimates.py runs it",
    "plan": "tests/estimates/test_frozen_plan.py runs it",
    "studio": "it needs a server: above, and tests/studio",
    "study copy": "it needs a server: tests/integrity",
    "adjudicate push": "it needs a server: above, and tests/agreement",
    "adjudicate pull": "it needs a server: above, and tests/agreement",
    "benchmark extraction": "tests/feeds/test_extraction.py runs it",
    "round draw again-1": "it needs answers of weeks ago: tests/agreement/test_self_agreement.py",
    "--": "it is no command of a study",
}
NOT_HERE_IN_PYTHON = {
    "cross_fit",
    "check_robustness",
    "own_spans_again",
    "start_studio",
    "push",
    "pull",
    "check_round",
    "push_disputed",
    "pull_decisions",
    "poll_feeds",
}


def filled_in(command: str, study: Study) -> list[object]:
    """The words of a command, with the ids and the files that the documentation leaves open."""
    name = " ".join(command.split()[:2])
    missing = {
        "article show": ["ID"], "article split": ["ID"], "article mark": ["REVISION", "START", "END", "furniture"],
        "export": ["out"], "round show": ["pilot"], "copies show": ["ID"],
    }  # fmt: skip
    ids = {
        "article split": live_article, "copies show": lambda s: s.copies()["group"].iloc[0],
        "events show": lambda s: s.events()["event"].iloc[0],
    }  # fmt: skip
    typed = [*words(command), *missing.get(command, [])]
    place = paragraph(study)
    values: dict[str, object] = {
        "REVISION": place.revision, "START": place.start, "END": place.end, "NAME": "lexical-bias", "DIR": "out",
        "COMMAND": "agree", "FILE": "rows.jsonl" if "babe" in command else "answers.jsonl",
        "my-study": f"study-of-{len(command)}",
    }  # fmt: skip
    if "ID" in typed:
        values["ID"] = ids.get(name, article_of)(study)
    return [values.get(word, word) for word in typed]


@pytest.fixture
def prepared(twins: tuple[Study, Study]) -> tuple[Study, Study, Study]:
    """A study for commands and one for functions, with the files that the documentation names; a new codebook's."""
    for study in twins:
        for prepare in (with_rows, with_answers, with_event_table, with_live_text, corpus.list_events):
            prepare(study)
    first, second = twins
    shutil.copytree(first.folder / "in", first.folder.parent / "texts")
    shutil.copy(first.folder / "answers.jsonl", first.folder.parent)
    changed = Study.open(Path(shutil.copytree(first.folder, first.folder.parent / "changed")))
    with_new_version(changed)
    return first, second, changed


def code_round(study: Study, name: str) -> None:
    """Do what a round's coders do while the reader of a page reads on: a few answers, from which a head still learns."""
    answers = answers_to(study, name)
    corpus.add_annotations(study, answers[answers["span"].isin(answers["span"].unique()[:3])])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_of_the_documentation_runs(page: Path, prepared: tuple[Study, Study, Study]) -> None:
    """In the order of its page, with coders who answer each round that is drawn; the README's blocks run elsewhere."""
    study, _, changed = prepared
    typed = {line for block in blocks(page, "sh") for line in block.splitlines()} if page.stem == "README" else set()
    versions = {"2.1.0": study.codebook.version, "2.2.0": "9.0.0"}
    for command in named_commands(page):
        if command.startswith(tuple(NOT_HERE)) or f"slantwise {command}" in typed:
            continue
        at = changed if command.startswith(("codebook migrate", "codebook diff")) else study
        given = filled_in(command, study)
        given += ["--outlet", "The Herald"] if command == "add ../texts" else []
        given = [versions.get(str(word), word) for word in given] if at is changed else given
        if given[:2] == ["round", "draw"] and given[2] in set(study.rounds()["round"]):
            given[2] = f"{given[2]}-again"
        said = slantwise(*given, cwd=at.folder)
        assert said.returncode in (0, 3), (command, said.stderr)
        if given[:2] == ["round", "draw"]:
            code_round(study, str(given[2]))


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_all_python_of_the_documentation_runs(
    page: Path, prepared: tuple[Study, Study, Study], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the order of its page, except what needs a server or a network, whose names and arguments are checked."""
    if page.stem == "python":
        return  # it goes from texts to a report in a study of its own: tests/house/test_docs.py
    study = prepared[2 if page.stem == "codebooks" else 1]
    monkeypatch.chdir(study.folder)
    (study.folder / "my-study").symlink_to(study.folder)
    shutil.copytree(study.folder / "in", study.folder / "texts")
    names: dict[str, object] = {}
    for block in blocks(page, "python"):
        tree = ast.parse(block)
        if not NOT_HERE_IN_PYTHON & {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}:
            block = block.replace('"2.1.0"', repr(study.codebook.version))
            exec(compile(block, page.name, "exec"), names)


def test_a_table_has_its_columns_also_where_it_has_no_rows() -> None:
    kinds = [one for floor in ("corpus", "models", "annotate") for one in results_of(floor)]
    assert len(kinds) > 25
    for kind in kinds:
        assert all(row_columns(kind)), kind


def results_of(floor: str) -> Iterator[type[Result]]:
    """The kinds of results with rows, of all files of a floor."""
    for file in sorted((ROOT / floor).rglob("*.py")):
        module = importlib.import_module(
            ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        )
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, Result) and kind.__module__ == module.__name__ and kind.rows:
                yield kind


# two of each command at once

WRITING_FILES = ("export", "export --format labelstudio", "round export", "codebook page")
READING_ONLY = ("agree pilot", "article cut", "article furniture", "codebook check", "codebook show", "codebook list")
FOR_MINUTES = ("init --example", "benchmark babe", "doubtful", "evaluate", "train", "suggest")
AT_ONCE = [
    pair for pair in PAIRS
    if (pair.command not in READING or pair.command in WRITING_FILES)
    and pair.command not in (*READING_ONLY, "codebook diff", "study log", "study check", "study restore")
]  # fmt: skip
# other terms and another version change what the commands before rest on, and a copied store is another one
LAST = ("respan", "codebook migrate", "article remove", "round remove-coder", "study copy")
ALL_TWICE = os.environ.get("SLANTWISE_TWICE") == "all"  # `make twice`


@pytest.fixture(scope="module")
def processes() -> Iterator[Together]:
    with together() as one:
        yield one


@pytest.fixture(params=DATABASES)
def place(request: pytest.FixtureRequest, lived_in: Path, tmp_path: Path) -> Iterator[Path]:
    """The folder of a study with everything in it, on each database."""
    folder = Path(shutil.copytree(lived_in, tmp_path / "study"))
    if request.param == "sqlite":
        yield folder
        return
    with postgres() as server:
        study = Study.open(folder)
        corpus.copy_study(study, server.replace("NAME", "postgres"))
        study.close()
        yield folder


def give_twice(folder: Path, pair: Pair, processes: Together) -> None:
    """Both end well, or the second is refused in a sentence; nothing in the store contradicts itself afterwards."""
    with opened(folder) as study:
        pair.before(study)
        words = pair.words(study)
    said = processes.at_once((folder, words), (folder, words))
    codes = sorted(code for code, _ in said)
    assert codes[0] in (0, 3) and codes[1] in (0, 2, 3), (words, said)
    for _, text in said:
        assert not re.search("Traceback|bug in Slantwise|is locked|IntegrityError", text), (words, text)
    with opened(folder) as study:
        assert inconsistencies(study) == [], words


def test_two_of_every_command_that_writes_at_once(
    place: Path, processes: Together, request: pytest.FixtureRequest
) -> None:
    """On PostgreSQL every fourth, since others wait there in the same way; `make twice` gives all, on both.

    Two trainings and suggestions at once are tested in tests/study/test_one_writer.py.
    """
    share = 4 if "postgresql" in request.node.name and not ALL_TWICE else 1
    some = [pair for pair in AT_ONCE if ALL_TWICE or pair.command not in FOR_MINUTES]
    for pair in sorted(some, key=lambda pair: pair.command in LAST)[::share]:
        give_twice(place, pair, processes)


def test_two_polls_at_once_take_each_article_once(place: Path, processes: Together, site: Site) -> None:
    url = publish(site, range(1, 7))
    allow_loopback(place)
    with opened(place) as study:
        corpus.add_feed(study, url, outlet="The Herald")
    for pages in (6, 9):
        publish(site, range(1, pages + 1))
        give_twice(place, FROM_A_SITE, processes)
        with opened(place) as study:
            taken = study.articles().query("outlet == 'The Herald'")
            assert len(taken) == pages and not taken["text"].duplicated().any()


@pytest.mark.parametrize("place", DATABASES if ALL_TWICE else DATABASES[:1], indirect=True)
def test_two_that_talk_to_label_studio_at_once_double_no_project_task_or_answer(
    place: Path, processes: Together, label_studio: Path
) -> None:
    on_server(label_studio, place).store.close()
    status = Pair("studio status", lambda s: ["studio", "status"], lambda s: annotate.studio_status(s))
    for pair in (ON_A_SERVER[0], status):
        give_twice(place, pair, processes)
    with opened(place) as study:
        project = project_id(study, "main-1", "mira")
        assert project is not None
        person = Person(study, "mira", project)
        mine = study.assignments().query("round == 'main-1' and coder == 'mira'")["span"]
        assert sorted(person.task) == sorted(mine)
        answered = list(mine)[:4]
        for span in answered:
            person.answer(span, {"mention": "none"})
    for pair in ON_A_SERVER[1:]:
        give_twice(place, pair, processes)
    with opened(place) as study, sign_in(study, "mira") as session:
        mark = f"slantwise:{study_identity(study)}:main-1:mira"
        assert [one.id for one in session.studio.projects() if mark in str(one.description)] == [project]
        assert {len(tasks) for tasks in tasks_by_span(session.studio, project).values()} == {1}
        rows = study.annotations().query("round == 'main-1' and coder == 'mira' and variable == 'mention'")
        assert set(rows[rows["span"].isin(answered)]["code"]) == {"none"} and not rows["span"].duplicated().any()


def test_every_command_has_its_function_or_a_reason_not_to() -> None:
    with_function = {pair.command for pair in (*PAIRS, *ON_A_SERVER, FROM_A_SITE)}
    assert {" ".join(command) for command in commands()} <= with_function | WITHOUT.keys()
    assert not with_function & WITHOUT.keys()


def test_the_guides_table_maps_every_command_to_a_function_of_a_front_door() -> None:
    pairs = {pair.command: inspect.getsource(pair.call) for pair in (*PAIRS, *ON_A_SERVER, FROM_A_SITE)}
    assert {" ".join(command) for command in commands()} - WITHOUT.keys() <= table().keys()
    for command, call in table().items():
        assert callable(function_of(command)), call
        assert command not in pairs or f"{call.partition('(')[0]}(" in pairs[command], (command, call)


def test_a_functions_arguments_have_the_names_of_the_options() -> None:
    """A design holds how a round is drawn, the extra measurements are named in one argument; pages are functions."""
    elsewhere = {
        "article show": {"revisions"}, "export": {"round"}, "round export": {"format"}, "copies show": {"all"},
        "events show": {"all"}, "article furniture": {"keep", "drop"}, "article cut": {"whole"},
        "train": {"suggest"}, "feeds poll": {"suggest"}, "codebook migrate": {"from"},
        "round draw": set(Design.__dataclass_fields__) | {"doubt"},
        "evaluate": {"random", "forward", "leak", "curve", "full", "all_outlets"},
    }  # fmt: skip
    missing = {}
    for command in commands():
        name = " ".join(command)
        if name in WITHOUT or command[0] in ("benchmark", "init"):
            continue
        found = typer.main.get_command(app)
        for word in command:
            found = found.commands[word]  # type: ignore[attr-defined]
        options = {max(one.opts, key=len)[2:].replace("-", "_") for one in found.params if one.opts[0].startswith("-")}
        known = set(inspect.signature(function_of(name)).parameters) | {"study", "json", "page"}
        missing[name] = options - known - elsewhere.get(name, set())
    assert {name: options for name, options in missing.items() if options} == {}


def function_of(command: str) -> Callable[..., Any]:
    door, _, name = table()[command].partition("(")[0].rpartition(".")
    return getattr(DOORS[door], name)  # type: ignore[no-any-return]


def table() -> dict[str, str]:
    """The guide's table: the call by the command."""
    return dict(re.findall(r"^\| `([^`]+)` \| `([^`]+)` \|", GUIDE, flags=re.M))
