"""Tasks go out and come back whole: escaping, digests, offsets in code points, skips, edits, what is not asked."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import pytest

from annotate.tasks.interface import MARK, MEMO, PASSAGE, SKIP, configuration, hotkeys, instructions
from annotate.tasks.task import ShownPassage, make_task, read_task, show_passage
from corpus.annotation import Assignment, Suggestion
from corpus.attribution.attribution import RULES
from corpus.codebook import Codebook, load, parse
from corpus.span import Span

BOOK = load("territorial-control")
TEXT = "Velo falls\n\nThe 👨‍👩‍👧‍👦 saw 🇺🇦 <b>troops</b> who liberated Velo; $5 & more."
START = TEXT.index("liberated")
SPAN = Span("0feaaab8ee6d-02b22a5b", START, START + 9, "mention")
BLOCK = Span("0feaaab8ee6d-02b22a5b", 12, len(TEXT), "paragraph")
BLIND = Assignment("pilot", SPAN.id, "mira", "blind", 1.0)


def one(layout: str = "unit") -> ShownPassage:
    return show_passage(SPAN if layout == "unit" else BLOCK, TEXT, layout, headline=(0, 10))  # type: ignore[arg-type]


def choice(name: str, *codes: str, **more: Any) -> dict[str, Any]:
    return {
        "id": "r1",
        "from_name": name,
        "to_name": PASSAGE,
        "type": "choices",
        "value": {"choices": [*codes], **more},
    }


def back(layout: str, *annotations: dict[str, Any], book: Codebook = BOOK) -> Any:
    sent = make_task(one(layout), BLIND, book)
    answers = [
        {"completed_by": 7, "updated_at": f"2026-01-0{i + 1}", "lead_time": 3.5, **a} for i, a in enumerate(annotations)
    ]
    exported = json.loads(
        json.dumps({**sent, "id": 1, "annotations": answers, "drafts": [{"result": [choice("mention", "none")]}]})
    )
    return read_task(exported, one(layout), Assignment("pilot", one(layout).span, "mira", "blind", 1.0), book, {7})


def mark(start: int, end: int, text: str, region: str = "r1") -> dict[str, Any]:
    value = {"start": start, "end": end, "text": text, "labels": ["marked"]}
    return {"id": region, "from_name": MARK, "to_name": PASSAGE, "type": "labels", "value": value}


def test_the_passage_is_escaped_the_unit_marked_and_the_headline_not_shown_twice() -> None:
    assert one().content == (
        '<div dir="auto">The 👨‍👩‍👧‍👦 saw 🇺🇦 &lt;b&gt;troops&lt;/b&gt; who <mark>liberated</mark> Velo; $5 &amp; more.</div>'
    )
    assert one().headline == "Velo falls"
    inside = show_passage(Span(SPAN.revision, 5, 10, "mention"), TEXT, "unit", headline=(0, 10))
    assert inside.headline == "" and inside.content == '<div dir="auto">Velo <mark>falls</mark></div>'


def test_a_suggestion_is_in_an_assisted_task_only_and_only_for_what_it_lets_be_asked() -> None:
    found = {
        "mention": Suggestion(SPAN.id, "mention", "m1", {"none": 0.2, "change": 0.8}),
        "wording": Suggestion(SPAN.id, "wording", "m1", {"plain": 0.3, "liberation": 0.7}),
        "speaker": Suggestion(SPAN.id, "speaker", "m1", {"third": 1.0}),
    }
    assert "predictions" not in make_task(one(), BLIND, BOOK, found)
    (prediction,) = make_task(one(), Assignment("pilot", SPAN.id, "mira", "assisted", 0.5), BOOK, found)["predictions"]
    assert {r["from_name"]: r["value"]["choices"] for r in prediction["result"]} == {
        "mention": ["change"], "wording": ["liberation"],
    }  # fmt: skip
    assert (prediction["model_version"], prediction["score"]) == ("m1", 0.7)


def test_the_attribution_by_rule_is_suggested_alone_or_beside_the_models_answers() -> None:
    assisted = Assignment("pilot", SPAN.id, "mira", "assisted", 0.5)
    ruled = {"attribution": Suggestion(SPAN.id, "attribution", RULES, {"direct": 1.0})}
    (alone,) = make_task(one(), assisted, BOOK, ruled)["predictions"]
    assert [(r["from_name"], r["value"]["choices"]) for r in alone["result"]] == [("attribution", ["direct"])]
    assert alone["model_version"] == RULES and "predictions" not in make_task(one(), BLIND, BOOK, ruled)
    modelled = {"mention": Suggestion(SPAN.id, "mention", "m1", {"change": 1.0})} | ruled
    (beside,) = make_task(one(), assisted, BOOK, modelled)["predictions"]
    assert [r["from_name"] for r in beside["result"]] == ["mention", "attribution"] and beside["model_version"] == "m1"
    not_asked = {"mention": Suggestion(SPAN.id, "mention", "m1", {"none": 1.0})} | ruled
    assert [r["from_name"] for r in make_task(one(), assisted, BOOK, not_asked)["predictions"][0]["result"]] == [
        "mention"
    ]


def test_answers_come_back_and_what_is_not_asked_after_them_is_left() -> None:
    done = back(
        "unit",
        {
            "result": [
                choice("mention", "none"),
                choice("wording", "plain"),
                {"from_name": MEMO, "type": "textarea", "value": {"text": ["hard"]}},
            ]
        },
    )
    assert [(one.variable, one.codes, one.memo, one.seconds) for one in done.given] == [
        ("mention", ("none",), "hard", 3.5)
    ]
    assert done.outcome.state == "answered" and done.faults == []


@pytest.mark.parametrize(
    ("annotations", "state", "reason"),
    [
        ([{"result": [choice(SKIP, "distressing")]}], "skipped", "distressing"),
        ([{"result": [], "was_cancelled": True}], "skipped", ""),
        ([{"result": []}], "empty", ""),
    ],
)
def test_skips_empty_answers_and_no_answer_are_three_things(
    annotations: list[dict[str, Any]], state: str, reason: str
) -> None:
    done = back("unit", *annotations)
    assert (done.outcome.state, done.outcome.reason, done.given) == (state, reason, [])
    assert back("unit").outcome is None


def test_marks_become_spans_of_the_revision_in_code_points() -> None:
    block = one("highlight").content
    start = block.index("liberated")
    answers = [
        choice(name, code, start=start, end=start + 9, text="liberated")
        for name, code in (("mention", "change"), ("wording", "liberation"))
    ]
    done = back("highlight", {"result": [mark(start, start + 9, "liberated"), *answers]})
    assert {one.span for one in done.given} == {SPAN.id}
    assert {one.variable: one.codes for one in done.given} == {"mention": ("change",), "wording": ("liberation",)}
    assert back("highlight", {"result": []}).outcome.state == "answered"  # read, and nothing marked


def test_a_mark_whose_words_and_offsets_differ_is_refused_and_not_repaired() -> None:
    block = one("highlight").content
    start = block.index("liberated")
    utf16 = len(block[:start].encode("utf-16-le")) // 2
    assert utf16 != start
    done = back("highlight", {"result": [mark(utf16, utf16 + 9, "liberated")]})
    assert done.given == [] and "must mark it again" in done.faults[0]
    assert "is outside its passage" in back("highlight", {"result": [mark(5, 9999, "x")]}).faults[0]


def test_another_text_another_person_and_another_variable_are_faults() -> None:
    sent = make_task(one(), BLIND, BOOK) | {
        "id": 1,
        "annotations": [{"completed_by": {"id": 9}, "result": [choice("mention", "none")]}],
    }
    assert "another account (9)" in read_task(sent, one(), BLIND, BOOK, {7}).faults[0]
    assert read_task(sent, one(), BLIND, BOOK).given[0].codes == ("none",)
    sent["data"]["sw_html"] += " "
    changed = read_task(sent, one(), BLIND, BOOK)
    assert not changed.trusted and changed.outcome is None
    assert (
        "'tone' is not a variable"
        in back("unit", {"result": [choice("tone", "x"), choice("mention", "none")]}).faults[0]
    )


def test_the_screen_has_every_question_code_and_key_of_the_codebook() -> None:
    """Its names are valid ones."""
    for layout in ("unit", "highlight"):
        root = ElementTree.fromstring(configuration(BOOK, layout, sides={"side-a": "North & <b>"}))  # type: ignore[arg-type]
        names = [e.get("name") for e in root.iter() if e.get("name")]
        assert len(names) == len(set(names)) and {v.name for v in BOOK.variables} <= set(names)
        codes = {(c.get("name"), code.get("value")) for c in root.iter("Choices") for code in c.iter("Choice")}
        assert {(v.name, name) for v in BOOK.variables for name in v.code_names} <= codes
        assert any("North &amp; &lt;b&gt;" in (code.get("html") or "") for code in root.iter("Choice"))
    keys = hotkeys(BOOK)
    assert len(set(keys.values())) == len(keys) and keys["wording", "liberation"] == "l"
    shown_when = {v.get("whenTagName"): v.get("whenChoiceValue") for v in root.iter("View") if v.get("whenTagName")}
    assert shown_when["attribution"] == "marked,direct,indirect"
    assert BOOK.warning.split(".")[0] in instructions(BOOK) and "<script" not in instructions(BOOK)


def test_words_of_a_codebook_are_inert_on_the_screen() -> None:
    book = parse(
        "name: x\nversion: 1\nunit: sentence\nvariables:\n- {name: cost, question: 'Over $sw_span or <b>$5</b>?', "
        "codes: [{name: yes1, label: '<img src=x onerror=1>'}, {name: no1, definition: '\"quoted\" & more'}]}"
    )
    root = ElementTree.fromstring(configuration(book))
    assert "$sw_span" not in "".join(
        e.get("value", "") for e in root.iter("Header") if e.get("value") not in ("$sw_place", "$sw_headline")
    )
    assert "&lt;img" in next(root.iter("Choice")).get("html", "")
