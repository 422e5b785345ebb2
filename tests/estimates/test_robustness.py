"""Whether a result holds when it is read otherwise: weights, coders left out, variations, the page and the command."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from io import StringIO
from itertools import combinations, permutations, product
from pathlib import Path

import numpy as np
import pytest
from command_line import slantwise
from sqlalchemy import select, update
from town_studies import drawn_and_coded, plant_predictions, town_study
from varied_studies import CODERS, true_codes, varied_study

from annotate.adjudication.adjudicate import adjudicate
from annotate.cli.estimates.robustness import finish_robustness, show, vary
from annotate.estimates import variations
from annotate.estimates.estimate import estimate
from annotate.estimates.reliability import FigureVerdict, FigureVerdicts
from annotate.estimates.robustness import Robustness, VariedFigure, check_robustness
from annotate.estimates.sample import read_sample
from annotate.estimators.differences import differences, distances_to_others
from annotate.estimators.draws import RoundOfSpans, chance_to_stay, coded_weights
from annotate.estimators.regression import Floats, Ints
from annotate.estimators.several_rounds import RoundAsDrawn, combine_rounds
from annotate.estimators.shares import Group, Share, estimate_share
from annotate.report.robustness_page import render_robustness, write_robustness_page
from annotate.rounds.rounds import assignments
from corpus.annotations.rows import add_annotations
from corpus.codebook import parse
from corpus.copies.originators import originators
from corpus.copies.thresholds import copy_groups_at
from corpus.errors import BadCodebook
from corpus.study import Study
from corpus.study import database as db

OUTLETS = ("Courier", "Herald", "Post")
KINDS = {
    "what counts the same", "whose words", "reference", "codes merged", "codes left out", "headline and body", "a coder left out",
    "an event left out", "an outlet left out", "revisions", "copies",
}  # fmt: skip


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    """A study in which almost everything can be counted otherwise."""
    study = varied_study(tmp_path_factory.mktemp("varied") / "study")
    yield study
    study.close()


@pytest.fixture(scope="module")
def by_outlet(study: Study) -> Robustness:
    return check_robustness(study)


@pytest.fixture(scope="module")
def together(study: Study) -> Robustness:
    return check_robustness(study, by="")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    """A study without copies, events, headlines, later revisions or codes to merge."""
    study = town_study(tmp_path_factory.mktemp("plain") / "study", articles=12)
    drawn_and_coded(study, 120, by=("outlet",))
    plant_predictions(study)
    yield study
    study.close()


def rows(result: Robustness, variation: str, code: str = "liberation") -> list[VariedFigure]:
    return [row for row in result.figures if (row.variation, row.code) == (variation, code)]


VALUES = np.array([1.0, 0.0, 5.0, 2.0, 7.0])  # of five spans, in two strata
STRATA = np.array([0, 0, 0, 1, 1])
TEAMS = [(0,), (1,), (0, 1)]  # coders of the draws: two of the first stratum, one of the second


def weighted_totals() -> Iterator[tuple[float, tuple[int, int]]]:
    """Each draw, dealing and arm of a tiny round, as likely as any other: the total without coder 0, and what stays."""
    for two, one in product(combinations(range(3), 2), range(3, 5)):
        draws = (*two, one)
        drawn = np.isin(np.arange(5), draws)
        for teams in permutations(TEAMS):
            own = [span for span, team in zip(draws, teams, strict=True) if 1 in team]
            for assisted in own:  # one of the two spans of coder 1
                still = np.isin(np.arange(5), own)
                kept = chance_to_stay(drawn, still, np.where(drawn, STRATA, 0))
                chance = kept * np.where(still, 0.5, 1.0)
                coded = still & (np.arange(5) != assisted)
                design = RoundAsDrawn(
                    np.where(STRATA == 0, 2 / 3, 1 / 2), drawn, STRATA, chance, coded, True, {0: (3, 2), 1: (2, 1)}
                )
                (combined,), _ = combine_rounds([design])
                stays = (int((still & (STRATA == 0)).sum()), int((still & (STRATA == 1)).sum()))
                yield float((coded_weights([combined]) * VALUES).sum()), stays


def test_without_a_coder_the_others_speak_for_all_spans() -> None:
    """Given what stays of each stratum the total is unbiased; where nothing stays there is none."""
    totals: dict[tuple[int, int], list[float]] = {}
    for total, stays in weighted_totals():
        totals.setdefault(stays, []).append(total)
    assert set(totals) == {(2, 0), (1, 1)}
    assert np.mean(totals[1, 1]) == pytest.approx(VALUES.sum())
    assert np.mean(totals[2, 0]) == pytest.approx(VALUES[:3].sum())


def test_a_span_that_only_the_coder_left_out_was_given_is_not_coded(study: Study) -> None:
    sample = read_sample(study, without="mira")
    own = {one.span for coder in ("jon", "kim") for one in assignments(study, "main", coder)}
    assert set(sample.answers) == own and len(own) < 150
    assert {len(answers) for answers in sample.answers.values()} == {1, 2}
    weights = coded_weights(sample.rounds)
    for outlet in OUTLETS:
        of_outlet = (sample.spans["outlet"] == outlet).to_numpy()
        assert weights[of_outlet].sum() == pytest.approx(of_outlet.sum())


def population(rng: np.random.Generator, articles: int = 150) -> tuple[Floats, Ints]:
    """The codes of spans, given more often in long articles, and the article of each."""
    size = rng.integers(1, 9, articles)
    article = np.repeat(np.arange(articles), size)
    chance = np.repeat(0.15 + 0.08 * size, size)
    return (rng.random(len(article)) < chance).astype(float), article.astype(np.int64)


def drawn_group(rng: np.random.Generator, code: Floats, article: Ints, n: int, counting: Floats | None) -> Group:
    size = len(code)
    coded = np.isin(np.arange(size), rng.choice(size, n, replace=False))
    zeros = np.zeros(size, dtype=np.int64)
    one = RoundOfSpans(np.full(size, n / size), coded, zeros, np.ones(size), np.zeros(size))
    predicted = np.clip(0.25 + 0.5 * code + rng.normal(0, 0.15, size), 0, 1)
    return Group(
        np.where(coded, code, np.nan), np.where(coded, 1.0, np.nan), predicted, np.ones(size),
        article % 5, article, int(article.max()) + 1, [one], counting,
    )  # fmt: skip


def test_where_articles_count_the_same_the_estimate_is_of_their_mean_share() -> None:
    """Known codes, drawn again and again: the mean over articles is met and covered, that over spans is another one."""
    rng = np.random.default_rng(3)
    code, article = population(rng)
    size = np.bincount(article)
    truth = float((np.bincount(article, code) / size).mean())
    assert code.mean() - truth > 0.05
    found = [
        estimate_share(drawn_group(rng, code, article, 120, 1 / size[article]), "corpus").estimate for _ in range(300)
    ]
    values = np.array([one.share for one in found])
    inside = [one.interval is not None and one.interval[0] <= truth <= one.interval[1] for one in found]
    assert abs(values.mean() - truth) < 4 * values.std() / np.sqrt(300)
    assert 0.91 <= np.mean(inside) <= 0.99
    assert np.mean([one.se for one in found]) == pytest.approx(values.std(), rel=0.12)


def test_a_span_that_counts_twice_counts_as_two_alike_spans() -> None:
    rng = np.random.default_rng(4)
    code, article = population(rng, 60)
    group = drawn_group(rng, code, article, 100, 1.0 + (np.arange(len(code)) % 3 == 0))
    twice = np.repeat(np.arange(len(code)), 1 + (np.arange(len(code)) % 3 == 0))
    repeated = Group(
        group.code[twice], group.eligible[twice], group.predicted_code[twice], group.predicted_eligible[twice],
        group.fold[twice], group.cluster[twice], group.copy_groups, [group.rounds[0].of(twice)],
    )  # fmt: skip
    one, two = estimate_share(group), estimate_share(repeated)
    assert one.coded_only.share == pytest.approx(two.coded_only.share)
    assert one.coded_only.se == pytest.approx(two.coded_only.se)
    assert one.estimate.share == pytest.approx(two.estimate.share, abs=0.02)  # what is expected is learned otherwise
    assert one.estimate.se == pytest.approx(two.estimate.se, rel=0.1)
    assert one.influence.sum() == pytest.approx(0, abs=1e-12)  # the share solves Σ a ψ = 0
    assert one.coded < two.coded


def three_shares() -> dict[str, Share]:
    rng = np.random.default_rng(5)
    return {name: estimate_share(drawn_group(rng, *population(rng), 80, None)) for name in "abc"}


def test_each_group_is_compared_with_the_mean_of_the_others() -> None:
    """As their pairs have it: to the others a group has the mean of its differences to each."""
    shares = three_shares()
    pairs = {(one.first, one.second): one.difference for one in differences(shares)}
    of_a = distances_to_others(shares)[0]
    assert (of_a.first, of_a.second) == ("a", "mean of the others")
    assert of_a.difference == pytest.approx((pairs["a", "b"] + pairs["a", "c"]) / 2)
    influence = shares["a"].influence - (shares["b"].influence + shares["c"].influence) / 2
    assert of_a.se == pytest.approx(np.sqrt((influence**2).sum()))


def test_the_main_result_is_that_of_the_estimate(study: Study, by_outlet: Robustness) -> None:
    pairs = {(one.code, one.between.first, one.between.second): one.between for one in estimate(study).differences}
    assert len(pairs) == len(by_outlet.comparisons)
    for one in by_outlet.comparisons:
        pair = pairs[one.code, one.first, one.second]
        assert (one.value, one.low, one.high) == (pair.difference, *pair.simultaneous)
        assert one.found == (pair.simultaneous[0] > 0 or pair.simultaneous[1] < 0)


def test_a_difference_holds_only_with_its_sign_and_without_0(by_outlet: Robustness) -> None:
    found = {(one.code, one.first, one.second): one for one in by_outlet.comparisons}
    assert any(one.found for one in found.values()) and not all(one.found for one in found.values())
    for row in by_outlet.figures:
        if row.outcome in ("main result", "not applicable"):
            continue
        main = found[row.code, row.first, row.second]
        if row.value is None or row.low is None or row.high is None:
            assert row.outcome == "too few codes"
        elif not main.found:
            assert row.outcome == "no finding"
        else:
            holds = row.value * main.value > 0 and (row.low > 0 or row.high < 0)
            assert row.outcome == ("holds" if holds else "does not hold")
    for one in found.values():
        own = [
            row for row in by_outlet.figures if (row.code, row.first, row.second) == (one.code, one.first, one.second)
        ]
        assert one.tried == len(own) - 1 and one.holds == sum(row.outcome == "holds" for row in own)
        assert set(one.not_in) == {row.variation for row in own if row.outcome in ("does not hold", "too few codes")}


@pytest.mark.parametrize(
    ("value", "low", "high", "outcome"),
    [(-0.2, -0.3, -0.1, "holds"), (-0.2, -0.5, 0.1, "does not hold"), (0.2, 0.1, 0.3, "does not hold")],
)
def test_the_other_sign_does_not_hold_however_narrow(value: float, low: float, high: float, outcome: str) -> None:
    from annotate.estimates.robustness import _outcome

    main = VariedFigure("", "main result", "main result", "", "c", "a", "b", -0.4, -0.6, -0.2, 90)
    varied = VariedFigure("k", "v", "main result", "", "c", "a", "b", value, low, high, 90)
    assert _outcome(main, varied)[0] == outcome


def asked(study: Study, *, kinds: tuple[str, ...] = ("denied", "background", "change")) -> set[str]:
    """The coded spans on which wording was asked."""
    truth, drawn = true_codes(study), set(study.draws()["span"])
    return {span for span in drawn if truth[span]["mention"][0] in kinds}


def test_each_variation_has_the_spans_that_it_says(study: Study, together: Robustness) -> None:
    spans = study.spans().set_index("span")
    events = study.articles().set_index("article")["event"]
    headlines = spans[spans["unit"] == "headline"]
    coded = asked(study)
    of_article = {span: spans.loc[span, "article"] for span in coded}
    in_headline = {
        span for span in coded
        if (place := headlines[headlines["article"] == of_article[span]].iloc[0]) is not None
        and place["start"] <= spans.loc[span, "start"] and spans.loc[span, "end"] <= place["end"]
    }  # fmt: skip
    expected = {
        "main result": coded,
        "each article the same": coded,
        "without denied": asked(study, kinds=("background", "change")),
        "without denied, background": asked(study, kinds=("change",)),
        "headlines alone": in_headline,
        "body alone": coded - in_headline,
        "without event-1": {span for span in coded if events[of_article[span]] != "event-1"},
        "without Post": {span for span in coded if spans.loc[span, "outlet"] != "Post"},
    }
    truth, copied = true_codes(study), originators(study)
    own = {span for span in coded if truth[span]["attribution"] == ("outlet",)}
    expected |= {
        "own words (wide: copied text too)": own,
        "own words (strict: no copied text)": {span for span in own if of_article[span] not in copied},
    }
    assert in_headline and len(in_headline) < 30
    for name, of_spans in expected.items():
        (row,) = rows(together, name)
        assert row.n == len(of_spans), name
    for coder in CODERS:
        given = {one.span for other in CODERS if other != coder for one in assignments(study, "main", other)}
        (row,) = rows(together, f"without {coder}")
        assert row.n == len(given & coded)
    (row,) = rows(together, "as far as the last revision has it")
    assert len(coded) - 12 <= (row.n or 0) < len(coded)


def test_merged_codes_are_found_where_either_is(study: Study, together: Robustness) -> None:
    (merged,) = rows(together, "liberation, recovery as regaining")
    (recovery,) = rows(together, "liberation, recovery as regaining", "recovery")
    (plain,) = rows(together, "main result", "plain")
    assert not rows(together, "liberation, recovery as regaining", "plain")
    assert merged.value == recovery.value == pytest.approx(1 - (plain.value or 0), abs=0.03)
    of_code = next(one for one in together.comparisons if one.code == "recovery")
    assert of_code.most < 0.5 < (merged.value or 0)  # merged codes are something else


def test_nothing_is_left_out_without_a_reason(by_outlet: Robustness, together: Robustness, plain: Study) -> None:
    simple = check_robustness(plain)
    for result in (by_outlet, together, simple):
        assert {row.kind for row in result.figures} - {""} == KINDS
        for row in result.figures:
            assert (row.outcome == "not applicable") == (not row.code) and bool(row.why) >= (not row.code)
    why = {row.variation: row.why for row in simple.figures if row.outcome == "not applicable"}
    assert why == {
        "each article the same": "each article has as many mentions (4)",
        "each copy group the same": "no group has an article and a copy of it",
        "each outlet the same": "each group is of one outlet",
        "own words (wide: copied text too)": "no article is a copy with another originator, so as strict",
        "adjudicated codes": "nothing was adjudicated under this version of the codebook",
        "merged codes": "the codebook merges no codes of wording",
        "without codes": "the codebook names no codes to leave out",
        "headlines alone": "no mention is in a headline",
        "body alone": "no mention is in a headline",
        "each event left out": "no coded span belongs to an event of several texts (slantwise events list finds events)",
        "each outlet left out": "each group is of one outlet",
        "as far as the last revision has it": "each article has one revision; the first is what is drawn and coded",
        "copies from 60% in common (here 75%)": "the copy groups are the same",
        "copies from 90% in common (here 75%)": "the copy groups are the same",
    }


def test_settled_codes_are_a_variation_and_may_be_the_main_result(study: Study, tmp_path: Path) -> None:
    """Also where a span was coded without a draw by one coder, so that it is not settled."""
    copy = Study.open(shutil.copytree(study.folder, tmp_path / "study"))
    adjudicate(copy, "main", by="majority")
    undrawn = sorted(set(true_codes(copy)) - set(copy.draws()["span"]))[:6]
    with copy.store.writing() as connection:  # the round had a smaller frame
        row = connection.execute(select(db.rounds.c.frame, db.round_designs.c.pi).join(db.round_designs)).one()
        kept = [(span, p) for span, p in zip(*map(json.loads, row), strict=True) if span not in undrawn]
        connection.execute(update(db.rounds).values(frame=json.dumps([span for span, _ in kept])))
        connection.execute(update(db.round_designs).values(pi=json.dumps([p for _, p in kept])))
    add_annotations(copy, [{"span": s, "variable": "mention", "code": "none", "coder": "ada"} for s in undrawn])
    (varied,) = rows(check_robustness(copy, by=""), "adjudicated codes")
    settled = check_robustness(copy, by="", reference="adjudicated")
    (main,) = rows(settled, "main result")
    (coders,) = rows(settled, "an average coder's answers")
    copy.close()
    assert (varied.value, varied.n) == (main.value, main.n) and (coders.n or 0) > 2 * (main.n or 0) > 60
    why = {row.variation: row.why for row in settled.figures if row.outcome == "not applicable"}
    assert why["each coder left out"] == "what was settled rests on all coders"


def test_a_code_whose_verdict_fails_has_no_figure(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    fails = FigureVerdict("fails", "no figure: the coders do not agree on liberation")
    right = FigureVerdicts.on
    monkeypatch.setattr(
        FigureVerdicts, "on", lambda self, code, *of: fails if code == "liberation" else right(self, code, *of)
    )
    result = check_robustness(study)
    assert {one.code for one in result.comparisons} == {"plain", "recovery"}
    assert "liberation" not in {row.code for row in result.figures}


def test_of_two_codes_one_is_compared(plain: Study) -> None:
    assert {one.code for one in check_robustness(plain).comparisons} == {"liberation"}


def test_copy_groups_at_another_threshold(study: Study) -> None:
    """At the study's own they are the stored ones; a lower one joins what a higher one divides."""
    articles = study.articles()
    stored = dict(zip(articles["article"], articles["copy_group"], strict=True))
    at = {threshold: copy_groups_at(study, threshold, set(stored)) for threshold in (0.6, 0.75, 0.9)}
    assert at[0.75] == stored
    numbers = [len(set(groups.values())) for groups in at.values()]
    assert numbers == [len(set(stored.values())) - 1, len(set(stored.values())), len(set(stored.values())) + 1]
    assert dict(zip(study.articles()["article"], study.articles()["copy_group"], strict=True)) == stored


def test_larger_copy_groups_whose_folds_have_seen_their_answers_are_left_out(by_outlet: Robustness) -> None:
    (row,) = [row for row in by_outlet.figures if row.variation.startswith("copies from 60%")]
    assert row.outcome == "not applicable" and "folds, whose predictions have seen answers to copies" in row.why
    assert rows(by_outlet, "copies from 90% in common (here 75%)")


def test_events_beyond_the_largest_are_named(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(variations, "MOST_EVENTS", 2)
    result = check_robustness(study, by="")
    more = [row for row in result.figures if row.kind == "an event left out" and row.outcome == "not applicable"]
    assert [row.variation for row in more] == ["3 more events"] and "coded spans" in more[0].why


def test_of_many_groups_each_is_compared_with_the_others(study: Study) -> None:
    result = check_robustness(study, by="period,attribution", target="corpus")
    assert {one.second for one in result.comparisons} <= {"mean of the others", ""}


def test_groups_by_what_is_left_out_have_no_figure_there(study: Study) -> None:
    result = check_robustness(study, by="mention")
    gone = [
        row
        for row in result.figures
        if row.variation == "without background" and "background" in (row.first, row.second)
    ]
    assert gone and {row.outcome for row in gone} <= {"too few codes", "no finding"}
    assert all(row.value is None for row in gone)


BAD = (
    ("merge: {wording: {regaining: [liberation]}}", "a merged code of wording needs two codes or more"),
    ("merge: {tone: {bad: [a, b]}}", "'tone' is not a variable of this codebook"),
    ("without: {mention: [refused]}", "'refused' is not a code of mention"),
    ("without: {mention: [none, change]}", "all codes of mention are named; leave one out"),
)


@pytest.mark.parametrize(("part", "said"), BAD)
def test_a_codebook_that_names_other_codes_is_refused(part: str, said: str) -> None:
    from town_studies import BOOK

    with pytest.raises(BadCodebook, match=re.escape(said)):
        parse(f"{BOOK}robustness: {{{part}}}\n")
    right = parse(f"{BOOK}robustness: {{without: {{mention: [change]}}}}\n")
    assert right.digest == parse(BOOK).digest  # answers and classifiers stay valid


RULED_OUT = (
    "biased",
    "slanted",
    "propaganda",
    "significant",
    "no difference",
    "intention",
    "ignored",
    "silent",
    "effect",
)


def test_the_page_shows_every_variation_and_nothing_from_outside(
    study: Study, by_outlet: Robustness, together: Robustness, tmp_path: Path
) -> None:
    for result in (by_outlet, together):
        html = render_robustness(study, result)
        assert html.count("<h1>") == 1 and not re.search(r"(src|href)=\"(?!#|data:)", html)
        text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL)
        for row in result.figures:
            assert row.variation in text and (row.outcome != "not applicable" or row.why in text)
        assert not [word for word in RULED_OUT if word in text.lower()]
    assert write_robustness_page(study, by_outlet, out=tmp_path / "page.html") == tmp_path / "page.html"
    assert "tentative" in (tmp_path / "page.html").read_text()
    assert write_robustness_page(study, by_outlet).name == "robustness.html"


def test_the_tables_fit_a_terminal(by_outlet: Robustness, together: Robustness) -> None:
    from rich.console import Console

    for result in (by_outlet, together):
        with Console(width=80, record=True, file=StringIO()) as console:
            show(result, console)
        text = console.export_text()
        assert max(map(len, text.splitlines())) <= 80 and "main result" in text and "not applicable here" in text
        assert "headlines alone" in text and "without mira" in text


def test_the_command_prints_json_and_writes_the_page(
    study: Study, by_outlet: Robustness, capsys: pytest.CaptureFixture[str]
) -> None:
    result = vary(study, None, ("outlet",), ("process", "coders"), None)
    finish_robustness(study, result, True, as_json=True)
    said = json.loads(capsys.readouterr().out)
    page = Path(said.pop("page"))
    assert said == json.loads(json.dumps(by_outlet.json()))
    assert page == study.reports / "robustness.html" and "Does it hold?" in page.read_text()
    assert len(by_outlet.table()) == len(by_outlet.figures)


def test_a_page_without_robustness_is_refused(study: Study) -> None:
    refused = slantwise("estimate", "--page", cwd=study.folder)
    assert refused.returncode == 2 and "add --robustness" in refused.stderr
