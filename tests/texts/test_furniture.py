"""What an outlet repeats: furniture, unless it has a term that the study counts, and what a person decides about it."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import pandas as pd
import pytest
from command_line import slantwise
from newsroom import article, item, newsroom_study, rss
from servers import Site
from stores import code, spans_of, study_in, write

from annotate import draw
from corpus import Study, add, add_feed, list_furniture, overrule_furniture, poll_feeds
from corpus.articles.paragraphs import mark_paragraph, show_article
from corpus.errors import BadStudy
from corpus.study.counting import select_answers
from corpus.text.boilerplate import classify_paragraphs

CASE = Path(__file__).parents[1] / "data" / "cases" / "21-stock-phrases-are-furniture"
TOWNS = ("Velo", "Karsk", "Marn", "Tova")
GLORY = "Glory to those who liberated our land!"
PROMPT = "Subscribers read more on our website"


def diary(town: str, *lines: str) -> str:
    story = (
        f"On Monday the army took the hills above {town}, where the fighting had gone on for a week and nobody slept."
    )
    return "\n\n".join([f"War diary of {town}", story, *lines])


def study_of(folder: Path, *lines: str, towns: tuple[str, ...] = TOWNS) -> Study:
    study = study_in(folder / "study")
    add(study, write(folder / "in", {f"{town}.txt": diary(town, *lines) for town in towns}), outlet="Herald")
    return study


# a repeated line with a term


def test_stock_phrases_with_a_term_are_counted_and_listed(tmp_path: Path) -> None:
    study = Study.create(tmp_path / "s", "territorial-control")
    added = add(study, CASE, outlet="Herald")
    assert (study.spans()["unit"] == "mention").sum() == 16
    assert added.notes[:1] == [
        "3 repeated paragraphs with a term of the codebook were kept as text and counted; see: slantwise article furniture"
    ]
    assert {(line.articles, line.why, line.has_term) for line in list_furniture(study).lines} == {
        (4, "text with a term", True)
    }


def rows(folder: Path) -> pd.DataFrame:
    return pd.DataFrame([{"id": town, "text": diary(town, GLORY), "outlet": "Herald"} for town in TOWNS])


def lines_of_json(folder: Path) -> Path:
    text = "\n".join(json.dumps(row) for row in rows(folder).to_dict("records"))
    return write(folder, {"rows.jsonl": text}) / "rows.jsonl"


def table(folder: Path) -> Path:
    rows(folder).to_csv(folder / "rows.csv", index=False)
    return folder / "rows.csv"


def pages(folder: Path) -> Path:
    body = "<p>".join(
        ["<p>The army took the hills above {0} on Monday, where the fighting had gone on for a week.", GLORY]
    )
    page = "<!doctype html><html lang='en'><head><title>Diary of {0}</title></head><body><article><h1>Diary of {0}</h1>"
    return write(folder / "pages", {f"{town}.html": (page + body).format(town) for town in TOWNS})


@pytest.mark.parametrize("texts", [rows, lines_of_json, table, pages])
def test_in_tables_and_pages_too_a_repeated_line_with_a_term_stays_text(tmp_path: Path, texts: object) -> None:
    study = study_in(tmp_path / "study")
    add(study, texts(tmp_path), outlet="Herald")  # type: ignore[operator]
    assert spans_of(study, "mention").count("liberated") == 4


def test_a_feeds_repeated_line_with_a_term_stays_text_and_a_poll_says_so(tmp_path: Path, site: Site) -> None:
    study = newsroom_study(tmp_path / "study")
    for n in range(4):
        body = [f"On day {n} the army took the hills above Velo, where the fighting had gone on for a week.", GLORY]
        site.put(f"/{n}", article(n, body=body))
    site.put("/feed", rss([item(site.url(f"/{n}"), n) for n in range(4)]))
    add_feed(study, site.url("/feed"), outlet="Herald")
    polled = poll_feeds(study)
    assert spans_of(study, "paragraph").count(GLORY) == 4
    assert polled.json()["notes"] == polled.notes and "kept as text and counted" in polled.notes[-1]


def test_a_prompt_after_every_post_of_one_page_is_furniture_unless_it_has_a_term() -> None:
    page = ["Velo live"]
    for town in TOWNS:
        page += [f"Northland took {town} at dawn, its ministry of defence said in a statement on Monday.", GLORY]
    assert classify_paragraphs(page).count("furniture") == 4
    assert "furniture" not in classify_paragraphs(page, contested=lambda line: "liberated" in line)


def test_the_terms_of_codes_and_of_what_a_text_is_about_count_too(tmp_path: Path) -> None:
    book = "name: t\nversion: '1'\nunit: sentence\nabout: [land]\nvariables:\n  - name: v\n    question: Q?\n"
    study = study_in(tmp_path / "s", book + "    codes: [{name: a, terms: [glory]}, {name: b}]\n")
    lines = ("Glory to the brave of our valley!", "Our land stays without light.", PROMPT)
    add(study, write(tmp_path / "in", {f"{t}.txt": diary(t, *lines) for t in TOWNS}), outlet="Herald")
    assert {line.text: line.why for line in list_furniture(study).lines} == {
        lines[0]: "text with a term",
        lines[1]: "text with a term",
        PROMPT: "repeated",
    }


# what became furniture


def test_add_says_how_many_paragraphs_became_furniture_and_how_to_see_them(tmp_path: Path) -> None:
    write(tmp_path / "in", {f"{town}.txt": diary(town, PROMPT) for town in TOWNS})
    study_in(tmp_path / "s")
    said = slantwise("add", tmp_path / "in", "--outlet", "Herald", cwd=tmp_path / "s")
    assert said.returncode == 0
    assert "4 paragraphs of 1 outlet were taken for page furniture; see: slantwise article furniture" in said.stderr
    listed = slantwise("article", "furniture", cwd=tmp_path / "s")
    assert PROMPT in listed.stdout and "repeated" in listed.stdout


def test_furniture_with_a_term_is_said_and_listed_first(tmp_path: Path) -> None:
    study = study_in(tmp_path / "s")
    dated = {f"{town}.txt": diary(town, PROMPT, f"Liberation Day {n}, 2025") for n, town in enumerate(TOWNS, 1)}
    added = add(study, write(tmp_path / "in", dated), outlet="Herald")
    assert added.notes[0].startswith("8 paragraphs of 1 outlet were taken for page furniture, 4 of them with a term")
    assert [(line.has_term, line.why) for line in list_furniture(study).lines] == [(True, "shape")] * 4 + [
        (False, "repeated")
    ]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_of_adding_and_the_number_of_runs_make_no_difference(tmp_path: Path, order: tuple[int, ...]) -> None:
    files = write(tmp_path / "in", {f"{n}.txt": diary(TOWNS[n], PROMPT, GLORY) for n in range(3)})
    one, several = study_in(tmp_path / "one"), study_in(tmp_path / "several")
    add(one, files, outlet="Herald")
    for n in order:
        add(several, files / f"{n}.txt", outlet="Herald")
    assert set(one.spans()["span"]) == set(several.spans()["span"])
    assert PROMPT in spans_of(several, "furniture")


# overruling a line


def test_a_kept_line_is_text_in_all_articles_and_in_later_ones(tmp_path: Path) -> None:
    study = study_of(tmp_path, PROMPT)
    done = overrule_furniture(study, PROMPT, outlet="Herald", kind="keep")
    assert (done.articles, done.fixed, done.kind) == (4, 0, "paragraph")
    assert spans_of(study, "paragraph").count(PROMPT) == 4
    add(study, write(tmp_path / "later", {"Ilm.txt": diary("Ilm", PROMPT)}), outlet="Herald")
    assert spans_of(study, "paragraph").count(PROMPT) == 5
    assert [line.why for line in list_furniture(study).lines] == ["kept"]


def test_a_decision_holds_for_one_outlet_only(tmp_path: Path) -> None:
    study = study_of(tmp_path, PROMPT)
    courier = {f"{town}-c.txt": diary(town, "A word more.", PROMPT) for town in TOWNS}
    add(study, write(tmp_path / "courier", courier), outlet="Courier")
    overrule_furniture(study, 1, outlet="Herald", kind="keep")
    frame = study.spans().query("text == @PROMPT and unit != 'sentence'")
    assert frame.groupby("outlet")["unit"].agg(set).to_dict() == {"Courier": {"furniture"}, "Herald": {"paragraph"}}


def test_a_dropped_line_counts_no_more_and_can_be_taken_back(tmp_path: Path) -> None:
    study = study_of(tmp_path, GLORY)
    assert spans_of(study, "mention").count("liberated") == 4
    overrule_furniture(study, GLORY, outlet="Herald", kind="drop")
    assert "liberated" not in spans_of(study, "mention")
    overrule_furniture(study, "1", outlet="Herald", kind="keep")
    assert spans_of(study, "mention").count("liberated") == 4


def test_what_was_marked_in_one_article_overrules_what_holds_for_the_outlet(tmp_path: Path) -> None:
    study = study_of(tmp_path, PROMPT)
    shown = show_article(study, str(study.articles()["article"].iloc[0])).paragraphs[-1]
    mark_paragraph(study, shown.revision, shown.start, shown.end, "teaser")
    overrule_furniture(study, PROMPT, outlet="Herald", kind="keep")
    assert spans_of(study, "teaser") == [PROMPT] and spans_of(study, "paragraph").count(PROMPT) == 3


def test_drawn_spans_of_a_dropped_line_stay_and_keep_their_probability_but_leave_the_figures(tmp_path: Path) -> None:
    study = study_of(tmp_path, GLORY)
    span = code(study, "liberated")
    draw(study, "main-1", "mira,jon", spans=4, seed=1)
    before = study.draws()[["span", "pi"]]
    spans = set(study.spans()["span"])
    done = overrule_furniture(study, GLORY, outlet="Herald", kind="drop")
    assert (
        done.coded == 1 and done.drawn == before["span"].isin(study.spans().query("text == 'liberated'")["span"]).sum()
    )
    assert done.fixed == len({one.partition(":")[0] for one in [span, *before["span"]]})
    assert (
        study.draws()[["span", "pi"]].equals(before) and {span, *before["span"]} <= set(study.spans()["span"]) <= spans
    )
    answers = select_answers(study)
    assert len(answers.frame) == 0 and answers.left_out == {"furniture": 1}
    assert "liberated" not in set(study.eligible()["text"]) | set(study.terms()["text"])
    overrule_furniture(study, GLORY, outlet="Herald", kind="keep")
    assert len(select_answers(study).frame) == 1 and set(study.spans()["span"]) == spans


@pytest.mark.parametrize(
    ("line", "outlet", "why"),
    [("9", "Herald", "none with the number 9"), ("Subscribers read", "Herald", "the nearest line"),
     (PROMPT, "Nobody", "its outlets: Herald")],
)  # fmt: skip
def test_an_unknown_line_or_outlet_is_refused(tmp_path: Path, line: str, outlet: str, why: str) -> None:
    study = study_of(tmp_path, PROMPT)
    with pytest.raises(BadStudy, match=why):
        overrule_furniture(study, line, outlet=outlet, kind="keep")


def test_the_command_overrules_by_number_and_asks_for_the_outlet(tmp_path: Path) -> None:
    study = study_of(tmp_path, PROMPT)
    said = slantwise("article", "furniture", "--outlet", "Herald", "--keep", "1", cwd=study.folder)
    assert said.returncode == 0 and "is text in 4 articles of Herald, and in later ones" in said.stderr
    assert slantwise("article", "furniture", "--keep", "1", cwd=study.folder).returncode == 2
