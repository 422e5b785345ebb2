"""Codebooks: those that ship hold together, and a broken one is refused with its line and what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from corpus.codebook import load, parse, read_yaml, shipped
from corpus.errors import BadCodebook, UnknownCode
from corpus.text.terms import first_matching_code, mention_candidates

BOOK = """\
name: valley
version: 1.0
unit: mention
mention:
  terms: [took, liberat*]
variables:
  - name: wording
    question: Which wording?
    codes:
      - {name: plain, hotkey: p}
      - {name: liberation, hotkey: l}
      - {name: none}
  - name: seen
    question: What did you notice?
    kind: multiple
    asked_when: {wording: [plain, liberation]}
    codes: [{name: quote}, {name: irony}, {name: number}]
  - name: whose
    question: Whose irony?
    asked_when:
      seen: [irony]
    codes: [{name: outlet}, {name: source}]
focus: wording
examples:
  - {text: "Northland *took* Velo.", codes: {wording: plain, seen: quote|number}}
  - text: "It *“liberated”* Velo."
    codes: {wording: liberation, seen: quote|irony, whose: outlet}
  - {text: "It *took* a while.", codes: {wording: none}}
"""


# those that ship


@pytest.mark.parametrize("name", ["kinds-of-bias", "lexical-bias", "stance-present", "territorial-control"])
def test_a_shipped_codebook_loads_and_its_examples_obey_it(name: str) -> None:
    book = load(name)
    assert book.name == name
    assert [example.text for example in book.examples if book.problem_with(example.answers)] == []
    given = {(variable, code) for example in book.examples for variable, code in example.codes.items()}
    asked = {(variable.name, code) for variable in book.variables for code in variable.code_names}
    assert given == asked  # each code has an example


def test_no_other_codebook_ships() -> None:
    assert shipped() == ["kinds-of-bias", "lexical-bias", "stance-present", "territorial-control", "ukraine-crisis"]


def test_the_scales_of_the_ukraine_crisis_are_in_order() -> None:
    book = load("ukraine-crisis")
    assert {variable.level for variable in book.variables} == {"ordinal"}
    assert book.by_name["framing-west"].code_names == ("minus-2", "minus-1", "0", "plus-1", "plus-2")


def test_the_terms_find_the_unit_of_every_example_of_territorial_control() -> None:
    book = load("territorial-control")
    missed = []
    for example in book.examples:
        before, unit, after = example.text.split("*")
        if (len(before), len(before) + len(unit)) not in mention_candidates(book.mention_terms, before + unit + after):
            missed.append(example.text)
    assert missed == []


def test_the_term_rule_of_territorial_control_codes_its_examples_wording() -> None:
    book = load("territorial-control")
    rule = [(code.name, code.terms) for code in book.focus_variable.codes]
    asked = [example for example in book.examples if "wording" in example.codes]
    wrong = [example.text for example in asked if first_matching_code(rule, example.unit) != example.codes["wording"]]
    assert wrong == ["Velo's *control* is disputed."]  # no wording's term: nothing but a candidate


def test_territorial_control_leads_with_its_wording() -> None:
    book = load("territorial-control")
    assert (book.focus_variable.name, load("lexical-bias").focus_variable.name) == ("wording", "bias")
    assert [v.name for v in book.variables if v.is_asked({"mention": ("none",)})] == ["mention"]
    assert [v.name for v in book.variables if v.is_asked({"mention": ("change",), "attribution": ("direct",)})] == [
        v.name for v in book.variables
    ]


# broken ones


def test_the_codebook_that_the_next_tests_break_is_whole() -> None:
    book = parse(BOOK)
    assert (book.name, book.version, book.unit, book.mention_terms) == (
        "valley",
        "1.0",
        "mention",
        ("took", "liberat*"),
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("name: wording", "name: [wording", 8, "this is not YAML .*; check indents, colons and quotes"),
        ("version: 1.0", "\tversion: 1.0", 2, "this is not YAML .*; check indents"),
        ("hotkey: p}", "hotkeys: p}", 10, "variables.0.codes.0.hotkeys: there is no such field; check its spelling"),
        ("focus: wording", "fokus: wording", 23, "fokus: there is no such field; check its spelling"),
        ("{name: none}", "{name: plain}", 12, "wording has two codes named 'plain'; rename one"),
        ("{name: none}", "{name: none, hotkey: p}", 12, "hotkey 'p' is already used by wording plain"),
        ("{name: quote}", "{name: quote, hotkey: l}", 17, "hotkey 'l' is already used by wording liberation"),
        ("hotkey: l", "hotkey: ll", 11, "should have at most 1 character"),
        ("name: seen", "name: wording", 13, "there are two variables named 'wording'; rename one"),
        ("{wording: [plain", "{tone: [plain", 16, "seen depends on 'tone', which is not an earlier variable"),
        ("{wording: [plain", "{seen: [plain", 16, "seen depends on 'seen', which is not an earlier variable"),
        ("[plain, liberation]", "[plain, freedom]", 16, "seen depends on 'freedom', not a code of wording"),
        ("seen: [irony]", "seen: [ironies]", 21, "whose depends on 'ironies', not a code of seen"),
        ("focus: wording", "focus: tone", 23, "'tone' is not a variable; expected one of wording, seen, whose"),
        ("wording: none}", "wording: nothing}", 28, "“It \\*took\\* a while.”: 'nothing' is not a code of wording"),
        ("wording: none}", "tone: none}", 28, "'tone' is not a variable of this codebook"),
        ("wording: none}", "wording: none, seen: quote}", 28, "seen is not asked after these answers"),
        (", seen: quote|irony, whose: outlet", "", 26, "seen must be answered after these answers"),
        ("quote|irony, whose: outlet", "quote|irony", 26, "whose must be answered after these answers"),
        ("quote|number", "quote|numbers", 25, "'numbers' is not a code of seen .*; the nearest is 'number'"),
        ("plain, seen: quote", "plain|none, seen: quote", 25, "wording takes one code, found 2: plain, none"),
        ("*took* a while", "took a while", 28, "examples.2.text: String should match pattern"),
        ("mention:\n  terms: [took, liberat*]\n", "", 3, "`unit: mention` needs the terms to search for; add"),
        ("[took, liberat*]", "[]", 5, "mention.terms: .* at least 1 item"),
        ("[took, liberat*]", '[took, "*"]', 5, "mention.terms.1: '\\*' is not a term; it needs a letter"),
        ("[took, liberat*]", '[took, ""]', 5, "'' is not a term; it needs a letter"),
        ("unit: mention", "unit: clause", 3, "'clause' is not a unit; expected one of article, headline"),
        ("name: liberation,", "name: a=b,", 11, "'a=b' is not a name; expected letters from A to Z, digits"),
        ("[{name: outlet}, {name: source}]", "[{name: outlet}]", 22, "at least 2 items"),
        ("name: valley\n", "", 1, "name: Field required"),
        ("version: 1.0", "version: two", 2, "version: 'two' is not a version; expected numbers with points"),
    ],
)  # fmt: skip
def test_a_broken_codebook_is_refused_with_its_line_and_what_to_do(old: str, new: str, line: int, said: str) -> None:
    assert BOOK.count(old) == 1
    with pytest.raises(BadCodebook) as refused:
        parse(BOOK.replace(old, new), "codebook.yaml")
    assert re.match(rf"codebook\.yaml, line {line}\b.*{said}", str(refused.value)), str(refused.value)


SCALE = """\
name: tone
version: 1.0
unit: sentence
variables:
  - name: tone
    level: interval
    question: How hostile?
    codes: [{name: calm, value: 0}, {name: sharp, value: 1.5}, {name: hostile, value: 4}]
  - name: doubt
    level: ordinal
    question: How sure are you?
    codes: [{name: none}, {name: some}]
"""


def test_a_variable_may_declare_an_order_and_distances() -> None:
    book = parse(SCALE)
    assert [(v.level, [code.value for code in v.codes]) for v in book.variables] == [
        ("interval", [0, 1.5, 4]),
        ("ordinal", [None, None]),
    ]
    assert {variable.level for variable in load("territorial-control").variables} == {"nominal"}


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("level: interval", "level: ratio", 6, "Input should be 'nominal', 'ordinal' or 'interval'"),
        ("value: 1.5", "value: 5", 6, "tone is an interval scale; each code needs a value .*, in increasing order"),
        (", value: 1.5", "", 6, "tone is an interval scale; each code needs a value"),
        ("value: 1.5", "value: .inf", 8, "Input should be a finite number"),
        ("level: interval", "level: ordinal", 6, "tone has values but `level: ordinal`; expected `level: interval`"),
        ("    level: interval\n", "", 5, "tone has values but `level: nominal`; expected `level: interval`"),
        ("level: ordinal", "level: ordinal\n    kind: multiple", 10, "doubt takes several codes, which have no order"),
    ],
)  # fmt: skip
def test_an_order_that_does_not_hold_is_refused_with_its_line(old: str, new: str, line: int, said: str) -> None:
    assert SCALE.count(old) == 1
    with pytest.raises(BadCodebook) as refused:
        parse(SCALE.replace(old, new), "codebook.yaml")
    assert re.match(rf"codebook\.yaml, line {line}\b.*{said}", str(refused.value)), str(refused.value)


def test_every_fault_is_said_at_once() -> None:
    broken = BOOK.replace("hotkey: p", "hotkeys: p").replace("kind: multiple", "kind: several")
    with pytest.raises(BadCodebook) as refused:
        parse(broken)
    assert [line.partition(",")[2].partition(":")[0] for line in str(refused.value).splitlines()] == [
        " line 10, variables.0.codes.0.hotkeys",
        " line 15, variables.1.kind",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected `name:`, `version:`, `unit:` and `variables:`"),
        ("- a\n- b", "expected `name:`"),
        ("name: 2024-13-45", "line 1, version: Field required"),
        ("[" * 500, "its brackets are nested too deeply"),
        ("a: !!python/object/apply:os.getcwd []", "line 1: this is not YAML (could not determine a constructor"),
        ("a: 1\n---\nb: 2", "line 2: this is not YAML (but found another document)"),
        ("name: x\nunit: mention\nname: y", "line 3: 'name' occurs twice, and only the last would count"),
        ("codes:\n  - {name: x}\n  - name: y\n    name: z", "line 4: 'name' occurs twice"),
    ],
)
def test_what_is_no_codebook_at_all_is_refused(text: str, said: str) -> None:
    with pytest.raises(BadCodebook, match=re.escape(said)):
        parse(text)


def test_a_codebook_is_found_by_its_shipped_name_or_its_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("\ufeff" + BOOK)
    assert load(str(file)) == parse(BOOK)
    assert read_yaml("lexical-bias").startswith("# Lexical bias")
    with pytest.raises(BadCodebook, match="there is no codebook 'lexical'; expected a file, or one of kinds-of-bias"):
        load("lexical")
    file.write_bytes(BOOK.encode("utf-16"))
    with pytest.raises(BadCodebook, match="byte 0 is not UTF-8; save the codebook as UTF-8"):
        load(str(file))


def test_the_digest_is_of_what_a_codebook_says_and_not_of_its_layout() -> None:
    assert parse(BOOK).digest == parse("# mine\n" + BOOK.replace("[took, liberat*]", "\n  - took\n  - liberat*")).digest
    assert parse(BOOK).digest != parse(BOOK.replace("Which wording?", "Whose wording?")).digest
    assert parse(BOOK).digest == parse(BOOK.replace("name: wording", "name: wording\n    level: nominal")).digest
    assert parse(SCALE).digest != parse(SCALE.replace("level: ordinal", "level: nominal")).digest


# answers


@pytest.mark.parametrize(
    ("variable", "codes", "stored"),
    [
        ("wording", ["plain"], ("plain",)),
        ("seen", ["irony"], ("irony",)),
        ("seen", ["number", "quote"], ("quote", "number")),  # in the codebook's order
        ("seen", ["number", "irony", "number"], ("irony", "number")),
    ],
)
def test_an_answer_is_stored_in_the_codebooks_order(variable: str, codes: list[str], stored: tuple[str, ...]) -> None:
    assert parse(BOOK).checked_codes(variable, codes) == stored


@pytest.mark.parametrize(
    ("variable", "codes", "said"),
    [
        ("wordings", ["plain"], "'wordings' is not a variable of valley 1.0; the nearest is 'wording'"),
        ("tone", ["plain"], "'tone' is not a variable of valley 1.0; expected one of wording, seen, whose"),
        ("wording", ["Plain"], "'Plain' is not a code of wording in valley 1.0; the nearest is 'plain'"),
        ("wording", [""], "'' is not a code of wording in valley 1.0; expected one of plain, liberation, none"),
        ("wording", ["plain", "none"], "wording takes one code, found 2: plain, none"),
        ("wording", ["plain", "plain"], "wording takes one code, found 2: plain, plain"),
        ("seen", ["quote", ""], "'' is not a code of seen in valley 1.0; expected one of quote, irony, number"),
        ("seen", ["quote, irony"], "'quote, irony' is not a code of seen in valley 1.0"),
        ("seen", [], "seen has no answer; expected one of quote, irony, number"),
        ("seen", [1], "1 is not a code of seen in valley 1.0"),
    ],
)
def test_an_answer_that_the_codebook_does_not_know_is_refused(variable: str, codes: list[str], said: str) -> None:
    with pytest.raises(UnknownCode, match=re.escape(said)):
        parse(BOOK).checked_codes(variable, codes)


def test_terms_of_about_decide_which_spans_are_to_be_coded() -> None:
    book = parse(BOOK.replace("focus: wording", "focus: wording\nabout: [Velo, town*]"))
    assert [book.is_eligible(text) for text in ("The Towns burn.", "VELO", "Karsk burns.")] == [True, True, False]
    assert parse(BOOK).is_eligible("Karsk burns.")
