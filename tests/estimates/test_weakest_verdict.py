"""The weakest verdict: of a figure's variable, its code, the answer that it shows, and each language."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from town_studies import code_round, plant_predictions, town_study

from annotate.agreement.study_verdicts import verdicts
from annotate.estimates.estimate import Estimate, ShareOfGroup, estimate
from annotate.estimates.reliability import FigureVerdicts
from annotate.rounds.draw import draw
from corpus.annotation import Design
from corpus.study import Study
from corpus.study import database as db

OTHER = {"outlet": "quoted", "quoted": "outlet", "plain": "liberation", "liberation": "plain"}


@pytest.fixture(scope="module")
def coded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a study whose two coders agree on 170 spans."""
    study = town_study(tmp_path_factory.mktemp("weakest") / "study", articles=17)
    draw(study, "main", ["mira", "jon"], spans=170, design=Design(by="outlet", no_term=0.0))
    code_round(study, "main")
    plant_predictions(study)
    study.close()
    return study.folder


@pytest.fixture
def study(coded: Path, tmp_path: Path) -> Iterator[Study]:
    copy = Study.open(shutil.copytree(coded, tmp_path / "study"))
    yield copy
    copy.close()


def change(study: Study, variable: str, each: int, outlet: str | None = None, start: int = 0) -> None:
    """Let jon answer a variable otherwise in every so many spans (of an outlet)."""
    t = db.annotations.c
    rows = study.annotations().query(f"variable == '{variable}' and coder == 'jon'").sort_values("span")
    if outlet:
        of = set(study.spans().query(f"outlet == '{outlet}'")["span"])
        rows = rows[rows["span"].isin(of)]
    with study.store.writing() as connection:
        for span, code in rows[["span", "code"]].iloc[start::each].itertuples(index=False, name=None):
            where = (t.span == span) & (t.coder == "jon") & (t.variable == variable)
            connection.execute(update(db.annotations).where(where).values(code=OTHER[code]))


def row(result: Estimate, group: str, code: str = "liberation") -> ShareOfGroup:
    (found,) = [one for one in result.shares if (one.group, one.code) == (group, code)]
    return found


def test_figures_on_which_all_agree_are_relied_on(study: Study) -> None:
    assert {one.verdict for one in estimate(study, by="outlet,attribution").shares} == {"relied on"}


def test_a_derived_answer_that_fails_has_no_figure_and_the_others_stand(study: Study) -> None:
    """The coders agree on the wording, and hardly on whose words it is, so not on liberation in own words."""
    change(study, "attribution", 4)
    assert {one.verdict for one in estimate(study).shares} == {"relied on"}
    judged = FigureVerdicts(study, study.codebook.by_name["wording"], None)
    ours = judged.on("liberation", {"attribution": ("outlet",)}, {""})
    theirs = verdicts(study, {"wording": "liberation", "attribution": "outlet"})[
        "wording=liberation, attribution=outlet"
    ]
    assert ours.verdict == theirs.verdict != "relied on"
    change(study, "attribution", 1)
    with_reason = estimate(study, by="outlet,attribution", override="a trial")
    assert (
        row(with_reason, "Herald, outlet").share is not None and row(with_reason, "Herald, outlet").verdict == "fails"
    )


def test_a_code_that_fails_has_no_figure_and_no_difference(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    from annotate.estimates import reliability

    whole = reliability.FigureVerdicts.on

    def on(self: FigureVerdicts, code: str, *others: object) -> reliability.FigureVerdict:
        failed = reliability.FigureVerdict(
            "fails", "no figure: the coders do not agree on liberation (alpha at most .61)"
        )
        return failed if code == "liberation" else whole(self, code, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(reliability.FigureVerdicts, "on", on)
    result = estimate(study)
    bad, good = row(result, "Herald"), row(result, "Herald", "plain")
    assert (bad.share, bad.low, bad.coded_only, bad.method) == (None, None, None, "none")
    assert "do not agree on liberation" in bad.note and good.share is not None
    assert {one.code for one in result.differences} == {"plain"}


def test_a_language_in_which_coders_do_not_agree_is_the_weakest_of_its_outlets(study: Study) -> None:
    """All outlets together are relied on; the Post writes in another language, and there they do not agree."""
    with study.store.writing() as connection:
        a = db.articles
        connection.execute(update(a).values(language="en"))
        connection.execute(update(a).where(a.c.outlet == "Post").values(language="uk"))
    change(study, "wording", 4, "Post")
    result = estimate(study, override="a trial")
    assert row(result, "Herald").verdict != "fails"
    judged = FigureVerdicts(study, study.codebook.by_name["wording"], None)
    every = verdicts(study, {"wording": "liberation"})
    for languages, expected in (({"en"}, "wording [en]"), ({"en", "uk"}, "wording [uk]")):
        worst = judged.on("liberation", {}, languages).verdict
        assert worst == min((every[name].verdict for name in ("wording", "wording=liberation", expected)),
                            key=("fails", "undefined", "cannot be told yet", "tentative", "relied on").index)  # fmt: skip
    change(study, "wording", 6, "Post", start=1)
    found = judged_again(study).on("liberation", {}, {"uk"})
    assert found.verdict == "fails" and "do not agree on wording in uk (alpha at most" in found.withheld
    assert not judged_again(study).on("liberation", {}, {"en"}).withheld


def judged_again(study: Study) -> FigureVerdicts:
    return FigureVerdicts(study, study.codebook.by_name["wording"], None)


def write_in(study: Study, language: str, articles: int) -> None:
    """Let so many coded articles of the Post be in a language, and all others in English."""
    a = db.articles
    coded = set(study.annotations()["span"].str.partition(":")[0])
    spans = study.spans().query("outlet == 'Post'")
    of_post = spans[spans["span"].str.partition(":")[0].isin(coded)]["article"].unique()
    with study.store.writing() as connection:
        connection.execute(update(a).values(language="en"))
        connection.execute(update(a).where(a.c.id.in_(list(of_post[:articles]))).values(language=language))


def test_what_cannot_be_told_yet_of_few_spans_is_refused_for_a_figure_as_for_a_variable(study: Study) -> None:
    """Of fewer than 50 spans coded twice in a language there is no figure there, unless somebody says why."""
    write_in(study, "uk", 5)
    found = judged_again(study).on("liberation", {}, {"en", "uk"})
    assert found.verdict == "cannot be told yet"
    assert re.search(r"no figure: the reliability of wording in uk cannot be told yet \(1\d spans", found.withheld)
    assert not judged_again(study).on("liberation", {}, {"en"}).withheld
    result = estimate(study)
    assert row(result, "Post").share is None and row(result, "Herald").share is not None
    assert (result.refused, result.override) == ((), None)
    passed = estimate(study, override="the second reader of Ukrainian fell ill")
    assert row(passed, "Post").share is not None and passed.override == "the second reader of Ukrainian fell ill"
    assert "wording in uk cannot be told yet" in passed.refused[0]


def test_a_language_in_which_nothing_was_coded_twice_has_no_figure(study: Study) -> None:
    write_in(study, "en", 0)
    with study.store.writing() as connection:
        a, t = db.articles, db.annotations.c
        post = set(study.spans().query("outlet == 'Post'")["span"])
        connection.execute(update(a).where(a.c.outlet == "Post").values(language="uk"))
        connection.execute(delete(db.annotations).where(t.coder == "jon", t.span.in_(post)))
    result = estimate(study)
    assert row(result, "Post").share is None and row(result, "Post").verdict == "cannot be told yet"
    assert "the reliability of wording in uk cannot be told yet (0 spans" in row(result, "Post").note
    assert row(result, "Herald").share is not None


def test_the_reliability_of_a_code_that_nobody_gave_is_undefined(study: Study) -> None:
    book = study.folder / "codebook.yaml"
    book.write_text(book.read_text().replace("{name: liberation}]", "{name: liberation}, {name: recovery}]"))
    opened = Study.open(study.folder)
    judged = judged_again(opened)
    assert [judged.on(code, {}, {""}).verdict for code in ("plain", "recovery")] == ["relied on", "undefined"]
    opened.close()
