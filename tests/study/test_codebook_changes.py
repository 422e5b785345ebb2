"""A codebook's new version: what changed, old answers re-read only along what it states, and the booklet for coders."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import slantwise
from playwright.sync_api import Browser
from sqlalchemy import select
from stores import BOOK, code

import annotate
from annotate.agreement.reliability_data import reliability_answers
from annotate.report.codebook_page import render_codebook
from corpus import Study
from corpus.annotations.migrate import MigratedAnswer, RemainingAnswer, migrate_answers
from corpus.codebook import Codebook, load, parse, read_codebook, shipped
from corpus.codebook.diff import diff_codebooks
from corpus.codebook.examples import examples_missed_by_terms
from corpus.errors import BadCodebook, NothingToCompare
from corpus.study import database as db
from corpus.study.codebook_versions import codebook_version

NEW = """\
name: valley
version: "2"
unit: mention
mention:
  terms: [took, freed]
variables:
  - name: words
    question: Which wording?
    codes: [{name: neutral}, {name: liberation, definition: As freeing.}, {name: irony}]
  - name: seen
    question: What do you notice?
    kind: multiple
    codes: [{name: mark}, {name: number}]
migration:
  - from: "1"
    variables: {wording: words}
    codes: {words: {plain: neutral}, seen: {quote: mark}}
    split: {seen: {irony: [mark, number]}}
"""


def under(study: Study, book: str) -> Study:
    """Return the study with another codebook, as a person writes it."""
    (study.folder / "codebook.yaml").write_text(book)
    study.store.close()
    return Study.open(study.folder)


def rows_of(study: Study, version: str | None = None) -> list[dict[str, object]]:
    frame = reliability_answers(study, version=version).frame[["span", "variable", "code", "coder", "codebook_version"]]
    return sorted(frame.to_dict("records"), key=str)


def changes(a: str, b: str) -> set[tuple[str, str, str, tuple[str, ...], tuple[str, ...], bool]]:
    return {
        (c.what, c.part, c.variable, c.before, c.after, c.stated) for c in diff_codebooks(parse(a), parse(b)).changes
    }


def test_diff_names_what_was_renamed_split_added_removed_and_reworded() -> None:
    assert changes(BOOK, NEW) == {
        ("changed", "terms", "", ("liberat*",), ("freed",), True),
        ("renamed", "variable", "words", ("wording",), ("words",), True),
        ("renamed", "code", "words", ("plain",), ("neutral",), True),
        ("added", "code", "words", (), ("irony",), True),
        ("changed", "definition of liberation", "words", (), ("As freeing.",), True),
        ("changed", "question", "seen", ("What did you notice?",), ("What do you notice?",), True),
        ("renamed", "code", "seen", ("quote",), ("mark",), True),
        ("split", "code", "seen", ("irony",), ("mark", "number"), True),
    }
    assert changes(BOOK, BOOK) == changes(NEW, NEW) == set()


def test_an_example_whose_code_was_only_renamed_is_no_change() -> None:
    old = BOOK + 'examples: [{text: "They *took* it.", codes: {wording: plain, seen: quote}}]\n'
    new = NEW + 'examples: [{text: "They *took* it.", codes: {words: neutral, seen: mark}}]\n'
    assert changes(old, new) == changes(BOOK, NEW)
    other = new.replace("words: neutral, seen", "words: irony, seen")
    assert changes(old, other) - changes(BOOK, NEW) == {
        ("changed", "example", "", ("They *took* it. (wording: plain, seen: quote)",), ("They *took* it. (words: irony, seen: mark)",), True)
    }  # fmt: skip


def test_without_a_migration_equal_definitions_suggest_a_new_name() -> None:
    """Nothing else does; and two codes may become one."""
    old = BOOK.replace("{name: plain}", "{name: plain, definition: No judgement.}")
    bare = old.replace("name: plain", "name: neutral").replace('"1"', '"2"')
    assert changes(old, bare) == {("renamed", "code", "wording", ("plain",), ("neutral",), False)}
    assert changes(old, old.replace("definition: No judgement.", "definition: None.").replace("name: plain", "name: neutral")) == {
        ("removed", "code", "wording", ("plain",), (), True), ("added", "code", "wording", (), ("neutral",), True),
    }  # fmt: skip
    merged = BOOK.replace('"1"', '"2"').replace("{name: quote}, {name: irony}, ", "{name: irony}, ")
    merged += "migration: [{from: '1', codes: {seen: {quote: irony}}}]\n"
    assert changes(BOOK, merged) == {("merged", "code", "seen", ("irony", "quote"), ("irony",), True)}
    shuffled = BOOK.replace("{name: plain}, {name: liberation}", "{name: liberation}, {name: plain}")
    assert {c[:2] for c in changes(BOOK, shuffled)} == {("moved", "codes")}


@pytest.mark.parametrize(
    ("migration", "why"),
    [
        ("{from: '2'}", "it leads from 2 to the same version"),
        ("{from: '1', variables: {wording: tone}}", "'tone' is not a variable"),
        ("{from: '1', codes: {words: {plain: nuetral}}}", "'nuetral' is not a code of words"),
        ("{from: '1', codes: {words: {plain: neutral}}, split: {words: {plain: [neutral, irony]}}}", "both as renamed and as split"),
    ],
)  # fmt: skip
def test_a_migration_that_leads_nowhere_is_a_fault_of_the_codebook(migration: str, why: str) -> None:
    with pytest.raises(BadCodebook, match=why):
        parse(NEW.split("migration:")[0] + f"migration: [{migration}]\n")


def test_answers_are_reread_only_along_the_migration_and_raw_ones_stay(valley: Study) -> None:
    span = code(valley, "took")
    other = code(valley, "liberated", "liberation", coder="jon")
    rows = [{"span": span, "variable": "seen", "coder": "mira", "code": c, "round": r, "codebook_version": "1"} for r, c in (("a", "quote|number"), ("b", "irony"))]  # fmt: skip
    with valley.store.writing() as connection:
        db.put(connection, db.annotations, rows)
    valley.remember_codebook()
    before = valley.annotations()
    now = under(valley, NEW)
    assert now.remembered_codebook("1") == parse(BOOK)
    shown = migrate_answers(now)
    assert now.annotations().equals(before)
    assert shown.migrated == [
        MigratedAnswer("seen", "quote|number", "seen", "mark|number", 1),
        MigratedAnswer("wording", "liberation", "words", "liberation", 1),
        MigratedAnswer("wording", "plain", "words", "neutral", 1),
    ]
    assert shown.unchanged == [RemainingAnswer("seen", "irony", "split into mark, number: it must be coded again", 1)]
    assert shown.table()["as_code"].tolist() == ["mark|number", "liberation", "neutral"]
    stored = migrate_answers(now, yes=True)
    assert (stored.stored, stored.migrations) == (True, shown.migrations)
    frame = now.annotations()[["span", "variable", "code", "coder", "round", "codebook_version"]]
    assert set(frame.itertuples(index=False, name=None)) == {
        (span, "words", "neutral", "mira", "", "2"),
        (other, "words", "liberation", "jon", "", "2"),
        (span, "seen", "mark|number", "mira", "a", "2"),
        (span, "seen", "irony", "mira", "b", "1"),
    }
    with now.store.reading() as connection:
        raw = connection.execute(select(db.raw_annotations)).mappings().all()
    assert {(r["variable"], r["code"], r["codebook_version"]) for r in raw} == {
        ("wording", "plain", "1"), ("wording", "liberation", "1"), ("seen", "quote|number", "1"),
    }  # fmt: skip
    again = migrate_answers(now, earlier="1", yes=True)
    assert not again.migrated and now.annotations().shape[0] == 4


def test_agreement_under_the_earlier_version_stays_what_it_was(valley: Study) -> None:
    for coder, answer in (("mira", "plain"), ("jon", "liberation")):
        code(valley, "took", answer, coder)
    before = rows_of(valley)
    valley.remember_codebook()
    changed = BOOK.replace('"1"', '"2"').replace("name: plain", "name: neutral")
    again = under(valley, changed + "migration: [{from: '1', codes: {wording: {plain: neutral}}}]\n")
    with pytest.raises(NothingToCompare, match="no answer was given under version 2"):
        reliability_answers(again)
    migrate_answers(again, yes=True)
    assert rows_of(again) == [
        {**row, "codebook_version": "2", "code": "neutral" if row["code"] == "plain" else row["code"]} for row in before
    ]
    assert rows_of(again, version="1") == before
    assert reliability_answers(again).versions == ("1", "2")


def test_without_a_stated_migration_nothing_is_reread(valley: Study) -> None:
    """It is said how to state one."""
    code(valley, "took")
    with pytest.raises(
        BadCodebook, match=r"states no migration .*answers: none under other versions.*migration: \[\{from"
    ):
        migrate_answers(valley)


def test_the_command_line_shows_first_and_takes_over_on_yes(valley: Study) -> None:
    code(valley, "took")
    assert slantwise("codebook", "check", cwd=valley.folder).returncode == 0  # a command has seen version 1
    under(valley, NEW)
    said = slantwise("codebook", "diff", "1", "2", "--json", cwd=valley.folder)
    assert [c["what"] for c in json.loads(said.stdout)["changes"]].count("renamed") == 3
    seen = slantwise("codebook", "migrate", cwd=valley.folder)
    assert "wording: plain" in seen.stdout and "would be migrated (store them with --yes)" in seen.stderr
    done = slantwise("codebook", "migrate", "--yes", "--json", cwd=valley.folder)
    assert json.loads(done.stdout)["migrations"][0]["read"][0]["as_code"] == "neutral"


def test_a_codebook_is_found_by_its_version_in_a_study_its_name_or_its_file(valley: Study, tmp_path: Path) -> None:
    valley.remember_codebook()
    now = under(valley, NEW)
    assert codebook_version(now, "1") == parse(BOOK) and codebook_version(now, "2") is now.codebook
    file = tmp_path / "3"
    file.write_text(NEW)
    assert codebook_version(None, file) == read_codebook(str(file)) == now.codebook
    assert codebook_version(None, "lexical-bias") == read_codebook("lexical-bias") == load("lexical-bias")
    compared = diff_codebooks(codebook_version(now, "1"), file)
    assert (compared.a.version, compared.b.version, compared.same) == ("1", "2", False)
    with pytest.raises(BadCodebook, match="never been opened with codebook version 9"):
        codebook_version(now, "9")
    with pytest.raises(BadCodebook, match=r"1 is a version .* no study is open"):
        codebook_version(None, "1")


@pytest.mark.parametrize("name", shipped())
def test_every_example_of_a_codebook_that_ships_obeys_it(name: str) -> None:
    """The codebook's terms find what the examples mark."""
    book = load(name)
    assert examples_missed_by_terms(book) == []
    assert [example for example in book.examples if book.problem_with(example.answers)] == []


def test_every_code_of_territorial_control_has_an_example() -> None:
    book = load("territorial-control")
    given = {pair for example in book.examples for pair in example.codes.items()}
    assert given == {(variable.name, code) for variable in book.variables for code in variable.code_names}


def test_check_says_which_examples_the_terms_do_not_find(tmp_path: Path) -> None:
    file = tmp_path / "book.yaml"
    file.write_text(BOOK + 'examples: [{text: "They *rushed* in.", codes: {wording: plain, seen: quote}}]\n')
    said = slantwise("codebook", "check", file, cwd=tmp_path)
    assert said.returncode == 0
    assert "do not find the marked words of “They *rushed* in.” (they find: nothing)" in " ".join(said.stderr.split())


def test_the_booklet_shows_every_definition_and_example(chromium: Browser, tmp_path: Path) -> None:
    """It fits every screen, and paper."""
    book: Codebook = load("territorial-control")
    file = tmp_path / "booklet.html"
    file.write_text(render_codebook(book, {"side-a": "Orsenia <b>", "side-b": "Talvia"}), encoding="utf-8")
    for width in (390, 1440):
        tab = chromium.new_page(viewport={"width": width, "height": 900})
        faults: list[str] = []
        tab.on("pageerror", lambda error, faults=faults: faults.append(str(error)))
        tab.on(
            "request",
            lambda request, faults=faults: (
                faults.append(request.url) if "file:" not in request.url and "data:" not in request.url else None
            ),
        )
        tab.goto(file.as_uri())
        assert tab.evaluate("document.documentElement.scrollWidth") == width and faults == []
        said = " ".join(tab.inner_text("main").split())
        for variable in book.variables:
            assert variable.question in said
            assert all(" ".join(code.definition.split()) in said for code in variable.codes)
        assert tab.locator(".examples li").count() == len(book.examples)
        assert [tab.locator(".examples mark").nth(i).inner_text() for i in range(2)] == ["liberated", "freed"]
        assert "Sides: Orsenia <b> (side-a), Talvia (side-b)." in said
    assert tab.pdf(format="A4")[:5] == b"%PDF-"
    tab.close()


def test_the_codebook_is_written_as_a_page_in_python_as_on_the_command_line(
    valley: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a study, or of a bundled codebook without a study."""
    said = json.loads(slantwise("codebook", "page", "--json", cwd=valley.folder).stdout)
    written = annotate.write_codebook_page(valley)
    assert {**written.json(), "page": None} == {**said, "page": None}
    assert written.page.samefile(valley.folder / said["page"])
    monkeypatch.chdir(tmp_path)
    bundled = annotate.write_codebook_page(None, "lexical-bias")
    assert (bundled.page, bundled.name) == (Path("lexical-bias.html"), "lexical-bias") and bundled.page.is_file()
    assert annotate.write_codebook_page(valley, out=str(tmp_path / "own.html")).page.is_file()
    with pytest.raises(BadCodebook, match="name a study or a codebook"):
        annotate.write_codebook_page(None)
