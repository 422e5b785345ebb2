"""Studies as they come: imported answers, pilots of an earlier version, articles added since, unclear whose words."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from command_line import slantwise
from rich.console import Console
from sqlalchemy import delete, select, update
from stores import write
from town_studies import code_round, plant_predictions, town_study, true_codes

from annotate.cli.estimates.estimate import show
from annotate.estimates.estimate import check_sample, estimate
from annotate.estimates.sample import read_sample
from annotate.rounds.draw import draw
from corpus.annotation import Design
from corpus.annotations.rows import add_annotations
from corpus.articles.ingest import add
from corpus.errors import NoEstimate, UnknownCode
from corpus.study import Study
from corpus.study import database as db
from models.data.labelled import labelled_spans
from models.suggestions.cross_fit import _version, cross_fit

PLAIN = Design(no_term=0.0)


@pytest.fixture(scope="module")
def uncoded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    study = town_study(tmp_path_factory.mktemp("odd") / "study", articles=8)
    study.close()
    return study.folder


@pytest.fixture
def study(uncoded: Path, tmp_path: Path) -> Iterator[Study]:
    copy = Study.open(shutil.copytree(uncoded, tmp_path / "study"))
    yield copy
    copy.close()


def coded_main(study: Study, spans: int = 60, name: str = "main") -> None:
    draw(study, name, ["mira", "jon"], spans=spans, design=PLAIN)
    code_round(study, name)


def test_spans_that_were_imported_coded_are_a_stratum_of_their_own(study: Study) -> None:
    truth = true_codes(study)
    imported = list(truth)[:10]
    rows = [
        {"span": span, "variable": name, "code": codes[0], "coder": "kim"}
        for span in imported
        for name, codes in truth[span].items()
    ]
    assert add_annotations(study, rows).new > 10
    coded_main(study)
    plant_predictions(study)
    result = estimate(study, by="", target="corpus")
    assert result.balance["coded, never drawn"] == 10 and "10 spans: coded, never drawn" in result.notes
    assert (result.spans, result.coded) == (96, 70)


def test_answers_that_came_in_twice_do_not_leave_their_round(study: Study) -> None:
    """The copy without a round is read first, since it is as old, and still answers the round's assignment."""
    coded_main(study)
    before = len(read_sample(study).answers)
    t = db.annotations.c
    with study.store.writing() as connection:
        rows = [dict(row._mapping) for row in connection.execute(select(db.annotations).where(t.coder == "mira"))]
        db.put(
            connection, db.annotations, [{**row, "round": "", "made_at": "2023-01-01T00:00:00+00:00"} for row in rows]
        )
    assert len(read_sample(study).answers) == before == 60
    check_sample(study)


def test_a_round_with_nothing_but_a_skip_is_one_that_nobody_has_coded(study: Study) -> None:
    coded_main(study, 50)
    draw(study, "later", ["mira", "jon"], spans=20, design=PLAIN)
    span = study.draws().query("round == 'later'")["span"].iloc[0]
    skip = {"round": "later", "span": span, "coder": "mira", "state": "skipped", "reason": "not-readable"}
    with study.store.writing() as connection:
        db.put(connection, db.outcomes, [skip])
    sample, _ = check_sample(study)
    assert len(sample.rounds) == 2 and len(sample.answers) == 50  # main, and the spans coded without a draw


def test_a_pilot_without_stored_probabilities_leaves_what_it_drew_out(study: Study) -> None:
    """It would otherwise refuse every estimate of the study for good."""
    draw(study, "pilot", ["mira", "jon"], spans=12, purpose="pilot", design=PLAIN)
    code_round(study, "pilot")
    coded_main(study)
    with study.store.writing() as connection:
        connection.execute(delete(db.round_designs).where(db.round_designs.c.round == "pilot"))
    sample, _ = check_sample(study)
    assert len(sample.spans) == 84
    assert sample.balance["drawn by pilot, which has no stored probabilities"] == 12


def test_a_pilot_of_another_unit_does_not_enter_the_frame(study: Study) -> None:
    paragraphs = study.spans().query("unit == 'paragraph'")["span"].tolist()[:12]
    draw(study, "pilot", ["mira", "jon"], spans=12, purpose="pilot", design=PLAIN)
    d, r, n = db.draws.c, db.rounds.c, db.round_designs.c
    with study.store.writing() as connection:
        drawn = connection.execute(select(d.span).where(d.round == "pilot")).scalars().all()
        for old, new in zip(drawn, paragraphs, strict=True):
            connection.execute(update(db.draws).where(d.round == "pilot", d.span == old).values(span=new))
        connection.execute(update(db.rounds).where(r.name == "pilot").values(frame=json.dumps(paragraphs)))
        connection.execute(update(db.round_designs).where(n.round == "pilot").values(pi=json.dumps([1.0] * 12)))
    coded_main(study)
    assert len(read_sample(study).spans) == 96


def test_articles_added_since_the_draw_are_named_with_their_number(study: Study, tmp_path: Path) -> None:
    coded_main(study)
    plant_predictions(study)
    text = "Troops took Velo on day 3.\n\nThey liberated Karsk on day 4."
    added = write(
        tmp_path / "late", {"a.txt": text, "manifest.csv": "file,outlet,published\na.txt,Herald,2024-09-01\n"}
    )
    assert add(study, [added]).refusals == []
    result = estimate(study)
    assert result.notes == ("2 spans: in no frame, such as those of articles added since, so without a figure",)
    assert result.spans == 96 and result.last is not None and result.last < "2024-09"


def test_groups_by_a_variable_on_which_coders_disagree_are_refused(study: Study) -> None:
    coded_main(study, 90)
    t = db.annotations.c
    with study.store.writing() as connection:
        rows = connection.execute(select(t.span).where(t.variable == "attribution", t.coder == "jon").order_by(t.span))
        for span in rows.scalars().all()[::2]:
            connection.execute(
                update(db.annotations)
                .where(t.span == span, t.coder == "jon", t.variable == "attribution")
                .values(code="quoted")
            )
    plant_predictions(study)
    assert check_sample(study)[1].verdict == "relied on"
    with pytest.raises(NoEstimate, match="the coders do not agree on attribution"):
        estimate(study, by="outlet,attribution")
    assert estimate(study, by="attribution", override="a first look").verdict == "fails"


def test_a_verdict_that_cannot_be_told_yet_is_said_with_every_estimate(study: Study) -> None:
    draw(study, "main", ["mira", "jon"], spans=80, design=PLAIN)
    code_round(study, "main", slips=0.07)
    plant_predictions(study)
    result = estimate(study)
    assert result.verdict == "cannot be told yet" and not result.refused
    assert result.notes[0].startswith("reliability not yet shown: the verdict on wording is cannot be told yet (7")


def test_a_question_asked_and_not_answered_is_counted(study: Study) -> None:
    coded_main(study)
    plant_predictions(study)
    t = db.annotations.c
    with study.store.writing() as connection:
        spans = connection.execute(select(t.span).distinct().where(t.variable == "wording").order_by(t.span)).scalars()
        left = spans.all()[:4]
        connection.execute(delete(db.annotations).where(t.variable == "wording", t.coder == "jon", t.span.in_(left)))
    assert "4 times a coder was asked for wording and gave no answer: left out" in estimate(study).notes


def test_answers_of_programs_are_named(study: Study) -> None:
    coded_main(study)
    plant_predictions(study)
    with study.store.writing() as connection:
        connection.execute(update(db.annotations).where(db.annotations.c.coder == "jon").values(simulated=True))
    assert estimate(study).notes[-1] == "answers of programs, not of people: jon"


def test_groups_in_which_the_question_is_not_asked_are_left_out(study: Study) -> None:
    coded_main(study)
    plant_predictions(study)
    assert {one.group for one in estimate(study, by="mention").shares} == {"change"}


def test_odd_questions_are_refused_with_what_was_expected(study: Study) -> None:
    coded_main(study)
    with pytest.raises(UnknownCode, match="wording cannot define the groups of its own shares"):
        estimate(study, by="outlet,wording")
    with pytest.raises(UnknownCode, match="'town' is not a target; expected process or corpus"):
        estimate(study, target="town")  # type: ignore[arg-type]
    with pytest.raises(NoEstimate, match="the reason to override is empty"):
        estimate(study, override="  ")


def test_a_code_renamed_after_coding_is_refused(study: Study) -> None:
    """All answers with it would be missing, and the share of the others 100 %."""
    coded_main(study)
    book = study.folder / "codebook.yaml"
    book.write_text(book.read_text().replace("name: plain", "name: neutral"))
    changed = Study.open(study.folder)
    with pytest.raises(NoEstimate, match="answers to wording have the code plain, which the codebook 1 lacks"):
        check_sample(changed, override="never mind")
    check_sample(changed, "mention")
    changed.close()


def test_a_code_that_was_never_found_is_printed_as_at_most(study: Study) -> None:
    coded_main(study)
    plant_predictions(study)
    with study.store.writing() as connection:
        t = db.annotations.c
        connection.execute(update(db.annotations).where(t.variable == "wording").values(code="plain"))
    with Console(width=80, record=True, file=StringIO()) as console:
        show(estimate(study, by="", override="one code only"), console)
    text = console.export_text()
    assert re.search(r"all +plain +– +at least \d\d ", text) and re.search(r"all +liberation +– +at most \d ", text)


def test_predictions_that_are_whole_are_read_and_nothing_is_written(study: Study) -> None:
    """So that a study that may only be read can be estimated."""
    coded_main(study)
    version = _version(study, labelled_spans(study))
    plant_predictions(study)
    with study.store.writing() as connection:
        connection.execute(update(db.suggestions).values(model=version))
        db.set_meta(connection, db.CROSS_FITTED, version)
    before = (study.folder / "study.db").read_bytes()
    done = cross_fit(study)
    assert (done.scored, done.cached) == (0, 96) and (study.folder / "study.db").read_bytes() == before


def test_nothing_is_trained_for_an_estimate_that_is_refused(study: Study) -> None:
    """The command says so at once, not after five trainings."""
    draw(study, "main", ["mira", "jon"], spans=60, design=PLAIN)
    code_round(study, "main", slips=0.5)
    said = slantwise("estimate", cwd=study.folder)
    assert said.returncode == 2 and "wording" in said.stderr and "agree" in said.stderr
    assert study.suggestions().empty and not list(study.checkpoints.glob("*"))
