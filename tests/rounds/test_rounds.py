"""Rounds keep what they were drawn from, with which probability, and in which arm; drawn spans stay as they are."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import process, slantwise
from sqlalchemy import delete, update
from stores import BOOK, FILES, study_in, write

import annotate
from annotate.rounds import rounds, shown_suggestions
from annotate.rounds.draw import draw
from annotate.rounds.frame import STRATUM_PROPERTIES, doubt, frame, strata
from annotate.rounds.progress import combined_probabilities, summary, tasks_left_today
from annotate.rounds.term_recall import missed_mentions
from corpus import Study
from corpus.annotation import Design
from corpus.annotations.rows import add_annotations
from corpus.articles.ingest import add
from corpus.articles.spans import respan
from corpus.attribution.attribution import RULES
from corpus.errors import BadRound
from corpus.span import Span
from corpus.study import database as db
from corpus.text.terms import find


def drawn(study: Study, name: str) -> list[str]:
    return [one.span for one in rounds.draws(study, name)]


def answer(span: str, round: str, coder: str = "mira", code: str = "none") -> dict[str, str]:
    return {"span": span, "variable": "mention", "code": code, "coder": coder, "round": round}


def forget(study: Study) -> None:
    """Take all rounds back, which no command does."""
    with study.store.writing() as connection:
        for table in (db.round_suggestions, db.assignments, db.draws, db.round_designs, db.rounds):
            connection.execute(delete(table))


def test_a_round_is_every_uncoded_span_or_some_at_random(example_study: Study) -> None:
    """Every one has probability one, some have their share."""
    coded = set(example_study.annotations()["span"])
    uncoded = set(example_study.eligible()["span"]) - coded
    everything = draw(example_study, "all", ["mira", "jon"], purpose="pilot")
    some = draw(example_study, "some", ["mira"], spans=20)
    assert everything.frame == some.frame == len(uncoded) == 50
    assert set(drawn(example_study, "all")) == uncoded
    assert summary(example_study, "all").pi == (1, 1)
    assert summary(example_study, "some").pi == (20 / 50, 20 / 50)
    assert len(drawn(example_study, "some")) == 20 and set(drawn(example_study, "some")) < uncoded


def test_the_same_study_name_and_seed_draw_the_same_round(example_folder: Path, tmp_path: Path) -> None:
    found = []
    for copy in ("one", "two"):
        study = Study.open(shutil.copytree(example_folder, tmp_path / copy))
        draw(study, "pilot", ["mira"], spans=15)
        draw(study, "other", ["mira"], spans=15)
        found.append(drawn(study, "pilot"))
        assert drawn(study, "other") != found[-1]
        study.store.close()
    assert found[0] == found[1]


def test_a_round_leaves_out_what_rounds_of_its_kind_have_drawn_and_what_is_coded(example_study: Study) -> None:
    pilot = draw(example_study, "pilot", ["mira"], spans=10, purpose="pilot")
    first = draw(example_study, "first", ["mira"], spans=10)
    add_annotations(example_study, [answer(span, "pilot") for span in drawn(example_study, "pilot")])
    more = draw(example_study, "more", ["mira"], spans=10, purpose="reliability")
    training = draw(example_study, "training", ["mira"], spans=5, purpose="training")
    audit = draw(example_study, "audit", ["mira"], spans=5, purpose="audit")
    taken = {*drawn(example_study, "pilot"), *drawn(example_study, "first")}
    assert (pilot.frame, first.frame, more.frame) == (50, 50, 50 - len(taken))
    assert not set(drawn(example_study, "more")) & taken
    assert training.frame == 40 and not set(drawn(example_study, "training")) & set(drawn(example_study, "pilot"))
    assert audit.frame == len(example_study.eligible())  # what is coded too
    draw(example_study, "rest", ["mira"])
    assert set(drawn(example_study, "rest")) == set(example_study.eligible()["span"]) - set(
        example_study.annotations()["span"]
    ) - taken - {*drawn(example_study, "more")}
    with pytest.raises(BadRound, match="no spans are left to draw"):
        draw(example_study, "nothing", ["mira"])


def test_the_probabilities_of_two_rounds_combine_to_that_of_being_drawn_by_either(valley: Study) -> None:
    counts: dict[str, int] = {}
    found: list[dict[str, float]] = []
    for seed in range(12):
        draw(valley, "one", ["mira"], spans=1, seed=seed)
        draw(valley, "two", ["mira"], spans=2, seed=seed, purpose="reliability")
        both = combined_probabilities(valley)
        found.append(dict(zip(both["span"], both["pi"], strict=True)))
        assert sorted(both["rounds"]) == ["", "one", "two", "two"]
        for span in drawn(valley, "one") + drawn(valley, "two"):
            counts[span] = counts.get(span, 0) + 1
        forget(valley)
    assert all(pis == pytest.approx(dict.fromkeys(counts, 3 / 4)) for pis in found)  # 1 - (1 - 1/4)(1 - 2/3)
    assert len(counts) == 4 and all(abs(n - 12 * 3 / 4) < 4 * (12 * 3 / 16) ** 0.5 for n in counts.values())


def test_a_round_is_shared_out_as_its_design_says(
    example_study: Study,
) -> None:
    """Every coder has an order of their own."""
    design = Design(by=("outlet",), overlap=0.25, overlap_by="two", cap=7)
    draw(example_study, "shared", ["mira", "jon", "eva"], spans=20, purpose="audit", design=design)
    given = rounds.assignments(example_study, "shared")
    several = Counter(Counter(one.span for one in given).values())
    assert several == {1: 15, 2: 5} and set(Counter(one.coder for one in given).values()) <= {8, 9}
    assert rounds.design(example_study, "shared") == replace(design, no_term=0.0)  # an audit has none
    sizes = summary(example_study, "shared").strata
    assert sum(took for _, took in sizes.values()) == 20 and len(sizes) == 6
    pis = {one.stratum: one.pi for one in rounds.draws(example_study, "shared")}
    assert pis == {stratum: took / size for stratum, (size, took) in sizes.items()}
    draw(example_study, "all", ["mira", "jon"], spans=20)
    orders = [[one.span for one in rounds.assignments(example_study, "all", coder)] for coder in ("mira", "jon")]
    assert sorted(orders[0]) == sorted(orders[1]) and orders[0] != orders[1]
    assert orders[0] == [one.span for one in rounds.assignments(example_study, "all", "mira")]


def test_strata_are_outlets_months_terms_copies_and_whose_words(example_study: Study) -> None:
    spans, _ = frame(example_study, "audit")
    found = {name: Counter(strata(example_study, spans, [name])) for name in STRATUM_PROPERTIES}
    assert found["outlet"] == Counter(spans["outlet"])
    assert set(found["period"]) == {"2024-03", "2024-04", "2024-05", "2024-06"}
    assert set(found["copy_group"]) == {"copied", "not copied"}
    assert set(found["attribution"]) == {"marked", "direct", "indirect", "outlet"}
    assert {"liberat*", "captur*", "no term"} < set(found["term"])  # coders have marked what no term finds
    both = Counter(strata(example_study, spans, ["outlet", "period"]))
    assert "Free Marn, 2024-03" in both and sum(both.values()) == len(spans)


def test_one_span_of_a_copy_group_is_drawn_where_that_is_wished(example_study: Study) -> None:
    spans, _ = frame(example_study, "audit")
    draw(example_study, "once", ["mira"], purpose="audit", design=Design(once_per_copy_group=True, spread=True))
    groups = spans.set_index("span")["copy_group"]
    sizes = Counter(groups)
    found = rounds.draws(example_study, "once")
    assert sorted(groups[one.span] for one in found) == sorted(sizes)
    assert all(one.pi == pytest.approx(1 / sizes[groups[one.span]]) for one in found)


def test_passages_without_any_term_show_what_the_terms_miss(example_study: Study) -> None:
    beside = draw(example_study, "main", ["mira", "jon"], spans=40, design=Design(no_term=0.5)).no_term
    assert beside is not None and (beside.name, beside.purpose, beside.layout) == ("main.no-term", "audit", "highlight")
    passages = drawn(example_study, beside.name)
    texts = example_study.spans().set_index("span")["text"]
    assert len(passages) == 20 and not any(find(example_study.codebook.mention_terms, texts[p]) for p in passages)
    nothing = missed_mentions(example_study, "main")
    assert nothing is not None and (nothing.drawn, nothing.passages, nothing.per_1000) == (20, 0, None)
    with example_study.store.writing() as connection:  # both answer 18 passages; mira marks in two, jon in one of them
        rows = [
            {"round": beside.name, "span": p, "coder": c, "state": "answered"}
            for p in passages[:18]
            for c in ("mira", "jon")
        ]
        db.put(connection, db.outcomes, rows)
    for passage, coder, code in ((0, "mira", "change"), (0, "jon", "change"), (1, "mira", "state"), (2, "jon", "none")):
        place = Span.from_id(passages[passage])
        word = Span(place.revision, place.start, place.start + 4, "mention").id
        add_annotations(example_study, [answer(word, beside.name, coder, code)])
    found = missed_mentions(example_study, "main")
    assert (
        found == missed_mentions(example_study, "main.no-term") and missed_mentions(example_study, "once-more") is None
    )
    assert found is not None and (found.passages, found.mentions) == (18, 1.5)
    assert found.per_1000 == pytest.approx(1000 * 1.5 / 18) and found.interval is not None
    assert found.interval[0] < 1000 * 1.5 / 18 < found.interval[1] < 400
    assert found.in_all is not None and found.in_all[0] == pytest.approx(1.5 / 18 * beside.frame)


def test_a_cap_leaves_room_for_what_a_coder_can_still_do_today(example_study: Study) -> None:
    draw(example_study, "capped", ["mira"], spans=10, design=Design(cap=4))
    queue = [one.span for one in rounds.assignments(example_study, "capped", "mira")]
    assert (
        tasks_left_today(example_study, "capped", "mira", []) == 4
        and tasks_left_today(example_study, "capped", "mira", queue[:4]) == 0
    )
    today = datetime.now(UTC).isoformat()
    states = [("answered", today), ("skipped", today), ("answered", "2020-01-01T10:00:00Z")]
    with example_study.store.writing() as connection:
        rows = zip(queue, states, strict=False)
        db.put(connection, db.outcomes, [{"round": "capped", "span": s, "coder": "mira", "state": state, "at": at} for s, (state, at) in rows])  # fmt: skip
    assert tasks_left_today(example_study, "capped", "mira", queue[:4]) == 1  # one is open and two were done today
    draw(example_study, "free", ["mira"], spans=10)
    assert tasks_left_today(example_study, "free", "mira", []) is None


def test_a_draw_by_doubt_takes_what_the_model_is_unsure_of_rather(
    example_study: Study,
) -> None:
    """Every probability is kept, over two rounds too."""
    spans, _ = frame(example_study, "main")
    chance = np.random.default_rng(2)
    with example_study.store.writing() as connection:
        db.set_meta(connection, "model", "v-1")
        rows = [
            {"span": span, "variable": "mention", "model": "v-1", "fold": "", "probabilities": json.dumps({"none": p, "change": 1 - p})}
            for span, p in zip(spans["span"], chance.uniform(0.5, 1, len(spans)).round(6), strict=True)
        ]  # fmt: skip
        db.put(connection, db.suggestions, rows)
    u = dict(zip(spans["span"], doubt(example_study, spans["span"].tolist()), strict=True))
    draw(example_study, "first", ["mira"], spans=10, design=Design(uniform=0.2))
    total, n = sum(u.values()), len(u)
    wanted = {span: 0.8 * 10 * u[span] / total + 0.2 * 10 / n for span in u}
    assert max(wanted.values()) < 1
    found = combined_probabilities(example_study).set_index("span")
    assert found["pi"].to_dict() == pytest.approx(wanted) and sum(wanted.values()) == pytest.approx(10)
    taken = drawn(example_study, "first")
    assert {one.span: one.pi for one in rounds.draws(example_study, "first")} == {
        s: pytest.approx(wanted[s]) for s in taken
    }
    assert summary(example_study, "first").model == "v-1"
    draw(example_study, "second", ["mira"], spans=10, design=Design(uniform=0.2))
    both = combined_probabilities(example_study).set_index("span")
    later = {span: 1 - (1 - both["pi"][span]) / (1 - wanted[span]) for span in u}
    assert sum(later[span] for span in u if span not in taken) == pytest.approx(10)
    for span in taken:  # what the second round could not draw has the π of the span that is doubted most alike
        like = min((s for s in u if s not in taken), key=lambda other, span=span: abs(u[other] - u[span]))
        assert later[span] == pytest.approx(later[like])


def test_an_answer_carries_the_probability_of_its_draw_and_of_its_arm(trained_study: Study) -> None:
    from models.suggestions.suggest import suggest

    suggest(trained_study)
    draw(trained_study, "half", ["mira"], spans=8, design=Design(assisted=0.25))
    given = rounds.assignments(trained_study, "half", "mira")
    assert sorted(a.arm for a in given) == ["assisted"] * 2 + ["blind"] * 6
    rows = [
        {"span": a.span, "variable": "mention", "code": "none", "coder": "mira", "round": "half", "arm": a.arm}
        for a in given
    ]
    add_annotations(trained_study, rows)
    answers = trained_study.annotations()
    mine = answers[answers["round"] == "half"]
    share = 8 / rounds.get_round(trained_study, "half").frame
    assert dict(zip(mine["arm"], mine["pi"], strict=True)) == {
        "blind": pytest.approx(share * 0.75),
        "assisted": pytest.approx(share * 0.25),
    }
    assert answers[answers["round"] != "half"]["pi"].isna().all()


def test_a_span_that_a_coder_marked_carries_the_probability_of_its_passage(valley: Study) -> None:
    draw(valley, "missed", ["mira"], spans=3, design=Design(layout="highlight"))
    passages = {p for p in drawn(valley, "missed")}
    assert all(p.split(":")[1] in ("paragraph", "headline") for p in passages)
    passage = sorted(passages)[0]
    revision, _, place = passage.split(":")
    start = int(place.split("-")[0])
    marked = f"{revision}:mention:{start}-{start + 2}"
    done = add_annotations(
        valley, [{"span": marked, "variable": "wording", "code": "plain", "coder": "mira", "round": "missed"}]
    )
    assert done.refusals == []
    (pi,) = valley.annotations()["pi"]
    assert pi == pytest.approx(3 / rounds.get_round(valley, "missed").frame)


def test_a_drawn_revision_is_not_split_again_when_the_terms_change(valley: Study) -> None:
    draw(valley, "pilot", ["mira"])
    before = drawn(valley, "pilot")
    book = valley.folder / "codebook.yaml"
    book.write_text(book.read_text().replace("liberat*", "freed"))
    again = Study.open(valley.folder)
    respan(again)
    assert drawn(again, "pilot") == before and set(before) <= set(again.spans()["span"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a b", "--coders", "mira"], "cannot name a round"),
        (["x", "--coders", "mira,mira"], "expected different names"),
        (["x", "--coders", "mira", "--spans", "9999"], "expected 1 to"),
        (["x", "--coders", "mira", "--assisted", "2"], "a share from 0 to 1"),
        (["x", "--coders", "mira", "--purpose", "fun"], "not a purpose"),
    ],
)
def test_a_round_that_cannot_be_drawn_is_said_in_plain_words(
    example_study: Study, words: list[str], message: str
) -> None:
    said = slantwise("round", "draw", *words, cwd=example_study.folder)
    assert said.returncode == 2 and message in " ".join(said.stderr.split()) and "Traceback" not in said.stderr
    assert rounds.list_rounds(example_study).names == []


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"design": Design(by=("mood",))}, "expected one or more of outlet, copy_group, period, term, attribution"),
        (
            {"design": Design(by=("term",)), "spans": 3},
            "3 spans cannot be divided among 21 strata by term, .* 21 are needed",
        ),
        ({"design": Design(uniform=0.3)}, "slantwise suggest"),
        ({"design": Design(uniform=0.0)}, "so that every span can be drawn"),
        ({"design": Design(overlap=2)}, "a share from 0 to 1"),
        ({"design": Design(overlap_by="two")}, "found one coder"),
        ({"design": Design(least=0)}, "a stratum without draws cannot be estimated"),
        ({"design": Design(cap=0)}, "1 or more spans a day"),
        ({"design": Design(by=("outlet",), layout="highlight")}, "draws passages at random"),
    ],
)
def test_a_design_that_cannot_be_followed_is_said_in_plain_words(
    example_study: Study, more: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadRound, match=message):
        draw(example_study, "x", ["mira"], **more)
    assert rounds.list_rounds(example_study).names == []


def test_an_assisted_arm_has_the_models_suggestions_or_the_rules(example_study: Study, tmp_path: Path) -> None:
    """Before there is a model, the rules suggest."""
    draw(example_study, "ruled", ["mira"], spans=4, design=Design(assisted=0.5))
    given = shown_suggestions.suggestions(example_study, drawn(example_study, "ruled"))
    assert [list(one) for one in given.values()] == [["attribution"]] * 4 and shown_suggestions.model_version(
        example_study
    ) == RULES
    assert example_study.suggestions().empty  # they are the rules' and not a model's
    other = study_in(tmp_path / "other", BOOK)  # whose codebook does not ask for the attribution
    add(other, [write(tmp_path / "texts", FILES)], outlet="Herald")
    with pytest.raises(BadRound, match=r"have no suggestion of the current model; .* slantwise suggest"):
        draw(other, "bare", ["mira"], design=Design(assisted=1.0))
    with example_study.store.writing() as connection:
        db.set_meta(connection, "model", "v-1")
    with pytest.raises(
        BadRound, match=r"4 spans of a round with an assisted arm have no suggestion .* slantwise suggest"
    ):
        draw(example_study, "unscored", ["mira"], spans=4, design=Design(assisted=0.5))


def test_rounds_are_drawn_listed_and_shown_from_the_command_line(example_study: Study) -> None:
    words = ("round", "draw", "pilot", "--coders", "mira,jon", "--spans", 12, "--purpose", "pilot")
    found = json.loads(process(*words, "--json", cwd=example_study.folder).stdout)
    assert found.pop("no_term") is None  # only main rounds have one
    assert found["spans"] == 12 and set(found["coders"]) == {"mira", "jon"} and found["coders"]["jon"]["blind"] == 12
    again = slantwise(*words, cwd=example_study.folder)
    assert again.returncode == 2 and "exists already" in again.stderr
    (row,) = json.loads(slantwise("round", "list", "--json", cwd=example_study.folder).stdout)["rounds"]
    assert row["round"] == "pilot" and row["coders"] == ["jon", "mira"] and row["answered"] == 0
    assert json.loads(slantwise("round", "show", "pilot", "--json", cwd=example_study.folder).stdout) == {
        **found,
        "missed": None,
    }
    more = ("--spans", 20, "--by", "outlet", "--overlap", 0.2, "--cap", 9)
    main = json.loads(
        slantwise("round", "draw", "main", "--coders", "mira,jon", *more, "--json", cwd=example_study.folder).stdout
    )
    assert main["design"]["by"] == ["outlet"] and main["design"]["cap"] == 9
    assert (main["no_term"]["name"], main["no_term"]["spans"], main["no_term"]["beside"]) == ("main.no-term", 2, "main")
    shown = slantwise("round", "show", "main", cwd=example_study.folder)
    assert "20% coded by all, the rest by one; 9 a day and coder" in " ".join(shown.stderr.split())
    assert "0 of 2 passages without any term answered; too few to estimate" in " ".join(shown.stdout.split())
    assert "pilot" in slantwise("round", "list", cwd=example_study.folder).stdout
    with pytest.raises(BadRound, match=r"drawn: pilot, main, main\.no-term"):
        rounds.get_round(example_study, "other")


def without_times(result: Any) -> Any:
    """Return JSON without the times of drawing."""
    if isinstance(result, dict):
        return {name: without_times(value) for name, value in result.items() if name != "made_at"}
    return result


def test_drawing_in_python_is_drawing_on_the_command_line(example_folder: Path, tmp_path: Path) -> None:
    """A main round of mentions has its audit in both."""
    first, second = (Study.open(shutil.copytree(example_folder, tmp_path / name)) for name in ("one", "two"))
    design = Design(by="outlet, period", allocation="equal", overlap=0.5, cap=9)
    drawn = annotate.draw(first, "main-1", "mira, jon", spans=20, design=design, seed=4)
    words = ("--by", "outlet,period", "--allocation", "equal", "--overlap", 0.5, "--cap", 9, "--seed", 4)
    said = slantwise(
        "round", "draw", "main-1", "--coders", "mira,jon", "--spans", 20, *words, "--json", cwd=second.folder
    )
    assert without_times(json.loads(said.stdout)) == without_times(json.loads(json.dumps(drawn.json())))
    assert drawn.no_term is not None and drawn.no_term.spans == 2 and drawn.design.no_term == 0.1
    assert rounds.assignments(first, "main-1") == rounds.assignments(second, "main-1")
    assert annotate.draw(first, "none", ["mira"], spans=2, design=Design(no_term=0)).no_term is None


def test_rounds_are_tables_in_python(example_study: Study) -> None:
    draw(example_study, "pilot", ["mira", "jon"], spans=12, purpose="pilot")
    assert annotate.list_rounds(example_study).table()[["round", "spans", "open"]].values.tolist() == [
        ["pilot", 12, 24]
    ]
    shown = annotate.show_round(example_study, "pilot")
    assert shown.table()["assigned"].to_dict() == {"mira": 12, "jon": 12} and shown.missed is None
    plan = annotate.plan_round(example_study, width=0.2, width_alpha=0.5)
    assert plan.table().loc["mention", "spans"] == plan.variables["mention"].spans


def test_a_design_that_an_earlier_version_stored_is_still_read(example_study: Study) -> None:
    draw(example_study, "marks", ["mira"], spans=3, design=Design(layout="highlight", cap=2))
    earlier = {"by": ["outlet"], "allocation": "proportional", "least": 1, "spread": False, "once_per_copy_group": False,
               "uniform": None, "overlap": 0.5, "overlap_by": "all", "cap": 2}  # fmt: skip
    with example_study.store.writing() as connection:
        connection.execute(update(db.round_designs).values(design=json.dumps(earlier)))
    assert rounds.design(example_study, "marks") == Design(by=("outlet",), overlap=0.5, cap=2, layout="highlight")


def test_an_error_names_the_argument_in_python_and_the_option_on_the_command_line(example_study: Study) -> None:
    with pytest.raises(BadRound, match=r"^overlap=2: expected a share from 0 to 1"):
        draw(example_study, "x", ["mira"], design=Design(overlap=2))
    said = slantwise("round", "draw", "x", "--coders", "mira", "--overlap", 2, cwd=example_study.folder)
    assert "--overlap 2.0: expected a share from 0 to 1" in said.stderr
    with pytest.raises(BadRound, match=r"^coders=\['mira', 'mira'\]: expected different names"):
        draw(example_study, "x", ["mira", "mira"])
    with pytest.raises(BadRound, match=r"^no_term=2: expected a share from 0 to 1"):
        draw(example_study, "x", ["mira"], design=Design(no_term=2))
