"""Articles and coders are removed: nothing of them is left, draws keep their π, and work under way drops them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from documents import fill_in
from removed import RARE, TEXTS, cells, rare, rows
from sqlalchemy import create_engine, text
from stores import postgres, study_in, write

from annotate import draw, export_workbooks, import_answers, list_rounds, show_round
from annotate.adjudication.adjudicate import store_adjudications
from annotate.rounds import rounds
from annotate.rounds.progress import combined_probabilities
from annotate.studio.push import _record_tasks
from annotate.tasks.store_answers import store_answers
from annotate.tasks.task import TaskAnswers
from corpus import (
    Study,
    add,
    backup_study,
    check_study,
    copy_study,
    remove_articles,
    remove_coder,
    restore_study,
)  # fmt: skip
from corpus.annotation import Adjudication, Annotation, Design, Outcome
from corpus.annotations.rows import add_annotations
from corpus.errors import BadRound, BadStudy
from corpus.study import database as db
from corpus.study.bookkeeping import recount
from corpus.study.status import status
from models.suggestions.stored_suggestions import store_new


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def study(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Study]:
    """A study with a round, its term audit and answers of two coders."""
    url = "sqlite"
    if request.param == "postgresql":
        server = request.getfixturevalue("server")
        name = f"removal_{abs(hash(request.node.nodeid))}"
        engine = create_engine(server.replace("NAME", "postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        engine.dispose()
        url = server.replace("NAME", name)
    made = study_in(tmp_path / "study", url=url)
    assert add(made, [write(tmp_path / "in", TEXTS)], outlet="Herald").refusals == []
    draw(made, "main-1", "mira,jon", design=Design(no_term=0.5))
    for row in made.assignments().query("round == 'main-1'").itertuples():
        answer = {"span": row.span, "variable": "wording", "code": "plain", "coder": row.coder, "round": "main-1"}
        assert add_annotations(made, [{**answer, "memo": f"memo of {row.coder}"}]).refusals == []
    yield made
    made.close()


def test_nothing_is_left_of_a_removed_article(study: Study, tmp_path: Path) -> None:
    id, before = rare(study), study.articles()
    draws, frames, pi = rows(study, "draws"), rows(study, "rounds"), rows(study, "round_designs")
    combined = combined_probabilities(study).set_index("span")["pi"]
    counted = remove_articles(study, [id])
    assert not counted.done and len(study.articles()) == 4
    assert counted.annotations == 2 * len(study.draws().query("round == 'main-1' and article == @id"))
    (study.folder / "study-damaged-1.db").write_bytes(b"an earlier state")
    done = remove_articles(study, [id], yes=True)
    assert done.done and done.drawn > 60 and done.assignments > 120
    assert done.notes[-1].endswith("all that they had: study-damaged-1.db")
    assert study.articles()["article"].tolist() == [one for one in before["article"] if one != id]
    assert cells(study, RARE) == []
    if study.store.engine.dialect.name == "sqlite":
        assert done.overwritten
        assert RARE.encode() not in b"".join(file.read_bytes() for file in study.folder.glob("study.db*"))
    assert rows(study, "draws") == draws and rows(study, "rounds") == frames and rows(study, "round_designs") == pi
    after = combined_probabilities(study).set_index("span")["pi"]
    assert 0 < len(after) < len(combined) and after.equals(combined[after.index])
    assert check_study(study).findings == ()
    shown = show_round(study, "main-1")
    assert shown.removed > 60 and shown.spans == shown.removed + len(study.draws().query("round == 'main-1'"))
    assert shown.coders["mira"].assigned == shown.spans - shown.removed
    assert {one.round: one.removed for one in list_rounds(study).rounds}["main-1"] == shown.removed
    assert shown.missed is not None and shown.missed.drawn == len(study.draws().query("round == 'main-1.no-term'"))
    assert shown.missed.frame < show_round(study, "main-1.no-term").frame
    assert status(study).articles == 3 and status(study).removed_articles == 1
    assert study.log().iloc[-1]["command"] == "article remove"


def test_what_was_removed_stays_out(study: Study, tmp_path: Path) -> None:
    id = rare(study)
    span = study.draws().query("article == @id")["span"].iloc[0]
    remove_articles(study, id, yes=True)
    again = add(study, [tmp_path / "in"], outlet="Herald")
    assert (len(again.new), len(again.unchanged), len(again.passed_over)) == (0, 3, 1)
    assert "removed from the study on 20" in again.passed_over[0].why
    write(tmp_path / "other", {"d.txt": f"Another text with {RARE} in it, of an old name.", "e.txt": TEXTS["d.txt"]})
    other = add(study, [tmp_path / "other"], outlet="Herald")
    assert len(other.new) == 1 and [refusal.where.endswith("d.txt") for refusal in other.passed_over] == [True]
    (refused,) = add_annotations(
        study, [{"span": span, "variable": "wording", "code": "plain", "coder": "mira"}]
    ).refusals
    assert "its article was removed from the study on 20" in refused.why
    twice = remove_articles(study, [id], yes=True)
    assert twice.articles == () and twice.earlier == (id,) and twice.done
    assert check_study(study).findings == ()
    with pytest.raises(BadStudy, match="no article"):
        remove_articles(study, ["nothing"])
    with pytest.raises(BadStudy, match="expected the ids of articles or an outlet"):
        remove_articles(study)


def test_a_backup_and_a_copy_keep_that_it_was_removed(study: Study, tmp_path: Path) -> None:
    id = rare(study)
    remove_articles(study, id, yes=True)
    draws = rows(study, "draws")
    backup_study(study, tmp_path / "one.backup")
    restore_study(tmp_path / "one.backup", tmp_path / "restored")
    copy_study(study, f"sqlite:///{tmp_path}/moved.db")
    for folder in (tmp_path / "restored", study.folder):
        opened = Study.open(folder)
        assert rows(opened, "draws") == draws and check_study(opened).findings == () and cells(opened, RARE) == []
        assert len(add(opened, [tmp_path / "in"], outlet="Herald").passed_over) == 1
        opened.store.close()


def test_what_is_under_way_for_a_removed_article_is_dropped(study: Study, tmp_path: Path) -> None:
    """Answers, decisions, tasks and suggestions that another command had begun to fetch or compute."""
    id, name = rare(study), "main-1"
    export_workbooks(study, name, tmp_path / "books")
    fill_in(tmp_path / "books" / "main-1-jon.xlsx", study, "jon", study.annotations().query("coder == 'jon'"))
    assigned = [one for one in rounds.assignments(study, name, "mira") if one.span.startswith(id)]
    kept = [one for one in rounds.assignments(study, name, "mira") if not one.span.startswith(id)]
    scored = {one.span: "v-1" for one in (assigned[0], kept[0])}
    remove_articles(study, id, yes=True)
    span, version, at = assigned[0].span, study.codebook.version, "2026-01-01T00:00:00"
    given = Annotation(span, "wording", ("plain",), "mira", version, name)
    answers = TaskAnswers(Outcome(name, span, "mira", "answered"), [given])
    done = store_answers(study, rounds.get_round(study, name), "mira", [(assigned[0], answers)])
    assert done.answered == 0 and ["was removed from the study" in why for _, why in done.refusals] == [True]
    decision = Adjudication(name, span, "wording", ("plain",), "ada", version, made_at=at)
    assert store_adjudications(study, name, {span: [decision]}).new == 0
    assert _record_tasks(study, [assigned[0], kept[0]], {}) == [kept[0]]
    with study.store.writing() as connection:
        rows = [{"span": one, "variable": "wording", "model": model, "fold": "", "probabilities": "{}"}
                for one, model in scored.items()]  # fmt: skip
        assert store_new(connection, rows) == {kept[0].span}
        connection.execute(db.suggestions.delete())
        recount(connection)
    imported = import_answers(study, tmp_path / "books" / "main-1-jon.xlsx")
    assert "its article was removed from the study; the row was not imported" in {why for _, why in imported.refusals}
    assert cells(study, RARE) == [] and check_study(study).findings == ()


def test_a_draw_whose_span_is_gone_without_a_removal_is_found(study: Study) -> None:
    remove_articles(study, rare(study), yes=True)
    with study.store.writing() as connection:
        connection.execute(db.removals.delete())
    assert "drawn spans" in {one.what for one in check_study(study).findings}


def test_an_outlet_is_removed_with_all_its_articles(study: Study, tmp_path: Path) -> None:
    add(study, pd.DataFrame([{"text": "Courier took no side, it said.", "outlet": "Courier", "id": "c"}]))
    with pytest.raises(BadStudy, match="no articles of 'Herold'; outlets with articles: Courier, Herald"):
        remove_articles(study, outlet="Herold")
    done = remove_articles(study, outlet="Herald", yes=True)
    assert len(done.articles) == 4 and study.articles()["outlet"].tolist() == ["Courier"]
    assert rows(study, "outlets") == [("Courier", None)] and cells(study, RARE) == []
    assert check_study(study).findings == ()
    assert remove_articles(study, outlet="Courier", yes=True).articles[0].outlet == "Courier"
    assert check_study(study).findings == () and status(study).articles == 0


def test_a_coder_is_removed_from_all_rounds(study: Study) -> None:
    draws = rows(study, "draws")
    others = [row for row in rows(study, "annotations") if "mira" not in row]
    with pytest.raises(BadRound, match="no coder 'mia'; it has: jon, mira"):
        remove_coder(study, "mia")
    counted = remove_coder(study, "mira")
    assert counted.annotations > 60 and not counted.done and counted.rounds == ("main-1", "main-1.no-term")
    done = remove_coder(study, "mira", yes=True)
    assert (done.annotations, done.assignments) == (counted.annotations, counted.assignments)
    assert set(cells(study, "mira")) <= {"removals", "log"}
    if study.store.engine.dialect.name == "sqlite":
        assert done.overwritten
        assert b"memo of mira" not in b"".join(file.read_bytes() for file in study.folder.glob("study.db*"))
    assert rows(study, "draws") == draws and rows(study, "annotations") == others
    assert check_study(study).findings == ()
    assert list(show_round(study, "main-1").coders) == ["jon"]
    assert remove_coder(study, "mira", yes=True).annotations == 0
