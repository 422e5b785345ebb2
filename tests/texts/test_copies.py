"""Copies: groups on planted copies, found as articles come, and what each outlet changed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from command_line import slantwise
from stores import study_in, write

from corpus.articles.ingest import add
from corpus.copies.bylines import credited_agency
from corpus.copies.groups import find_copy_group, list_copy_groups, update_copy_groups
from corpus.copies.near_duplicates import ShingleIndex, copy_groups, repeated_stretches, similarity
from corpus.copies.shingles import sketch
from corpus.errors import BadStudy
from corpus.study import Study
from corpus.wording.alignment import copy_changes

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from recombine import pair_quality, recombined_articles

FLOOR = 0.98  # precision and recall on planted copies; it only rises

WIRE = """Northland's army takes Velo

KARSK (Reuters) - Northland's army captured the town of Velo at dawn on Monday, its ministry of defence said, after a siege that
had lasted three weeks and had left most of its eight thousand inhabitants without water.

Officials in Karsk denied it and spoke of fighting in the suburbs, where shops stayed closed and the bridge was out of use.

Observers counted forty lorries on the road to the south, most of them empty, and saw no civilians among the soldiers."""
COPY = """Velo is free

Northland's army liberated the town of Velo at dawn on Monday, its ministry of defence said, after a siege that had lasted three
weeks and had left most of its eight thousand inhabitants without water.

Observers counted forty lorries on the road to the south, most of them empty, and saw no civilians among the soldiers."""
OTHER = """Rain until the weekend

The weather service expects rain in the south of the valley until the weekend, with strong winds on the coast and a little snow
above two thousand metres. Farmers in Velo hope that it will help the harvest, which has been poor for the third year running."""


def table(folder: Path, name: str, *rows: tuple[str, str, str]) -> Path:
    lines = [
        json.dumps({"outlet": outlet, "date": date, "text": text, "id": f"{outlet} {date}"})
        for outlet, date, text in rows
    ]
    return write(folder, {name: "\n".join(lines)}) / name


def test_planted_copies_are_found_and_nothing_else(shared: Path) -> None:
    rows = list(recombined_articles(shared / "data", 3000, seed=11))
    found = copy_groups({id: text for id, text, _ in rows})
    precision, recall = pair_quality(found, {id: origin for id, _, origin in rows})
    assert min(precision, recall) >= FLOOR, (precision, recall)


@pytest.mark.parametrize("few", [0, 100])  # looked up in the index of shingles, or all read
def test_articles_that_come_later_are_grouped_as_if_they_had_come_at_once(
    few: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rows = [
        ("Herald", "2024-05-02", COPY),
        ("Post", "2024-05-01", WIRE),
        ("Lamp", "2024-05-01", OTHER),
        ("Echo", "2024-05-03", WIRE),
    ]
    at_once, bit_by_bit = study_in(tmp_path / "one"), study_in(tmp_path / "two")
    monkeypatch.setattr("corpus.copies.groups._FEW", few)
    add(at_once, [table(tmp_path / "in", "all.jsonl", *rows)])
    for number, row in enumerate(rows):
        add(bit_by_bit, [table(tmp_path / "in", f"{number}.jsonl", row)])
    whole, parts = (dict(s.articles()[["article", "copy_group"]].to_numpy().tolist()) for s in (at_once, bit_by_bit))
    assert whole == parts
    assert sorted(len([g for g in whole.values() if g == group]) for group in set(whole.values())) == [1, 3]


def test_a_new_article_meets_candidates_and_not_everything(
    empty_study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from corpus.copies import groups

    add(empty_study, [table(tmp_path / "in", "a.jsonl", ("Post", "2024-05-01", WIRE), ("Lamp", "2024-05-01", OTHER))])
    read: list[str] = []
    whole = groups._text
    monkeypatch.setattr(groups, "_text", lambda connection, article: read.append(article) or whole(connection, article))
    add(empty_study, [table(tmp_path / "in", "b.jsonl", ("Herald", "2024-05-02", COPY))])
    outlets = dict(empty_study.articles()[["article", "outlet"]].to_numpy().tolist())
    assert sorted(outlets[article] for article in read) == ["Herald", "Post"]
    read.clear()
    update_copy_groups(empty_study)
    assert read == []


def test_shared_furniture_makes_no_copies() -> None:
    footer = "\n\nSubscribe to our newsletter and follow us for the latest news from the valley every morning."
    texts = {
        "a": " ".join(f"Word{i} walked past the {i}th house" for i in range(40)) + footer,
        "b": " ".join(f"Child{i} looked at some {i}th flower" for i in range(40)) + footer,
    }
    assert set(copy_groups(texts).values()) == {"a", "b"}
    assert similarity(WIRE, COPY) > 0.8 > similarity(WIRE, OTHER)


def test_an_index_of_nothing_has_no_candidates() -> None:
    assert ShingleIndex([]).candidates(0, sketch(WIRE)).tolist() == []
    assert copy_groups({"a": "", "b": "", "c": "!"}) == {"a": "a", "b": "b", "c": "c"}


def test_a_group_has_its_earliest_article_its_credit_and_what_each_outlet_changed(
    empty_study: Study, tmp_path: Path
) -> None:
    add(
        empty_study,
        [
            table(
                tmp_path / "in",
                "a.jsonl",
                ("Herald", "2024-05-02", COPY),
                ("Post", "2024-05-01", WIRE),
                ("Lamp", "2024-05-01", OTHER),
            )
        ],
    )
    (row,) = list_copy_groups(empty_study).groups
    assert (row.articles, row.outlets, row.outlet, row.credit) == (2, ("Herald", "Post"), "Post", "Reuters")
    group = find_copy_group(empty_study, row.group)
    first, second = group.members
    assert (first.outlet, first.changes, second.outlet, second.credit) == ("Post", (), "Herald", None)
    assert [(c.before, c.after, c.mentions_before, c.mentions_after) for c in second.changes if c.of_mention] == [
        ("captured", "liberated", (), ("liberated",))  # the test's codebook knows took and liberat*
    ]
    assert [c.kind for c in second.changes] == ["replaced", "replaced", "deleted"]
    text = empty_study.articles().set_index("outlet").loc["Herald", "text"]
    assert all(text[c.start : c.end] == c.after for c in second.changes)
    assert find_copy_group(empty_study, second.article) == group
    assert (group.earliest, group.outlets, group.credit) == (first.article, row.outlets, row.credit)
    told = group.json()["articles"]
    assert [member["words_inserted"] for member in told] == [0, second.words_inserted]
    assert second.words_deleted > second.words_inserted > 0 and told[1]["changes"][0]["of_mention"]


def test_a_change_of_case_or_punctuation_is_none_and_offsets_are_those_of_the_copy() -> None:
    assert copy_changes("Velo fell, he said.", "VELO fell – he said!") == []
    (found,) = copy_changes("They took it.", "😀 They finally took it.", ["took"])
    assert (found.kind, found.after, found.start, found.of_mention) == ("inserted", "finally", 7, False)
    (gone,) = copy_changes("They took it by force.", "They took it.")
    assert (gone.kind, gone.before, gone.start, gone.end) == ("deleted", "by force", 12, 12)
    assert copy_changes("", "Velo fell.")[0].after == "Velo fell"


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("KARSK, May 3 (Reuters) - Northland took Velo.", "Reuters"),
        ("Northland took Velo.\n\nSource: AFP", "AFP"),
        ("Nordland nahm Velo ein.\n\nQuelle: dpa", "dpa"),
        ("Норландия взяла Вело.\n\nИсточник: ТАСС", "ТАСС"),
        ("Velo fell. — Ukrinform.", "Ukrinform"),
        ("The Associated Press contributed to this report.", "The Associated Press"),
        ("(AP/AFP) Velo fell.", "AP"),
        ("Velo fell, Reuters reported on Monday, and AP saw smoke.", None),
        ("A reporter of the AP was hurt.", None),
        ("", None),
    ],
)
def test_a_credit_line_is_told_from_a_source(text: str, agency: str | None) -> None:
    assert credited_agency(text) == agency


def test_passages_that_an_article_repeats_are_found() -> None:
    line = "Observers counted forty lorries on the road to the south, most of them empty, and saw no civilians."
    text = f"{line}\n\nIt rained.\n\n{line}\n\nNobody came."
    ((first, again),) = repeated_stretches(text)
    assert text[slice(*first)] == text[slice(*again)] == line
    assert repeated_stretches(WIRE) == []


def test_the_commands_print_groups_and_changes(empty_study: Study, tmp_path: Path) -> None:
    add(empty_study, [table(tmp_path / "in", "a.jsonl", ("Herald", "2024-05-02", COPY), ("Post", "2024-05-01", WIRE))])
    (row,) = json.loads(slantwise("copies", "list", "--json", cwd=empty_study.folder).stdout)["groups"]
    shown = json.loads(slantwise("copies", "show", row["group"], "--json", cwd=empty_study.folder).stdout)
    assert (shown["credit"], [member["outlet"] for member in shown["articles"]]) == ("Reuters", ["Post", "Herald"])
    assert shown["articles"][1]["changes"][0]["after"] == "liberated"
    drawn = slantwise("copies", "show", row["earliest"], cwd=empty_study.folder)
    assert "captured → liberated" in drawn.stdout
    wrong = slantwise("copies", "show", "nothing", cwd=empty_study.folder)
    assert (wrong.returncode, wrong.stderr.partition(";")[0]) == (
        2,
        "slantwise: the study has no copy group or article 'nothing'",
    )


def test_a_group_that_is_none_is_said(empty_study: Study) -> None:
    with pytest.raises(BadStudy, match="copies list"):
        find_copy_group(empty_study, "nothing")
    assert list_copy_groups(empty_study).groups == ()
