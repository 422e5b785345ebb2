"""The report: its numbers are the frames', it escapes what others wrote, and it can be read in a browser."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import exports
import pytest
from evaluations import small_evaluation
from stores import code as code_one
from stores import study_in, write
from town_studies import code_round, town_study, true_codes

from annotate.adjudication.adjudicate import store_adjudications
from annotate.report import write as write_report
from annotate.report.parts.judged_spans import JudgedSpan
from annotate.report.parts.reading_view import MOST_ARTICLES, cut_paragraphs
from annotate.report.study_page import render_report
from annotate.rounds.draw import draw
from corpus.annotation import Adjudication, Design
from corpus.annotations.rows import add_annotations
from corpus.articles.ingest import add
from corpus.codebook import read_yaml
from corpus.example import NEW_OUTLET, create_example
from corpus.span import Span
from corpus.study import Study
from corpus.study import database as db
from corpus.study.counting import select_answers, span_codes

MODEL = "test-1"
EVALUATION = small_evaluation()


def suggest(study: Study, spans: list[str], wanted: dict[str, str]) -> None:
    """Store suggestions that give a code four fifths, for the variables named."""
    rows = []
    for span in spans:
        for variable, code in wanted.items():
            names = study.codebook.by_name[variable].code_names
            rest = 0.2 / (len(names) - 1)
            odds = json.dumps({name: 0.8 if name == code else rest for name in names})
            rows.append({"span": span, "variable": variable, "model": MODEL, "fold": "", "probabilities": odds})
    with study.store.writing() as connection:
        db.put(connection, db.suggestions, rows)
        db.set_meta(connection, "model", MODEL)


def even_shares(study: Study) -> Any:
    """Return a function that gives each word of a span the same share, its last word a negative one."""
    texts = dict(study.articles()[["revision", "text"]].itertuples(index=False))

    def shares(spans: list[str]) -> dict[str, list[tuple[int, int, float]]]:
        found: dict[str, list[tuple[int, int, float]]] = {}
        for span in map(Span.from_id, spans):
            for word in re.compile(r"\w+").finditer(texts[span.revision], span.start, span.end):
                found.setdefault(span.id, []).append((*word.span(), -0.5 if word.end() == span.end else 0.5))
        return found

    return shares


@pytest.fixture(scope="module")
def marn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    study = create_example(tmp_path_factory.mktemp("report") / "marn")
    spans = study.spans()
    new = spans[(spans["unit"] == "mention") & (spans["outlet"] == NEW_OUTLET)]["span"].tolist()
    suggest(study, new[:10], {"mention": "change", "wording": "liberation", "attribution": "outlet"})
    suggest(study, new[10:13], {"mention": "none", "wording": "plain"})
    yield study
    study.store.close()


@pytest.fixture(scope="module")
def html(marn: Study) -> str:
    return render_report(marn, shares=even_shares(marn), evaluation=EVALUATION)


class Bars(HTMLParser):
    """The counts of the bars: {(outlet, state, code): count}."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.counts: Counter[tuple[str, str, str]] = Counter()
        self._outlet = self._state = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self._outlet = found.get("data-outlet", self._outlet)
        self._state = found.get("data-state", self._state)
        if "data-count" in found:
            self.counts[self._outlet, self._state, found["data-code"]] += int(found["data-count"])


def test_the_bars_show_the_majority_of_each_spans_blind_answers(marn: Study, html: str) -> None:
    answers = marn.annotations()
    answers = answers[answers["variable"].isin(["mention", "wording"])]
    expected: Counter[tuple[str, str, str]] = Counter()
    for _, rows in answers.groupby("span"):
        wording = rows[rows["variable"] == "wording"]["code"].tolist()
        votes = Counter(wording + ["not asked"] * (rows["coder"].nunique() - len(wording))).most_common()
        code = "(divided)" if len(votes) > 1 and votes[0][1] == votes[1][1] else votes[0][0]
        if code != "not asked":
            expected[rows["outlet"].iloc[0], "coded", code] += 1
    expected[NEW_OUTLET, "suggested", "liberation"] = 10  # and not the three that are suggested as no mention
    assert Bars(html).counts == expected


def test_the_page_names_what_is_simulated(html: str) -> None:
    note = html[html.index('id="simulated"') :].partition("</div>")[0]
    assert "a test of the software" in note and "simulated-1 and simulated-2" in note


def test_counts_copies_and_sides_are_called_by_their_names(html: str) -> None:
    assert "These are counts, not estimates." in html
    assert "5 of the 50 articles belong to 2 copy groups" in html
    assert "side-a is Orsenia, side-b is Talvia." in html and '["side-a","Orsenia","c0"]' in html
    assert "biased outlet" not in html


def test_an_evaluation_is_shown_beside_its_baselines(html: str) -> None:
    row = html[html.index('<th scope="row">Free Marn</th><td class="n">87</td>') :].partition("</tr>")[0]
    assert re.findall(r">(\d\.\d\d(?: to \d\.\d\d)?)<", row) == ["0.71", "0.61 to 0.80", "0.50"]


def test_the_same_study_gives_the_same_page(marn: Study, html: str) -> None:
    assert render_report(marn, shares=even_shares(marn), evaluation=EVALUATION) == html


def test_the_report_is_written_with_the_evaluation_kept_last(example_study: Study, tmp_path: Path) -> None:
    page = write_report(example_study)
    assert page.json() == {"report": str(example_study.reports / "report.html")}
    assert "was not measured on this page" in page.report.read_text(encoding="utf-8")
    EVALUATION.write(example_study.reports)
    for kept in (write_report(example_study, output=str(tmp_path / "r.html")), write_report(example_study)):
        assert "mean of the outlets" in kept.report.read_text(encoding="utf-8")
    assert (tmp_path / "r.html").is_file()


def test_the_page_asks_for_nothing_outside_itself(html: str) -> None:
    without_links = re.sub(r'<a href="https?://[^"]*"', "<a", html)
    head, _, rest = without_links.partition('<script type="application/json"')
    assert not re.findall(r"(?:src|href|action|url)\s*[=(]\s*[\"']?\s*(?!#|data:)[\w/]", head)
    assert "@import" not in head and "fetch(" not in rest


def test_terms_and_outlets_can_be_chosen(marn: Study) -> None:
    found = data(render_report(marn, terms=["dam", "bridge*"], outlets=("Free Marn", "Lantry Courier")), "kwic-data")
    assert [term for term, _ in found["terms"]] == ["dam", "bridge*"]
    assert found["pair"] == ["Free Marn", "Lantry Courier"]


def test_an_empty_study_gives_a_page(tmp_path: Path) -> None:
    html = render_report(Study.create(tmp_path / "new", read_yaml("territorial-control"), name="New"))
    assert "The study has no articles yet." in html and 'id="simulated"' not in html


HOSTILE = "Velo falls </script><script>alert(1)</script>\n\nNorthland <b>took</b> Velo 🙂, & “liberated” it.\n"


def hostile(folder: Path) -> Study:
    study = Study.create(folder / "s", read_yaml("territorial-control"), name="<script>alert(1)</script>")
    (folder / "a.txt").write_text(HOSTILE, encoding="utf-8")
    (folder / "m.csv").write_text(
        'file,outlet,title,url\na.txt,"<i>Herald</i>",<script>alert(1)</script>,javascript:0\n'
    )
    add(study, [folder / "a.txt"], manifest=folder / "m.csv")
    return study


def test_titles_texts_and_outlets_are_escaped(tmp_path: Path) -> None:
    html = render_report(hostile(tmp_path))
    assert "<script>alert" not in html and "<i>Herald" not in html and "<b>took" not in html
    assert 'href="javascript' not in html
    assert html.count("</script>") == 3  # two blocks of data and the page's own script


def test_of_a_licensed_text_only_headline_and_passages_are_printed(tmp_path: Path) -> None:
    """The passages are those of its spans."""
    study = study_in(tmp_path / "licensed")
    lines = ("Nobody in Karsk replied.", "Northland took Velo at dawn.", "The bridge was closed.")
    content = exports.docx([*exports.UNI[:8], *lines, *exports.UNI[-5:]])
    add(study, [write(tmp_path, {"a.docx": content}) / "a.docx"])
    code_one(study, "took")
    html = render_report(study)
    assert "Velo falls after nine days" in html and "licensed text: headline and passages only" in html
    assert "Northland <mark" in html.replace("\n", "") and [line in html for line in lines] == [False] * 3


def test_hostile_text_is_inert_and_its_smileys_move_no_mark(tmp_path: Path, chromium: Any) -> None:
    study = hostile(tmp_path)
    suggest(study, study.spans().query("text == 'liberated'")["span"].tolist(), {"wording": "liberation"})
    with opened(chromium, tmp_path, render_report(study)) as (tab, said):
        assert tab.locator("h1").inner_text() == "<script>alert(1)</script>"
        assert tab.locator("article.open mark").inner_text() == "liberated"
    assert said == []


def test_sentences_of_a_codebook_without_terms_give_a_page(tmp_path: Path) -> None:
    study = Study.create(tmp_path / "s", read_yaml("lexical-bias"), name="Sentences")
    (tmp_path / "a.txt").write_text("Fees rise\n\nThe council raised the fee. It shamelessly squeezed families.")
    add(study, [tmp_path / "a.txt"], outlet="Herald")
    suggest(study, study.spans().query("unit == 'sentence'")["span"].tolist(), {"bias": "biased"})
    html = render_report(study, shares=even_shares(study))
    assert Bars(html).counts == {("Herald", "suggested", "biased"): 2}
    assert "There are no contested terms to show" in html


def test_a_large_study_shows_only_some_articles_with_spans(tmp_path: Path) -> None:
    study = Study.create(tmp_path / "s", read_yaml("territorial-control"), name="Large")
    with study.store.writing() as connection:
        db.put(connection, db.outlets, [{"name": outlet} for outlet in ("Herald", "Courier")])
        for number in range(MOST_ARTICLES + 50):
            article = {"id": f"{number:012x}", "outlet": "Herald" if number < 230 else "Courier", "key": str(number)}
            revision = {"id": f"{number:012x}-00000000", "article": article["id"], "number": 0}
            span = Span(str(revision["id"]), 10, 14, "mention")
            place = {"id": span.id, "revision": span.revision, "unit": span.unit, "start": 10, "end": 14}
            db.put(connection, db.articles, [article])
            db.put(connection, db.revisions, [{**revision, "text": "Northland took Velo.", "digest": "", "reason": ""}])
            db.put(connection, db.spans, [place])
        db.set_meta(connection, "splitter", study.splitting_recipe)
    suggest(study, study.spans()["span"].tolist()[:-5], {"wording": "plain"})
    html = render_report(study)
    assert f"{MOST_ARTICLES} of {MOST_ARTICLES + 50} articles" in html
    assert html.count("<article ") == MOST_ARTICLES and html.count('<article data-outlet="Courier"') == 20


def test_overlapping_spans_keep_every_letter_and_the_inner_one_wins() -> None:
    spans = [JudgedSpan(str(n), "a", "o", "mention", *place) for n, place in enumerate([(0, 9), (3, 6), (5, 12)])]
    marks = [(number, span, "coded c0", "L") for number, span in enumerate(spans)]
    [paragraph] = cut_paragraphs("abcdefghijklmno", {}, marks, {"1": [(3, 5, 0.2), (5, 6, -0.1)]})
    assert [(piece.mark, "".join(part.text for part in piece.parts)) for piece in paragraph.pieces] == [
        (0, "abc"), (1, "de"), (1, "f"), (2, "ghi"), (2, "jkl"), (None, "mno"),
    ]  # fmt: skip
    assert [part.strength for piece in paragraph.pieces[1:3] for part in piece.parts] == [1.0, 0.5]


@contextmanager
def opened(browser: Any, folder: Path, html: str, width: int = 1280) -> Iterator[tuple[Any, list[str]]]:
    """Open a page and note what it says or asks for: console, errors, dialogs, requests."""
    file = folder / "report.html"
    file.write_text(html, encoding="utf-8")
    context, said = browser.new_context(viewport={"width": width, "height": 900}), []
    tab = context.new_page()
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    tab.on("request", lambda request: said.append(request.url) if request.url != file.as_uri() else None)
    tab.goto(file.as_uri())
    yield tab, said
    context.close()


def test_a_mentions_code_is_read_by_click_and_by_keyboard(html: str, chromium: Any, tmp_path: Path) -> None:
    with opened(chromium, tmp_path, html) as (tab, said):
        tab.locator("#read-outlet").select_option("The Harbour Post")
        marks = tab.locator("article.open mark[tabindex]")
        wording = tab.locator("#panel [data-variable=wording]")
        letters = [marks.nth(i).get_attribute("data-tag") for i in range(marks.count())]
        asked = [i for i, letter in enumerate(letters) if letter in list("LRACOP")]
        marks.nth(asked[0]).click()
        details = data(html, "detail-data")
        detail = details["marks"][int(marks.nth(asked[0]).get_attribute("data-mark"))]
        focus = [variable["name"] for variable in details["variables"]].index("wording")
        assert (
            f"wording: {detail['variables'][focus]['code']}" in wording.inner_text()
            and "authors: " in wording.inner_text()
        )
        assert f"characters {detail['from']} to {detail['to']}" in tab.locator("#panel").inner_text()
        tab.keyboard.press("Tab")
        assert tab.evaluate("document.activeElement.tagName") == "MARK"
        words = tab.evaluate("document.activeElement.textContent")
        assert tab.locator("#panel h3").inner_text() == f"“{words}”"
        tab.keyboard.press("Escape")
        assert "Choose a marked stretch" in tab.locator("#panel").inner_text()
        tab.keyboard.press("Enter")
        assert tab.locator("#panel h3").inner_text() == f"“{words}”"
        tab.locator("#read-outlet").select_option(NEW_OUTLET)
        some = tab.locator("#read-article option").filter(has_not_text="(0 marked)").first
        tab.locator("#read-article").select_option(some.get_attribute("value"))
        tab.locator("article.open mark.suggested").first.click()
        assert "80 %" in wording.inner_text() and "suggested by the classifier" in tab.locator("#panel").inner_text()
        assert tab.locator("article.open mark.suggested .w").count() > 0
    assert said == []


def test_words_stand_side_by_side_and_lead_to_their_article(html: str, chromium: Any, tmp_path: Path) -> None:
    with opened(chromium, tmp_path, html) as (tab, said):
        tab.locator("#term").select_option("liberat*")
        tab.locator("#one").select_option("Free Marn")
        hits = tab.locator("#one-lines li")
        assert hits.count() == len(data(html, "kwic-data")["lines"]["liberat*"]["Free Marn"]["rows"])
        assert all(match.lower().startswith("liberat") for match in tab.locator("#one-lines .match").all_inner_texts())
        title = hits.first.locator("button").inner_text()
        hits.first.locator("button").click()
        assert title in tab.locator("#read-article option:checked").inner_text()
    assert said == []


def test_on_a_phone_nothing_scrolls_sideways(html: str, chromium: Any, tmp_path: Path) -> None:
    with opened(chromium, tmp_path, html, width=390) as (tab, said):
        tab.locator("article.open mark[tabindex]").first.click()
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390
        assert tab.locator("#panel .close").is_visible()
        lefts = {tab.locator(f"#{side}-lines").bounding_box()["x"] for side in ("one", "other")}
        assert len(lefts) == 1  # the columns stack
    assert said == []


def test_print_shows_bars_and_hides_controls(html: str, chromium: Any, tmp_path: Path) -> None:
    with opened(chromium, tmp_path, html) as (tab, _):
        tab.emulate_media(media="print")
        assert not tab.locator("#term").is_visible() and not tab.locator("#panel").is_visible()
        assert tab.locator(".bar").first.is_visible()
        assert tab.locator(".bar > span").first.evaluate("e => getComputedStyle(e).printColorAdjust") == "exact"


def data(html: str, id: str) -> Any:
    """Return one of the page's blocks of data."""
    return json.loads(html.partition(f'<script type="application/json" id="{id}">')[2].partition("</script>")[0])


def test_an_adjudicated_span_shows_its_code_and_an_undecided_one_is_divided(tmp_path: Path) -> None:
    """Decisions of pilots do not count, and what is decided may end a span's questions."""
    study, spans = town_study(tmp_path / "towns", articles=2), []
    for span, codes in true_codes(study).items():
        if codes["mention"] == ("change",) and len(spans) < 5:
            spans.append(span)
    rows = [
        {"span": span, "coder": coder, "variable": name, "code": code}
        for span in spans
        for coder, wording in (("mira", "plain"), ("jon", "liberation"))
        for name, code in {"mention": "change", "wording": wording, "attribution": "outlet"}.items()
    ]
    assert add_annotations(study, rows).refusals == []
    draw(study, "try-out", ["mira"], spans=2, purpose="pilot")

    def decide(span: str, variable: str, code: str, round: str = "") -> None:
        store_adjudications(study, round, {span: [Adjudication(round, span, variable, (code,), "lea", "1")]})

    decide(spans[0], "wording", "liberation")
    decide(spans[1], "mention", "none")
    decide(spans[2], "wording", "liberation", "try-out")
    html = render_report(study)
    shown: Counter[str] = Counter()
    for (_, state, code), n in Bars(html).counts.items():
        shown[code] += n * (state == "coded")
    assert shown == {"liberation": 1, "(divided)": 3}
    assert "2 spans show their adjudicated code." in html and "the adjudicated code, else the answer most" in html
    counted = span_codes(study, "wording")
    assert [counted.get(span) for span in spans] == ["liberation", None, *["(divided)"] * 3]


def test_a_pilot_that_trains_the_classifier_is_in_no_bar(tmp_path: Path) -> None:
    study = town_study(tmp_path / "towns", articles=3)
    for name, purpose in (("try-out", "pilot"), ("main", "main")):
        draw(study, name, ["mira", "jon"], spans=6, purpose=purpose, design=Design(no_term=0))  # type: ignore[arg-type]
        code_round(study, name)
    study.use("rounds", ["try-out"])
    html = render_report(study)
    asked = select_answers(study, "main").frame.query("variable == 'wording'")["span"].nunique()
    assert sum(Bars(html).counts.values()) == asked
    practice = len(select_answers(study, "try-out").frame)
    assert f"Left out are {practice} answers of pilots, training and audits (try-out)." in html
    assert "imports without a round (main)" in html
