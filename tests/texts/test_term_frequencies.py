"""Usage of terms: counts, rates with intervals over articles, negation, whose words, the place beside; `slantwise terms`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from command_line import slantwise
from stores import study_in, write

from corpus.articles.ingest import add
from corpus.errors import NothingToLearn
from corpus.study import Study
from corpus.wording.kwic import kwic
from corpus.wording.term_frequencies import is_negated, nearest_name, rate_per_1000, term_usage

ROWS = [
    ("Herald", "Northland liberated Velo on Monday. Shops opened."),
    ("Herald", "The army did not liberate Karsk. Southland's liberation of Ardun, the ministry said, is near."),
    ("Herald", "Rain fell. The sun came out again."),
    ("Courier", "Northland took Velo. It burned."),
    ("Courier", "The “liberated” town of Brenik was empty."),
]


@pytest.fixture
def two_outlets(tmp_path: Path) -> Study:
    made = study_in(tmp_path / "study")
    lines = [json.dumps({"outlet": outlet, "text": text, "id": str(n)}) for n, (outlet, text) in enumerate(ROWS)]
    add(made, [write(tmp_path / "in", {"a.jsonl": "\n".join(lines)}) / "a.jsonl"])
    return made


def test_each_outlets_use_is_counted_per_sentence_and_per_mention(two_outlets: Study) -> None:
    herald, courier = term_usage(two_outlets, ["liberat*"]).terms
    assert (herald.outlet, herald.articles, herald.sentences, herald.mentions, herald.hits) == ("Herald", 3, 6, 3, 3)
    assert (courier.outlet, courier.articles, courier.sentences, courier.mentions, courier.hits) == (
        "Courier",
        2,
        3,
        2,
        1,
    )
    assert herald.per_1000_sentences and herald.per_1000_sentences.value == 500.0
    assert courier.per_1000_mentions and courier.per_1000_mentions.value == 500.0
    assert (herald.negated, courier.negated) == (1, 0)
    assert herald.attribution == {"marked": 0, "direct": 0, "indirect": 1, "outlet": 2}
    assert courier.attribution == {"marked": 1, "direct": 0, "indirect": 0, "outlet": 0}
    assert dict(herald.beside) == {"Velo": 1, "Karsk": 1, "Ardun": 1}


def test_without_terms_those_of_the_codebook_that_occur_are_counted(two_outlets: Study) -> None:
    assert term_usage(two_outlets, "took").terms == term_usage(two_outlets, ["took"]).terms
    assert [(row.term, row.outlet) for row in term_usage(two_outlets).terms] == [
        ("took", "Courier"), ("took", "Herald"), ("liberat*", "Herald"), ("liberat*", "Courier"),
    ]  # fmt: skip


def test_a_term_that_never_occurs_has_a_rate_of_none_and_an_interval(two_outlets: Study) -> None:
    rows = term_usage(two_outlets, "annex*").terms
    assert [row.hits for row in rows] == [0, 0]
    assert (
        rows[0].per_1000_sentences
        and rows[0].per_1000_sentences.interval[0] == 0 < rows[0].per_1000_sentences.interval[1]
    )


def test_the_interval_is_over_articles_and_not_over_sentences() -> None:
    spread, lumped = np.ones(100), np.zeros(100)
    lumped[:5] = 20
    sentences = np.full(100, 50)
    wide, narrow = rate_per_1000(lumped, sentences), rate_per_1000(spread, sentences)
    assert wide and narrow and wide.value == narrow.value == 20.0
    assert narrow.interval == (20.0, 20.0) and wide.interval[0] < 8 < 32 < wide.interval[1]


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(7)
    covered = 0
    for _ in range(200):
        sentences = random.integers(5, 40, size=150)
        hits = random.binomial(
            sentences, random.beta(2, 98, size=150)
        )  # outlets' articles differ: 20 per 1,000 in the mean
        found = rate_per_1000(hits, sentences, draws=400)
        covered += bool(found and found.interval[0] <= 20 <= found.interval[1])
    assert 0.90 <= covered / 200 <= 0.99


@pytest.mark.parametrize(
    ("before", "language", "found"),
    [
        ("They didn’t ", "en", True),
        ("They have not, he said, ", "en", False),
        ("Die Armee hat die Stadt nicht ", "de", True),
        ("L'armée n'a pas ", "fr", True),
        ("Армия не ", "ru", True),
        ("Армія ", "uk", False),
    ],
)  # fmt: skip
def test_negations_are_told_near_a_term_and_in_its_clause(before: str, language: str, found: bool) -> None:
    assert is_negated(before, language) is found


def test_the_name_beside_a_term_stands_behind_it_or_before_it() -> None:
    assert nearest_name("Вчера освободили город Вело.", 6, 16) == "Вело"
    assert nearest_name("Velo was liberated.", 9, 19) is None
    assert nearest_name("On Monday Karsk was liberated.", 20, 29) == "Monday Karsk"


def test_terms_of_nothing_is_said_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(NothingToLearn, match="no articles yet"):
        term_usage(study_in(tmp_path / "empty"), ["took"])


def test_a_term_is_shown_in_context_in_all_outlets_or_those_named(two_outlets: Study) -> None:
    found = kwic(two_outlets, "liberat*")
    assert [hit.outlet for hit in found.hits] == ["Courier", "Herald", "Herald", "Herald"]
    assert kwic(two_outlets, "liberat*", outlet="Courier").hits == found.hits[:1]
    assert kwic(two_outlets, "liberat*", outlet=["Courier", "Herald"]) == found
    assert found.table()["outlet"].tolist() == [hit["outlet"] for hit in found.json()["hits"]]
    narrow = kwic(two_outlets, "liberat*", width=10).hits
    assert all(len(hit.left) <= 12 and len(hit.right) <= 12 for hit in narrow)


def test_the_command_prints_one_object_and_a_table(two_outlets: Study) -> None:
    said = json.loads(slantwise("terms", "liberat*", "--json", cwd=two_outlets.folder).stdout)
    assert said["weighted"] == "by article"
    assert [(row["outlet"], row["hits"], row["per_1000_sentences"]["value"]) for row in said["terms"]] == [
        ("Herald", 3, 500.0), ("Courier", 1, 333.33),
    ]  # fmt: skip
    shown = slantwise("terms", "liberat*", cwd=two_outlets.folder)
    assert shown.returncode == 0 and "500.0 [" in shown.stdout and "by rule" in shown.stderr
    assert slantwise("terms", "*", cwd=two_outlets.folder).returncode == 2


def test_own_words_are_not_claimed_of_a_language_that_nobody_reads(tmp_path: Path) -> None:
    study = Study.create(tmp_path / "study", "territorial-control")
    add(study, Path(__file__).parents[1] / "data" / "cases" / "17-chinese-terms-and-quotes" / "zh.csv")
    path = tmp_path / "t.csv"
    path.write_text("outlet,language,text\nHU,hu,A katonák felszabadították Velót.\nEN,en,They liberated Velo.\n")
    add(study, path)
    hungarian, english = term_usage(study, ["felszabadít*"]).terms, term_usage(study, ["liberat*"]).terms
    rows = {row.outlet: row for row in (*hungarian, *english) if row.hits}
    assert rows["HU"].own_words is None and rows["HU"].attribution["unknown"] == 1
    assert rows["EN"].own_words == 1 and "unknown" not in rows["EN"].attribution
    chinese = [row for row in term_usage(study, ["解放"]).terms if row.outlet == "ZH"]
    assert chinese[0].hits == chinese[0].attribution["unknown"] and chinese[0].own_words is None
    assert "ways to report" in " ".join(slantwise("terms", "解放", cwd=study.folder).stderr.split())


def test_a_short_text_in_another_script_than_the_codebooks_language_has_no_own_words(tmp_path: Path) -> None:
    study = study_in(
        tmp_path / "short",
        "name: b\nversion: 1\nunit: sentence\nvariables:\n- name: v\n  question: V?\n  codes: [{name: a}, {name: b}]\n",
    )
    write(study.folder, {"a.csv": "outlet,text\nH,Ο πόλεμος άρχισε.\nH,Velo fell.\n"})
    add(study, study.folder / "a.csv")
    assert study.articles()["language"].isna().all()
    (greek,), (english,) = (term_usage(study, [term]).terms for term in ("πόλεμος", "fell"))
    assert (greek.attribution["unknown"], greek.attribution["outlet"]) == (1, 0)
    assert (english.attribution.get("unknown", 0), english.attribution["outlet"]) == (0, 1)
