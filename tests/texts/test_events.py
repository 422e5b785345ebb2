"""Events: told by manifests, listed in a table, or found by days and shared words; all outlets' mentions of one."""

from __future__ import annotations

import json
import sys
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from command_line import slantwise
from stores import postgres, study_in, write

from corpus.articles.ingest import add
from corpus.errors import BadFile, BadStudy
from corpus.events.clustering import EventText, assign_events
from corpus.events.groups import update_events
from corpus.events.listing import find_event, import_event_table, list_events
from corpus.events.table import read_event_table
from corpus.study import Study

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from events import CROWD, group_by_event, mean_over_orders, score_events
from events import read_articles as stories

DATED, CROWDED = 0.97, 0.84  # pairwise F1 on SEESAW as it is dated, and with 20 stories a day; they only rise

VELO = "Army takes Velo\n\nThe army took the town of Velo at dawn, its commander Rurik Assenby said in Karsk."
FREED = "Velo is liberated\n\nRurik Assenby’s army has liberated the town of Velo, the commander said at dawn."
RAIN = "Rain until the weekend\n\nThe coast of Ardun expects strong winds and a little snow above the village."
LATER = "Velo counts its losses\n\nThe town of Velo buried eleven people on Sunday, the mayor Ana Dorrit told the Post."
WIRE = """Bridge at Brenik falls

KARSK (Reuters) - Engineers of the northern army blew up the bridge at Brenik on Tuesday, cutting the last road to the
coast, while buses with pupils waited in the market place and nobody had told the drivers what to do or where to go."""
COPY = WIRE.replace("blew up", "liberated").replace("KARSK (Reuters) - ", "")


Row = tuple[str, str | None, str]


def give(study: Study, *rows: Row, event: str | None = None) -> None:
    name = f"{abs(hash(rows))}.jsonl"
    lines = [
        json.dumps({"outlet": outlet, "date": day, "title": text.partition("\n")[0], "text": text, "event": event,
                    "id": f"{outlet} {day} {text[:20]}"})
        for outlet, day, text in rows
    ]  # fmt: skip
    add(study, [write(study.folder / "in", {name: "\n".join(lines)}) / name])


def told(study: Study) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return each event's origin and its articles, an outlet and the headline's first word, by day."""
    rows = (find_event(study, row.event) for row in list_events(study, least=1).events)
    return [(row.origin, [(one.outlet, str(one.title).split()[0]) for one in row.articles]) for row in rows]


FOUR = (
    ("Herald", "2024-05-01", VELO), ("Courier", "2024-05-02", FREED), ("Herald", "2024-05-02", RAIN),
    ("Post", "2024-05-20", LATER),
)  # fmt: skip


def test_articles_near_in_time_that_share_places_people_and_words_tell_one_event(empty_study: Study) -> None:
    give(empty_study, *FOUR)
    assert update_events(empty_study) == 4
    assert told(empty_study) == [
        ("found", [("Courier", "Velo"), ("Herald", "Army")]), ("found", [("Herald", "Rain")]),
        ("found", [("Post", "Velo")]),
    ]  # fmt: skip
    (row,) = list_events(empty_study).events
    assert (row.day, row.articles, row.texts, row.outlets, row.title) == (
        "2024-05-01", 2, 2, ("Courier", "Herald"), "Army takes Velo",
    )  # fmt: skip


def test_grouping_events_again_changes_nothing(empty_study: Study) -> None:
    """Articles that come later join what was found."""
    give(empty_study, *FOUR)
    update_events(empty_study)
    before = list_events(empty_study).events
    assert update_events(empty_study) == 0 and list_events(empty_study).events == before
    give(empty_study, ("Post", "2024-05-01", VELO.replace("at dawn", "before sunrise, witnesses said,")))
    listed = list_events(empty_study)
    (after,) = listed.events
    assert listed.assigned == 1 and list_events(empty_study).assigned == 0
    assert (after.event, after.articles, after.outlets) == (
        before[0].event, 3, ("Courier", "Herald", "Post"),
    )  # fmt: skip


def test_a_copy_group_is_never_split_over_events_and_counts_once(empty_study: Study) -> None:
    give(empty_study, ("Post", "2024-05-01", WIRE), ("Herald", "2024-05-09", COPY), ("Echo", None, WIRE))
    assert list_events(empty_study).events == ()  # one text is no event that outlets tell
    (row,) = list_events(empty_study, least=1).events
    assert (row.articles, row.texts, row.outlets) == (3, 1, ("Echo", "Herald", "Post"))
    one, copy, first = find_event(empty_study, row.event).articles
    assert (one.copy_of, copy.copy_of, first.copy_of) == (first.article, first.article, None)
    assert [mention.match for mention in copy.mentions] == ["liberated"]


def test_an_event_that_articles_tell_stays_and_others_join_it(empty_study: Study) -> None:
    give(empty_study, ("Herald", "2024-05-01", VELO), event="fall-of-velo")
    give(empty_study, ("Post", "2024-05-03", RAIN), ("Courier", "2024-05-02", FREED), ("Echo", "2024-05-30", VELO))
    update_events(empty_study)
    told_by = {one.outlet: one.origin for one in find_event(empty_study, "fall-of-velo").articles}
    assert told_by == {"Herald": "told", "Courier": "found", "Echo": "told"}  # the Echo carries the Herald's text
    frame = empty_study.articles().set_index("outlet")["event"].dropna()
    assert frame.to_dict() == {"Herald": "fall-of-velo", "Echo": "fall-of-velo"}  # what was found is a proposal


def table(folder: Path, text: str) -> Path:
    return write(folder, {"events.csv": text}) / "events.csv"


def test_articles_are_given_to_the_rows_of_an_event_table_by_place_and_day(empty_study: Study, tmp_path: Path) -> None:
    give(empty_study, *FOUR)
    update_events(empty_study)
    file = table(
        tmp_path / "in",
        "place,day,gained,id,title\nVelo|Welo*,2024-05-01,Northland,velo,Velo falls\n"
        "Ardun,2024-05-09,Southland,,\n,2024-05-01,,,\nKarsk,one day,,,\nVelo,2024-05-01,,velo,\n",
    )
    imported = import_event_table(empty_study, file)
    assert imported.events == {"velo": 2, "Ardun-2024-05-09": 0}
    assert [refusal.where.rpartition(", ")[2] for refusal in imported.refusals] == ["row 3", "row 4", "row 5"]
    first, second, *rest = list_events(empty_study, least=1).events
    assert (first.event, first.origin, first.gained, first.articles) == ("velo", "table", "Northland", 2)
    assert [row.articles for row in rest] == [0, 1]  # nobody told of Ardun that day; the rain is another matter
    assert second.outlets == ("Herald",) and find_event(empty_study, "velo").title == "Velo falls"
    assert empty_study.articles()["event"].tolist().count("velo") == 2
    assert import_event_table(empty_study, file) == imported
    assert list_events(empty_study, least=1).events == (first, second, *rest)
    frame = pd.read_csv(file)
    assert import_event_table(empty_study, frame).events == imported.events
    assert import_event_table(empty_study, frame.head(1).assign(day=pd.Timestamp(2024, 5, 1))).events == {"velo": 2}
    import_event_table(empty_study, table(tmp_path / "in", "place;day\nArdun;2024-05-02\n"))
    assert [(row.event, row.outlets) for row in list_events(empty_study).events] == [
        (list_events(empty_study).events[0].event, ("Courier", "Herald")), ("Ardun-2024-05-02", ("Herald",)),
    ]  # fmt: skip


def test_a_table_that_is_none_is_refused_and_changes_nothing(empty_study: Study, tmp_path: Path) -> None:
    import_event_table(empty_study, table(tmp_path / "in", "place,day\nVelo,2024-05-01\n"))
    for text, why in (
        ("town,day\nVelo,2024-05-01\n", "no column 'place'; found town, day"),
        ("place,day\n", "no rows"),
    ):
        with pytest.raises(BadFile, match=why):
            import_event_table(empty_study, table(tmp_path / "in", text))
    with pytest.raises(BadFile, match="cannot be opened"):
        read_event_table(tmp_path / "nowhere.csv")
    assert import_event_table(empty_study, table(tmp_path / "in", "place,day\nVelo,never\n")).events == {}
    assert [row.event for row in list_events(empty_study).events] == ["Velo-2024-05-01"]
    with pytest.raises(BadStudy, match="no event 'nothing'"):
        find_event(empty_study, "nothing")


def test_no_text_joins_two_known_events_and_none_joins_over_many_days() -> None:
    may = date(2024, 5, 1)
    three = [EventText(name, may, VELO) for name in "abc"]
    assert assign_events(three, {"a": "one", "b": "two"})["c"] in ("one", "two")
    apart = [EventText(name, may + timedelta(days=4 * n), VELO) for n, name in enumerate("abc")]
    assert assign_events(apart) == {"a": "a", "b": "b", "c": "c"}
    assert assign_events([]) == {} and assign_events([EventText("a", may, "…"), EventText("b", may, "")]) == {
        "a": "a",
        "b": "b",
    }


def test_outlets_are_shown_side_by_side_at_any_width(empty_study: Study) -> None:
    give(empty_study, *FOUR, ("Echo", "2024-05-01", VELO))
    update_events(empty_study)
    empty_study.store.close()
    rows = json.loads(slantwise("events", "list", "--json", cwd=empty_study.folder).stdout)["events"]
    assert [(row["articles"], row["texts"]) for row in rows] == [(3, 2)]
    shown = json.loads(slantwise("events", "show", rows[0]["event"], "--json", cwd=empty_study.folder).stdout)
    assert shown["outlets"] == ["Courier", "Echo", "Herald"]
    assert [[one["match"] for one in told["mentions"]] for told in shown["articles"]] == [
        ["liberated", "liberated"], ["took"], ["took"],
    ]  # fmt: skip
    for width, beside in ((80, 2), (120, 3)):
        said = slantwise("events", "show", rows[0]["event"], cwd=empty_study.folder, columns=width)
        lines = said.stdout.splitlines()
        assert said.returncode == 0 and max(map(len, lines)) <= width
        assert ["Courier", "Echo", "Herald"][:beside] in [line.split() for line in lines]
    assert "copy of" in said.stdout


def test_the_import_says_what_it_did(empty_study: Study, tmp_path: Path) -> None:
    give(empty_study, *FOUR)
    empty_study.store.close()
    file = table(tmp_path / "in", "place,day,gained\nVelo,2024-05-01,Northland\nArdun,soon,\n")
    said = slantwise("events", "import", file, "--json", cwd=empty_study.folder)
    assert (said.returncode, json.loads(said.stdout)["events"]) == (3, {"Velo-2024-05-01": 2})
    assert slantwise("events", "import", tmp_path / "none.csv", cwd=empty_study.folder).returncode == 2
    assert "Velo to Northland" in slantwise("events", "list", cwd=empty_study.folder).stdout


def test_events_are_the_same_in_postgresql(tmp_path: Path, empty_study: Study) -> None:
    give(empty_study, *FOUR)
    update_events(empty_study)
    with postgres() as url:
        other = study_in(tmp_path / "other", url=url.replace("NAME", "postgres"))
        give(other, *FOUR)
        update_events(other)
        assert list_events(other, least=1) == list_events(empty_study, least=1) and told(other) == told(empty_study)
        assert other.articles()["event"].tolist() == [None] * 4
        other.store.close()


def test_stories_are_found_again_better_than_by_the_words_of_a_day(shared: Path) -> None:
    articles = stories(shared / "data" / "seesaw.jsonl")
    assert len({one.story for one in articles}) == 161 and CROWD == 20
    assert score_events(articles, group_by_event(articles))["f1"] >= DATED
    crowd = mean_over_orders(articles, (1, 2))
    assert crowd["slantwise, as shipped"] >= CROWDED
    assert crowd["slantwise, as shipped"] > crowd["same-day TF-IDF, best threshold for these"]
