"""Where coders mark mentions themselves, agreement is alpha over words, alpha of the codes given overlap, and span F1."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import krippendorff
import numpy as np
import pytest
from command_line import slantwise
from stores import BOOK

from annotate.agreement.marking.marked_spans import Mark, MarkedPassage, marked_passages, words
from annotate.agreement.marking.unitizing import PairF1, PooledF1, unitizing_agreement
from annotate.rounds import rounds
from annotate.rounds.draw import draw
from corpus import Study
from corpus.annotation import Design
from corpus.annotations.rows import add_annotations
from corpus.codebook import Codebook, parse
from corpus.span import Span
from corpus.study import database as db

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CODERS = ("ada", "ben", "cem")


@pytest.fixture
def book() -> Codebook:
    return parse(BOOK)


def by_chance(seed: int = 1, passages: int = 60) -> list[MarkedPassage]:
    """Passages of numbered words in which three coders mark much the same, some of them not having read all."""
    chance = np.random.default_rng(seed)
    found = []
    for number in range(passages):
        text = " ".join(f"word{n}" for n in range(int(chance.integers(5, 30))))
        places = words(text)
        right = [m for m in range(len(places)) if chance.random() < 0.15]
        marks: dict[str, list[Mark]] = {}
        for coder in CODERS:
            if chance.random() < 0.2:
                continue
            mine = [m if chance.random() < 0.8 else int(chance.integers(len(places))) for m in right]
            wording = ["plain" if m % 2 or chance.random() < 0.2 else "liberation" for m in mine]
            ends = [min(m + int(chance.integers(0, 3)), len(places) - 1) for m in mine]
            marks[coder] = [
                Mark(places[m][0], places[end][1], {"wording": code})
                for m, end, code in zip(mine, ends, wording, strict=True)
            ]
        if len(marks) > 1:
            found.append(MarkedPassage(f"p{number:03}", f"a{number // 4}", text, marks))
    return found


def expanded(passages: list[MarkedPassage], codes: Mapping[str, int] | None = None) -> np.ndarray:
    """The table that the krippendorff package reads: a row per coder, a column per word, NaN where there is no answer."""
    columns = []
    for one in passages:
        for start, end in words(one.text):
            column = [np.nan] * len(CODERS)
            for c, coder in enumerate(CODERS):
                if coder not in one.marks:
                    continue
                over = [mark for mark in one.marks[coder] if mark.start < end and start < mark.end]
                if codes is None:
                    column[c] = float(bool(over))
                elif over:
                    shortest = min(over, key=lambda mark: mark.end - mark.start)
                    column[c] = float(codes[shortest.codes["wording"]])
            columns.append(column)
    return np.array(columns).T


@pytest.mark.parametrize("seed", range(5))
def test_the_alphas_are_those_of_the_krippendorff_package_on_the_expanded_table(book: Codebook, seed: int) -> None:
    passages = by_chance(seed)
    found = unitizing_agreement(book, passages, resamples=100)
    assert found is not None
    wanted = krippendorff.alpha(expanded(passages), value_domain=[0.0, 1.0], level_of_measurement="nominal")
    assert found.tokens.alpha == pytest.approx(wanted, abs=1e-12) and 0.3 < wanted < 0.9
    of_codes = krippendorff.alpha(
        expanded(passages, {"plain": 0, "liberation": 1}), value_domain=[0.0, 1.0], level_of_measurement="nominal"
    )
    assert found.codes["wording"].alpha == pytest.approx(of_codes, abs=1e-12)
    assert found.tokens.interval and found.tokens.interval[0] < wanted < found.tokens.interval[1]
    assert found.tokens.n_articles == 15 and found.n_passages == len(passages)
    assert found.codes["seen"].why == "no blind answer"


def test_span_f1_counts_marks_that_coincide_and_marks_that_overlap(book: Codebook) -> None:
    text = "Northland took the town of Velo and liberated Karsk."
    marks = {
        "ada": [Mark(10, 14, {}), Mark(36, 45, {})],
        "ben": [Mark(10, 18, {}), Mark(36, 45, {}), Mark(27, 31, {})],
        "cem": [],
    }
    found = unitizing_agreement(book, [MarkedPassage("p", "a", text, marks)])
    assert found is not None
    assert found.span_f1.pairs == (
        PairF1(5, 2 / 5, 4 / 5, ("ada", "ben")),
        PairF1(2, 0.0, 0.0, ("ada", "cem")),
        PairF1(3, 0.0, 0.0, ("ben", "cem")),
    )
    assert (found.span_f1.n_marks, found.span_f1.exact, found.span_f1.overlap) == (10, 0.2, 0.4)
    assert found.tokens.n_units == 9 and found.tokens.n_coders == 3 and found.tokens.interval is None


def test_nothing_marked_says_why_there_is_no_alpha(book: Codebook) -> None:
    """Where nothing was read twice there is nothing at all."""
    found = unitizing_agreement(book, [MarkedPassage("p", "a", "Rain is expected.", {"ada": [], "ben": []})])
    assert (
        found is not None
        and found.tokens.alpha is None
        and found.span_f1 == PooledF1(0, None, None, (PairF1(0, None, None, ("ada", "ben")),))
    )
    assert found.tokens.why == "every answer is 'no'; without variation alpha is undefined"
    assert unitizing_agreement(book, []) is None


# from the store to the screen


@pytest.fixture
def marked_valley(valley: Study) -> Study:
    """The valley, in which ada and ben have marked all passages, and ben skipped one."""
    study = valley
    draw(study, "marks", ["ada", "ben"], purpose="reliability", design=Design(layout="highlight"))
    drawn = [one.span for one in rounds.assignments(study, "marks", "ada")]
    texts_of = study.spans().set_index("span")["text"]
    outcomes, rows = [], []
    for span in drawn:
        place, text = Span.from_id(span), texts_of[span]
        for coder in ("ada", "ben"):
            skipped = coder == "ben" and text.startswith("Officials")
            state = "skipped" if skipped else "answered"
            outcomes.append({"round": "marks", "span": span, "coder": coder, "state": state})
            for word in ("took", "liberated", "denied"):
                at = text.find(word)
                if at < 0 or skipped or (coder == "ben" and word == "denied"):
                    continue
                longer = 4 if coder == "ben" and word == "took" and "Karsk" in text else 0
                start = place.start + at
                mark = Span(place.revision, start, start + len(word) + longer, "mention").id
                code = "liberation" if word == "liberated" else "plain"
                rows.append({"span": mark, "variable": "wording", "code": code, "coder": coder, "round": "marks"})
    with study.store.writing() as connection:
        for row in outcomes:
            db.put(connection, db.outcomes, [row])
    assert add_annotations(study, rows).refusals == []
    return study


def test_a_round_of_marks_is_read_with_the_passages_where_nothing_was_marked(marked_valley: Study) -> None:
    passages = marked_passages(marked_valley, "marks")
    assert len(passages) == len(marked_passages(marked_valley)) and not [
        p for p in passages if p.text.startswith("Officials")
    ]
    empty = [one for one in passages if not any(one.marks.values())]
    assert empty and all(set(one.marks) == {"ada", "ben"} for one in passages)
    (karsk,) = (one for one in passages if "Karsk" in one.text)
    assert [karsk.text[m.start : m.end] for m in karsk.marks["ben"]] == ["took Kar", "liberated"]
    assert marked_passages(marked_valley, "marks", version="9") == []


def test_agree_says_it_in_the_terminal_in_json_and_on_the_page(marked_valley: Study, chromium: Browser) -> None:
    told = slantwise("agree", "marks", "--page", "--json", cwd=marked_valley.folder)
    assert told.returncode == 0, told.stderr
    said = json.loads(told.stdout)
    found = said["marking"]
    assert set(found) == {"n_passages", "tokens", "codes", "span_f1"} and found["codes"]["wording"]["alpha"] == 1
    assert 0.7 < found["tokens"]["alpha"] < 1 and found["tokens"]["gate"] == found["tokens"]["verdict"]["verdict"]
    assert found["span_f1"]["exact"] < found["span_f1"]["overlap"] == 1
    assert said["variables"]["wording"]["n_units"] == 3  # of marks with the same offsets only
    shown = slantwise("agree", "marks", cwd=marked_valley.folder, columns=80).stdout
    assert max(map(len, shown.splitlines())) <= 80
    assert "marked or not" in shown and "span F1 of 8 marks, not corrected for chance: .750 exact, 1.000 over" in shown
    for width in (390, 1440):
        tab = chromium.new_page(viewport={"width": width, "height": 900})
        tab.goto(Path(said["page"]).as_uri())
        assert tab.evaluate("document.documentElement.scrollWidth") == width
        assert "Span F1 of 8 marks" in (told_on_page := tab.locator("#marking").inner_text())
        assert "alpha is between" in told_on_page and "in passages that two coders read would" in told_on_page
        tab.close()


def test_without_such_rounds_nothing_is_said_of_marking(example_folder: Path) -> None:
    said = json.loads(slantwise("agree", "--json", cwd=example_folder).stdout)
    assert said["marking"] is None
