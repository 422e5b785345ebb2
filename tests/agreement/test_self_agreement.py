"""A coder is compared with himself or herself on spans coded again weeks later, and no other figure counts those."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from command_line import slantwise

import annotate
from annotate.agreement.pools import coder_groups, pool_sentence
from annotate.report.agreement_page import render_agreement
from annotate.rounds.draw import draw
from annotate.rounds.rounds import assignments
from corpus.annotation import Design
from corpus.annotations.rows import add_annotations
from corpus.errors import BadRound, NothingToCompare
from corpus.study import Study
from corpus.study import database as db
from corpus.study.history.log import read_log

TODAY = datetime.now(UTC)


def days_ago(days: float) -> str:
    return (TODAY - timedelta(days=days)).isoformat(timespec="seconds")


def coded(study: Study, coder: str, days: float) -> None:
    """Say when a coder of the example gave the answers: half of them so long ago, the others today."""
    a = db.annotations.c
    with study.store.writing() as connection:
        spans = sorted(set(connection.execute(db.annotations.select().where(a.coder == coder)).scalars()))
        connection.execute(db.annotations.update().where(a.coder == coder).values(made_at=days_ago(0)))
        early = [*spans[: len(spans) // 2]]
        old = db.annotations.update().where(a.coder == coder, a.span.in_(early))
        connection.execute(old.values(made_at=days_ago(days)))


@pytest.fixture
def example(example_study: Study) -> Study:
    coded(example_study, "authors", 40)
    coded(example_study, "simulated-1", 20)
    return example_study


def test_own_spans_are_drawn_that_are_old_enough_each_for_its_coder_alone(example: Study) -> None:
    before = annotate.agree(example).json()
    drawn = draw(example, "again-1", ["authors", "simulated-1"], design=Design(again=14))
    assert drawn.purpose == "audit" and drawn.assisted == 0
    answers = example.annotations()
    for coder in ("authors", "simulated-1"):
        own = {one.span for one in assignments(example, "again-1", coder)}
        times = answers[(answers["coder"] == coder) & answers["span"].isin(own)].groupby("span")["made_at"].max()
        assert len(own) == 50 == len(times) and times.max() < days_ago(14)
    with pytest.raises(BadRound, match=r"simulated-1 has 0 spans coded blind at least 30 days ago .*; expected 50"):
        draw(example, "again-2", ["simulated-1"], design=Design(again=30))
    later = draw(example, "again-3", ["authors"], spans=20, design=Design(again=30))
    assert later.spans == 20
    first = {one.span for one in assignments(example, "again-1", "authors")}
    assert not first & {one.span for one in assignments(example, "again-3", "authors")}
    with pytest.raises(BadRound, match="leave out other options of the design"):
        draw(example, "again-4", ["authors"], spans=20, design=Design(again=30, overlap=0.5))
    assert annotate.agree(example).json() == before


def test_agree_says_how_far_a_coder_agrees_with_the_first_answers_and_counts_only_these(example: Study) -> None:
    drawn = slantwise("round", "draw", "again-1", "--coders", "authors", "--again", "14d", cwd=example.folder)
    assert drawn.returncode == 0 and "50 own spans, coded at least 14 days ago" in drawn.stderr
    before = annotate.agree(example).variables["wording"].alpha
    again = {one.span for one in assignments(example, "again-1")}
    answers = example.annotations()
    own = answers[(answers["coder"] == "authors") & answers["span"].isin(again)][["span", "variable", "code", "coder"]]
    changed = own["span"].isin(sorted(again)[:5]) & (own["variable"] == "wording")
    own.loc[changed, "code"] = own.loc[changed, "code"].map(lambda code: "liberation" if code == "plain" else "plain")
    done = add_annotations(example, own.assign(round="again-1", made_at=days_ago(0)).to_dict("records"))
    assert done.refusals == [] and changed.sum() >= 3
    agreement = annotate.agree(example)
    assert agreement.variables["wording"].alpha == before
    (themselves,) = agreement.again.values()
    assert themselves.n_units == 50 and themselves.days == 40 and themselves.enough
    assert themselves.variables["mention"].percent == 1
    n = themselves.variables["wording"].n_units
    assert themselves.variables["wording"].percent == pytest.approx(1 - changed.sum() / n)
    said = slantwise("agree", cwd=example.folder).stdout
    assert "authors with themselves, 50 spans coded again after 40 days" in " ".join(said.split())
    assert "Coders with themselves" in render_agreement(example, agreement)
    with pytest.raises(NothingToCompare, match="coders code own spans again; slantwise agree compares them"):
        annotate.agree(example, "again-1")
    assert (
        slantwise("round", "draw", "x", "--coders", "authors", "--again", "weeks", cwd=example.folder).returncode == 2
    )


def test_agreement_over_time_is_that_of_thirds_of_the_coding(example_study: Study) -> None:
    answers = example_study.annotations()
    spans = {span: n for n, span in enumerate(sorted(set(answers["span"])))}
    assert "third" not in annotate.agree(example_study).by  # nobody knows when these answers were given
    a = db.annotations.c
    with example_study.store.writing() as connection:
        for span, n in spans.items():
            row = db.annotations.update().where(a.span == span)
            connection.execute(row.values(made_at=days_ago(100 - n / 10)))
    thirds = annotate.agree(example_study).by["third"]
    assert list(thirds) == ["1st third", "2nd third", "3rd third"]
    sizes = [third["mention"].n_units for third in thirds.values()]
    assert sum(sizes) == 469 and max(sizes) - min(sizes) < 20


def test_agree_says_whom_it_pools_and_warns_of_mixtures(example_study: Study) -> None:
    draw(example_study, "extra", ["ada", "ben"], spans=12, purpose="reliability")
    found = annotate.agree(example_study)
    assert [pool.round for pool in found.pooled] == [""] and found.mixtures == []
    spans = example_study.annotations()["span"].drop_duplicates().tolist()[:12]
    row = {"variable": "mention", "code": "none", "round": "extra", "made_at": "2026-05-01T10:00:00+00:00"}
    rows = [{"span": span, "coder": coder, **row} for span in spans for coder in ("ada", "ben")]
    rows += [{"span": spans[0], "coder": "cem", **row, "codebook_version": "1.0"}]
    assert add_annotations(example_study, rows).refusals == []
    found = annotate.agree(example_study)
    assert [(pool.round, pool.purpose, pool.first) for pool in found.pooled] == [
        ("", None, None),
        ("extra", "reliability", "2026-05-01"),
    ]
    said = " ".join(found.mixtures)
    assert "2 rounds are pooled: answers of no round, extra" in said
    assert "1 answers under other versions of the codebook (1.0) are left out" in said
    assert "the rounds were coded by different coders" in said
    shown = json.loads(slantwise("agree", "--json", cwd=example_study.folder).stdout)
    assert shown["mixtures"] == found.mixtures
    printed = slantwise("agree", cwd=example_study.folder, columns=200).stdout
    assert "mixture: 2 rounds are pooled" in printed
    page = render_agreement(example_study, found)
    assert "2 rounds are pooled" in page
    for sentence in map(pool_sentence, found.pooled):
        assert sentence in page
    assert "pooled: extra (reliability): 24 answers by ada, ben, 2026-05-01" in printed
    more = draw(example_study, "more", ["ada", "ben"], spans=3, purpose="main", design=Design(no_term=0))
    own = [one.span for one in assignments(example_study, more.name, "ada")]
    assert add_annotations(example_study, [{**row, "span": own[0], "coder": "ada", "round": "more"}]).new == 1
    assert "rounds of different purposes are pooled: main and reliability" in annotate.agree(example_study).mixtures


def test_looks_at_a_round_in_progress_are_counted_once_for_each_state_of_it(example_study: Study) -> None:
    draw(example_study, "main-1", ["ada", "ben"], spans=30, purpose="reliability")
    spans = [one.span for one in assignments(example_study, "main-1", "ada")]
    row = {"variable": "mention", "code": "none", "round": "main-1"}

    def code(*some: str) -> None:
        rows = [{"span": span, "coder": coder, **row} for span in some for coder in ("ada", "ben")]
        assert add_annotations(example_study, rows).refusals == []

    code(*spans[:4])
    assert [annotate.agree(example_study, "main-1").pooled[0].looks for _ in range(3)] == [0, 0, 0]
    code(*spans[4:7])
    found = annotate.agree(example_study, "main-1")
    assert found.pooled[0].open == 60 - 14 and found.pooled[0].looks == 1
    assert "main-1 is in progress, 46 assignments are open; agreement was looked at 1 time before" in found.mixtures[0]
    code(*spans[7:])
    found = annotate.agree(example_study, "main-1")
    assert found.mixtures == ["agreement in main-1 was looked at 2 times while it was coded"]
    assert [entry.outcome["answers"] for entry in read_log(example_study).entries if entry.command == "agree"] == [
        8,
        14,
    ]


def test_groups_of_coders_who_share_no_span_are_told_apart() -> None:
    rows = [(f"s{n}", coder) for n in range(10) for coder in ("ada", "ben")]
    rows += [(f"t{n}", coder) for n in range(10) for coder in ("cem", "dora")]
    frame = pd.DataFrame([*rows, ("s1", "eve"), ("t1", "eve")], columns=["span", "coder"])
    assert coder_groups(frame) == [("ada", "ben"), ("cem", "dora")]  # eve's two answers connect nobody
