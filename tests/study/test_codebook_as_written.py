"""A codebook's words are read as they are written: yes, 1.10 and 2024-05-01 are no truth value, number or date."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from command_line import slantwise
from stores import study_in

from corpus.annotations.rows import add_annotations
from corpus.articles.ingest import add
from corpus.codebook import load, parse, shipped
from corpus.codebook.examples import check_codebook
from corpus.codebook.spelling import Spelling
from corpus.errors import BadCodebook, UnknownCode

CASES = Path(__file__).parents[1] / "data" / "cases"
WORDS = CASES / "26-codebook-words-of-yaml"
BOOK = """\
name: x
version: {version}
unit: sentence
variables:
  - name: tone
    question: Tone?
    codes: [{{name: {code}, label: {label}}}, {{name: other}}]
"""


def book(code: str = "a", label: str = "A", version: str = "1.0") -> str:
    return BOOK.format(code=code, label=label, version=version)


def test_the_codebooks_of_the_case_are_read_as_they_are_written_or_refused_by_name(tmp_path: Path) -> None:
    norway = load(str(WORDS / "norway.yaml"))
    assert (norway.version, norway.variables[0].code_names) == ("1.10", ("yes", "no"))
    scale = load(str(WORDS / "numeric.yaml")).variables[0]
    assert [(code.name, code.value) for code in scale.codes] == [("1", -1.0), ("2", 0.0), ("3", 1.0)]
    said = slantwise("codebook", "check", WORDS / "norway.yaml", cwd=tmp_path)
    assert said.returncode == 0 and "is valid" in said.stderr
    assert (
        "line 8: yes is read as the text 'yes', as it is written; put it in quotes, since other programs read it as true"
        in said.stderr
    )
    assert (
        "line 2: 1.10 is read as version '1.10'; put it in quotes, since other programs read it as 1.1" in said.stderr
    )
    found = json.loads(slantwise("codebook", "check", WORDS / "numeric.yaml", "--json", cwd=tmp_path).stdout)
    assert [(one["line"], "in quotes" in one["why"]) for one in found["warnings"]] == [
        (9, True),
        (10, True),
        (11, True),
    ]
    for name, why in [
        ("vsexa", "line 2, version: '1:30' is not a version; expected numbers with points between them, such as 1.0"),
        ("label", "line 5, mention.terms.7: '~' is not a term; it needs a letter"),
    ]:
        said = slantwise("codebook", "check", WORDS / f"{name}.yaml", cwd=tmp_path)
        assert said.returncode == 2 and why in said.stderr
    whole = (WORDS / "label.yaml").read_text().replace(" ~,", "")
    read = parse(whole)
    assert read.mention_terms == ("on", "Off", "NO", "1914", "2014-03-18", "0x10", "null", "annex*")
    yes, day = read.variables[0].codes
    assert (yes.label, yes.definition, yes.hotkey, day.label, day.hotkey) == ("Yes", "no", "1", "2014-03-18", "n")


@pytest.mark.parametrize(
    "word",
    [
        "yes",
        "no",
        "on",
        "off",
        "NO",
        "Yes",
        "true",
        "FALSE",
        "y",
        "1",
        "01",
        "1.10",
        "0x10",
        "1e3",
        "0o7",
        "1_000",
        "null",
        "Null",
        "2024-05-01",
        "2024-13-45",
    ],
)
def test_a_codes_name_is_the_word_that_stands_there(word: str) -> None:
    assert parse(book(code=word)).variables[0].code_names == (word, "other")
    assert parse(book(code=f"'{word}'")).digest == parse(book(code=word)).digest


@pytest.mark.parametrize("word", ["~", "1:30", "+1", ".5", ".inf", "-1"])
def test_a_word_that_is_no_name_is_refused_with_its_line_and_as_it_is_written(word: str) -> None:
    with pytest.raises(BadCodebook, match=r"line 7, variables\.0\.codes\.0\.name: ") as refused:
        parse(book(code=word))
    assert f"{word!r} is not a name; expected letters from A to Z" in str(refused.value)


@pytest.mark.parametrize("version", ["1", "1.0", "1.10", "2.0", "1.20.0", "010"])
def test_a_version_keeps_every_digit(version: str) -> None:
    assert parse(book(version=version)).version == version


@pytest.mark.parametrize("version", ["1:30", "2024-05-01", "1,1", "v2", "1e3", "0x10", "yes", "null", "1.", "-1"])
def test_a_version_of_another_form_is_refused_as_it_is_written(version: str) -> None:
    with pytest.raises(BadCodebook, match="line 2, version: ") as refused:
        parse(book(version=version))
    assert f"{version!r} is not a version" in str(refused.value)


def test_null_means_no_value_only_where_a_field_may_be_left_out() -> None:
    for word in ("null", "~", ""):
        assert parse(book(label=word)).variables[0].codes[0].label is None
        assert parse(book(label=word)).digest == parse(book().replace(", label: A", "")).digest
    assert parse(book(label="'null'")).variables[0].codes[0].label == "null"
    with pytest.raises(BadCodebook, match=r"line 7, variables\.0\.codes\.0\.name: it is empty; write it, in quotes"):
        parse(book(code=""))


@pytest.mark.parametrize(
    ("value", "read"),
    [
        *[("1", 1.0), ("-0.5", -0.5), (".5", 0.5), ("1e1", 10.0), ("'2'", 2.0)],
        *[(word, None) for word in ("yes", "1:30", "0x10", "'1,5'", "2024-05-01")],
    ],
)
def test_the_value_of_a_code_is_a_number_and_nothing_else(value: str, read: float | None) -> None:
    text = book().replace("label: A", f"value: {value}")
    text = text.replace("{name: other}", "{name: other, value: 99}").replace("Tone?", "Tone?\n    level: interval")
    if read is not None:
        assert parse(text).variables[0].codes[0].value == read
    else:
        with pytest.raises(BadCodebook, match=r"is not a number; expected one such as 2, -1 or 0\.5"):
            parse(text)


def test_keys_and_conditions_are_read_as_written_and_so_are_examples_sides_and_migrations() -> None:
    read = parse(
        "name: x\nversion: 2.10\nlanguage: no\nunit: sentence\nsides: {on: Yes}\nvariables:\n"
        "- {name: 1914, question: no, codes: [{name: yes}, {name: no}]}\n"
        "- {name: off, question: on, asked_when: {1914: [yes]}, codes: [{name: 1}, {name: 01}]}\n"
        "examples: [{text: 'It *fell*.', codes: {1914: yes, off: 01}}]\n"
        "migration: [{from: 2.1, variables: {1913: 1914}, codes: {1914: {on: yes}}}]\n"
    )
    assert read.language == "no" and read.sides == {"on": "Yes"}
    assert read.examples[0].answers == {"1914": ("yes",), "off": ("01",)}
    assert read.migration[0].earlier == "2.1" and read.migration[0].codes == {"1914": {"on": "yes"}}


def test_what_yaml_has_besides_words_stays_as_it_was() -> None:
    read = parse(
        "name: x\nversion: '1'\nunit: sentence\nvariables:\n- &one {name: a, question: >-\n    Is it?\n    So?,\n  codes: "
        "&codes [{name: yes}, {name: no}]}\n".replace(">-\n    Is it?\n    So?,\n ", "'Is it? So?',")
        + "- {<<: *one, name: b}\n- name: c\n  question: |\n    Which?\n  codes: *codes\n"
    )
    assert [v.name for v in read.variables] == ["a", "b", "c"]
    assert {v.code_names for v in read.variables} == {("yes", "no")}
    assert read.by_name["c"].question == "Which?\n"
    for name in shipped():
        assert check_codebook(name).warnings == ()


def test_a_codebook_that_other_programs_wrote_is_read_as_they_meant_it() -> None:
    content: dict[str, Any] = {
        "name": "x", "version": "1.10", "unit": "sentence", "focus": None,
        "variables": [
            {"name": "no", "question": "1", "codes": [
                {"name": name, "label": None, "hotkey": "n" if name == "null" else None}
                for name in ("yes", "1", "null", "2024-05-01", "1.0")
            ]}
        ],
    }  # fmt: skip
    read = parse(yaml.safe_dump(content))
    assert read.by_name["no"].code_names == ("yes", "1", "null", "2024-05-01", "1.0") and read.version == "1.10"
    assert [code.label for code in read.variables[0].codes] == [None] * 5
    assert {type(code.name) for code in read.variables[0].codes} == {str}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (book().replace("    question", "\tquestion"), "line 6 begins with a tab: indent with blanks"),
        (book().replace("    question", "\u00a0\u00a0\u00a0\u00a0question"), "line 6 has a non-breaking"),
        (book().replace("name: x", "name:\u00a0x"), "line 1 has a non-breaking"),
        (book(code="“a”"), "'“a”' is not a name; .* its quotation marks are typographic, write \""),
        (book(code="' a'"), "' a' is not a name; expected letters from A to Z, digits, _ . - and no blanks"),
        (book(code="a|b"), "'a|b' is not a name"),
        (book(code="pos\u00a0"), "is not a name"),
        (book().replace("question: Tone?", "question: Tone?\n    question: Which?"), "'question' occurs twice"),
        (book(code="!!bool maybe"), "a value does not fit its tag, which begins with !; delete the tag"),
        (book(label="!!bool yes"), "found True; expected text"),
        (book(label="[a, b]"), r"found \['a', 'b'\]; expected text"),
        (book().replace("{name: other}", "other"), "found 'other'; expected fields such as `name: other`"),
    ],
)
def test_what_a_word_processor_makes_of_a_codebook_is_refused_with_what_to_do(text: str, said: str) -> None:
    with pytest.raises(BadCodebook, match=said):
        parse(text)


def test_line_ends_and_a_byte_order_mark_do_not_matter_and_another_encoding_is_told_with_its_line(
    tmp_path: Path,
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + book(label="Größe").replace("\n", "\r\n").encode())
    assert load(str(file)) == parse(book(label="Größe"))
    file.write_bytes(book(label="Größe").encode("cp1252"))
    with pytest.raises(BadCodebook, match="line 7: byte 113 is not UTF-8; save the codebook as UTF-8"):
        load(str(file))


def test_a_check_tells_codes_that_differ_in_letters_only_and_typographic_quotation_marks(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(book(code="Pos", label="“Good”").replace("{name: other}", "{name: POS}"))
    checked = check_codebook(file)
    assert [(one.line, one.why) for one in checked.warnings] == [
        (7, '“Good” is in typographic quotation marks, which are read as part of the text; write "Good"'),
        (None, "the codes of tone Pos and POS differ in letters only; rename one"),
    ]


def test_what_spellings_of_a_code_mean() -> None:
    spelling = Spelling(parse(book(code="Pos").replace("{name: other}", "{name: '01'}, {name: '1.10'}, {name: none}")))
    for value, code in [
        ("Pos", "Pos"), (" pos ", "Pos"), ("Ｐos", "Pos"), ("1", "01"), ("1.0", "01"), (1, "01"), (1.1, "1.10"),
        ("1.1", None), ("2", None), ("po s", None), (True, "01"),
    ]:  # fmt: skip
        assert spelling.code("tone", value) == code, value
    both = Spelling(parse(book(code="Pos").replace("{name: other}", "{name: POS}, {name: '1'}, {name: '01'}")))
    assert both.code("tone", "POS") == "POS" and both.code("tone", "01") == "01"
    for value in ("pos", 1, "1.0"):
        with pytest.raises(UnknownCode, match="may mean several codes of tone"):
            both.code("tone", value)
    assert spelling.is_missing("tone", "NA") and not spelling.is_missing("tone", "none")
    with pytest.raises(UnknownCode, match="'None' may mean the code 'none' of tone or a missing value"):
        spelling.is_missing("tone", "None")


def test_answers_reach_the_codes_of_the_case(tmp_path: Path) -> None:
    study = study_in(tmp_path / "study", (WORDS / "numeric.yaml").read_text())
    add(study, [CASES / "11-two-answers-one-file" / "texts"], outlet="Herald")
    spans = study.spans().query("unit == 'sentence'")["span"].tolist()[:4]
    rows = [
        {"span": span, "variable": "tone", "code": code, "coder": "mira"}
        for span, code in zip(spans, [1, 2.0, "3", "4"], strict=True)
    ]
    done = add_annotations(study, rows)
    assert study.annotations()["code"].tolist() == ["1", "2", "3"] and len(done.refusals) == 1
    assert set(study.annotations()["codebook_version"]) == {"2"}


@pytest.mark.parametrize(
    ("language", "code"), [("English", "en"), ("eng", "en"), ("de-AT", "de"), ("українська", "uk")]
)
def test_the_language_of_a_codebook_may_be_named_in_any_form(language: str, code: str) -> None:
    text = f"name: x\nversion: 1\nlanguage: {language}\nunit: sentence\nvariables:\n- name: a\n  question: A?\n"
    assert parse(f"{text}  codes: [{{name: b}}, {{name: c}}]").language == code


def test_an_unknown_language_and_too_few_codes_are_told_in_words() -> None:
    text = "name: x\nversion: 1\nlanguage: Elvish\nunit: sentence\nvariables:\n- name: a\n  question: A?\n"
    with pytest.raises(BadCodebook, match="line 3, language: the language 'Elvish' is not known; expected one name"):
        parse(f"{text}  codes: [{{name: b}}, {{name: c}}]")
    with pytest.raises(BadCodebook) as error:
        parse(f"{text.replace('Elvish', 'en')}  codes: [{{name: b}}, {{name: 12:30}}]")
    assert "'12:30' is not a name" in str(error.value) and "\n" not in str(error.value)
    with pytest.raises(BadCodebook, match=r"codes: found 1; expected at least 2 items$"):
        parse(f"{text.replace('Elvish', 'en')}  codes: [{{name: b}}]")
