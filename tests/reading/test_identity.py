"""A key proposes which article a text is; the text decides, and nothing replaces what it is not."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from sqlalchemy import select
from stores import code, study_in, write

from corpus.articles.identity import is_state_of
from corpus.articles.ingest import add
from corpus.articles.spans import respan
from corpus.study import Study
from corpus.study import database as db
from corpus.study.bookkeeping import recount, tally

CASES = Path(__file__).parents[1] / "data" / "cases"
VELO = (
    "Velo falls\n\nNorthland captured the town of Velo on Monday after a siege of three weeks, its ministry said. "
    "The mayor had fled the night before. Shops in the old town stayed shut, and two bridges were closed to traffic."
)
KARSK = (
    "Karsk holds out\n\nA bakery has opened again in Karsk, where bread was rationed all winter. People queued from six "
    "in the morning. The owner hopes that the railway brings flour once more before the end of the month."
)
PORT = (
    "The port of Brenik\n\nMarines retook the port overnight, officials told reporters on Friday. Ten days of fighting "
    "had left cranes in the water. A tanker that was hit last week is still burning off the lighthouse."
)


BULLETIN = (
    "Losses of the army on {0}: In the evening of {0} the ministry said that its troops had held {1} against several attacks. "
    "It counted {2} vehicles that were destroyed near {1} in the course of the day, and spoke of heavy losses on the other side."
)


def texts(study: Study) -> dict[tuple[str, str], list[str]]:
    """Return the texts of each article, in the order of its revisions."""
    a, r = db.articles.c, db.revisions.c
    with study.store.reading() as connection:
        rows = connection.execute(
            select(a.outlet, a.key, r.text).join(db.articles, a.id == r.article).order_by(a.key, r.number)
        ).all()
    found: dict[tuple[str, str], list[str]] = {}
    for outlet, key, text in rows:
        found.setdefault((outlet, key), []).append(text)
    return found


def spans(study: Study) -> list[tuple[str, str]]:
    frame = study.spans()
    return sorted(zip(frame["unit"], frame["text"], strict=True))


def counts(study: Study) -> list[dict[str, int]]:
    with study.store.reading() as connection:
        return [tally(connection, what) for what in ("articles", "copy_groups", "spans", "suggestions")]


def test_one_file_name_in_two_folders_is_two_articles(empty_study: Study) -> None:
    folder = CASES / "01-one-file-name-two-folders"
    for month in ("jan", "feb", "jan", "feb"):
        done = add(empty_study, folder / month, outlet="Herald")
    assert (len(done.new), len(done.changed), len(done.unchanged)) == (0, 0, 1)
    assert [len(states) for states in texts(empty_study).values()] == [1, 1]
    assert "captured Velo" in str(texts(empty_study)) and "liberated Karsk" in str(texts(empty_study))


def test_who_adds_them_is_told_that_they_have_one_key(empty_study: Study, tmp_path: Path) -> None:
    add(empty_study, write(tmp_path / "jan", {"1.txt": VELO}), outlet="Herald")
    done = add(empty_study, write(tmp_path / "feb", {"1.txt": KARSK}), outlet="Herald")
    ((where, why),) = done.own_keys
    assert where.endswith("1.txt") and "has the same key and another text" in why and done.refusals == []
    assert add(empty_study, tmp_path / "feb", outlet="Herald").own_keys == []


def test_ids_that_start_again_in_each_table_are_other_articles(empty_study: Study, tmp_path: Path) -> None:
    for month, rows in (("jan", [VELO, PORT]), ("feb", [KARSK, VELO.replace("Monday", "Tuesday")])):
        lines = "".join(f'{n},"{row}"\n' for n, row in enumerate(rows, 1))
        write(tmp_path / "in", {f"{month}.csv": f"id,text\n{lines}"})
    done = add(empty_study, [tmp_path / "in" / "jan.csv", tmp_path / "in" / "feb.csv"], outlet="Herald")
    assert (len(done.new), len(done.changed), len(done.own_keys)) == (4, 0, 2)


def test_one_address_for_many_rows_is_many_articles(empty_study: Study, tmp_path: Path) -> None:
    rows = "".join(f'https://herald.example/live,"{text}"\n' for text in (VELO, KARSK, PORT))
    done = add(empty_study, write(tmp_path / "in", {"a.csv": f"url,text\n{rows}"}), outlet="Herald")
    assert (len(done.new), len(done.own_keys)) == (3, 2)


def test_the_other_article_of_a_key_has_revisions_of_its_own(empty_study: Study, tmp_path: Path) -> None:
    edited = KARSK.replace("People queued from six in the morning.", "Northland denied it.")
    for text in (VELO, KARSK, VELO.replace("captured", "liberated"), edited, KARSK):
        add(empty_study, write(tmp_path / "in", {"1.txt": text}), outlet="Herald")
    assert sorted(len(states) for states in texts(empty_study).values()) == [2, 2]


def test_a_text_unlike_one_that_was_split_is_another_article(empty_study: Study, tmp_path: Path) -> None:
    from corpus.articles.multi_article_texts import split_article

    (whole,) = add(empty_study, write(tmp_path / "in", {"1.txt": f"{VELO}\n\n{PORT}"}), outlet="Herald").new
    split_article(empty_study, whole, at=[f"{VELO}\n\n{PORT}".index("The port")], yes=True)
    assert len(add(empty_study, write(tmp_path / "in", {"1.txt": KARSK}), outlet="Herald").new) == 1
    again = add(empty_study, write(tmp_path / "in", {"1.txt": f"{VELO}\n\n{PORT} It rained."}), outlet="Herald")
    assert "was split earlier" in again.refusals[0].why


@pytest.mark.parametrize(
    ("text", "other", "same"),
    [
        (VELO, VELO.replace("captured", "liberated"), True),
        (VELO, VELO[: len(VELO) // 3], True),  # what a paywall left of it
        (VELO, f"{PORT}\n\n{VELO}", True),  # it grew
        (VELO, KARSK, False),
        (VELO, PORT * 20, False),
        ("Velo liberated by Northland", "Velo occupied by Northland", True),
        ("Velo liberated by Northland", "Rain in Karsk", False),
        (
            "Northland accuses Karsk of using the dam as a shield",
            "Karsk accuses Northland of fresh shelling of the dam",
            False,
        ),
        ("War in the valley: what we know on day 86", "War in the valley: what we know on day 127", False),
        ("Velo falls after nine days, says ministry", "Velo falls after nine days of siege, says the ministry", True),
        ("Northland captured the town of Velo on Monday", VELO, True),  # a headline, then the whole text
        ("北地军解放了贝罗市，市长已经逃走。", "北地军占领了贝罗市，市长已经逃走。", True),
        ("北地军解放了贝罗市，市长已经逃走。", "卡尔斯克的面包店重新开张。", False),
        (BULLETIN.format("3 May", "Karsk", "twelve"), BULLETIN.format("4 May", "Velo", "nine"), False),
        (BULLETIN.format("3 May", "Karsk", "twelve"), BULLETIN.format("3 May", "Karsk", "eleven"), True),
        ("", "", True),
    ],
)
def test_states_of_one_article_share_their_words(text: str, other: str, same: bool) -> None:
    assert is_state_of(text, other) is is_state_of(other, text) is same


STATES = {
    "1.csv": f'id,text,published\n7,"{VELO}",2024-03-04\n',
    "2.csv": f'id,text,published\n7,"{VELO.replace("captured", "liberated")}",2024-03-05\n',
    "3.csv": f'id,text,published\n7,"{VELO.replace("captured", "freed")} It rained.",2024-03-06\n',
    "4.csv": f'id,text,published\n8,"{VELO} It burned.",2024-03-04\n',
}


@pytest.mark.parametrize("at_once", [True, False], ids=["in one go", "in several"])
def test_states_are_ordered_by_their_dates_however_they_arrive(tmp_path: Path, at_once: bool) -> None:
    files = write(tmp_path / "in", STATES)
    found = []
    for n, order in enumerate(itertools.permutations(STATES)):
        study = study_in(tmp_path / f"study{n}")
        for part in [order] if at_once else [[name] for name in order]:
            add(study, [files / name for name in part], outlet="Herald")
        frame = study.articles()
        stored = (texts(study), spans(study), counts(study), frame[["article", "date", "copy_group"]].values.tolist())
        with study.store.writing() as connection:
            recount(connection)
        assert stored[2] == counts(study)
        found.append(stored)
        study.store.close()
    assert all(stored == found[0] for stored in found)
    assert [len(states) for states in found[0][0].values()] == [3, 1]


def test_a_state_that_is_coded_stays_the_first(empty_study: Study, tmp_path: Path) -> None:
    files = write(tmp_path / "in", STATES)
    add(empty_study, files / "2.csv", outlet="Herald")
    code(empty_study, "liberated")
    add(empty_study, files / "1.csv", outlet="Herald")
    respan(empty_study)
    (states,) = texts(empty_study).values()
    assert ["liberated" in state for state in states] == [True, False]


PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<link rel="canonical" href="{canonical}"></head><body><article><h1>{title}</h1><p>{text}</p><p>{text}</p></article></body></html>"""


def test_the_front_page_is_no_articles_address(empty_study: Study) -> None:
    done = add(empty_study, CASES / "03-canonical-is-the-home-page", outlet="Herald")
    assert (len(done.new), done.own_keys) == (3, [])
    assert [key for _, key in texts(empty_study)] == ["p1.html", "p2.html", "p3.html"]
    assert not empty_study.articles()["url"].notna().any()


@pytest.mark.parametrize(
    "canonical", ["https://herald.example/index.php", "https://herald.example", "/", "#", "https://herald.example/news"]
)
def test_one_canonical_address_for_several_pages_replaces_none(
    empty_study: Study, tmp_path: Path, canonical: str
) -> None:
    for n, text in enumerate((VELO, KARSK, PORT)):
        title, _, body = text.partition("\n\n")
        write(tmp_path / "in", {f"{n}.html": PAGE.format(title=title, canonical=canonical, text=body)})
    for _ in range(2):
        done = add(empty_study, tmp_path / "in", outlet="Herald")
    assert (len(done.new), len(done.changed), len(done.unchanged)) == (0, 0, 3)
    assert len(empty_study.articles()) == 3


def test_an_update_of_the_numbers_is_a_state_and_a_bulletin_of_another_day_is_none() -> None:
    text = (
        "At least 12 people were killed and 30 were hurt when the market of Velo was shelled on Monday, the governor said. "
        "Rescuers are at work, and hospitals ask for blood. Nobody has claimed the attack so far."
    )
    assert is_state_of(text, text.replace("12", "15").replace("30", "45").replace("Nobody has", "Northland has not"))
    assert is_state_of(text, text.replace("Monday", "Tuesday").replace("ask for blood", "need blood and doctors"))
    stocks = (
        "The index of Ardun closed up on Monday at 12,341 points, 0.4 per cent higher than the day before. Traders spoke of a "
        "quiet session with little turnover. Banks led, followed by shipping and steel."
    )
    other = stocks.replace("up on Monday at 12,341", "down on Tuesday at 12,290").replace("higher", "lower")
    assert not is_state_of(stocks, other)
