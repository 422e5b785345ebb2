"""Contested terms: wildcards, word boundaries in any script, and candidates for mentions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timing import growth

from corpus.codebook import load
from corpus.text.folding import fold
from corpus.text.terms import compile_terms, find, first_matching_code, mention_candidates


def words(terms: list[str], text: str) -> list[str]:
    return [text[start:end] for start, end in find(terms, text)]


@pytest.mark.parametrize(
    ("terms", "text", "found"),
    [
        (["liberat*"], "Liberated, LIBERATION; deliberate, liberat", ["Liberated", "LIBERATION", "liberat"]),
        (["*occup*"], "reoccupied and occupation; preoccupied", ["reoccupied", "occupation", "preoccupied"]),
        (["de-occup*"], "de-occupation of Velo", ["de-occupation"]),
        (["los* of"], "the loss of Velo, losing of, lost  of, loses ground", ["loss of", "losing of", "lost  of"]),
        (
            ["held by"],
            "held by, held\nby, held \u00a0 by, withheld by, held bylaws",
            ["held by", "held\nby", "held \u00a0 by"],
        ),
        (["took"], "took. (took) “took” 'took' took's ontook tooks", ["took"] * 5),
        (["a.b", "c+"], "a.b axb c+ cc", ["a.b", "c+"]),  # a term is no pattern
        ([], "took", []),
    ],
)
def test_a_wildcard_stands_for_letters_and_a_blank_for_white_space(
    terms: list[str], text: str, found: list[str]
) -> None:
    assert words(terms, text) == found


@pytest.mark.parametrize(
    ("terms", "text", "found"),
    [
        (["befrei*", "eingenommen"], "Befreiung? Unbefreit. Eingenommen, befreit; Vogelbefreiung", ["Befreiung", "Eingenommen", "befreit"]),
        (["größ*"], "GRÖßER größte vergrößern", ["GRÖßER", "größte"]),
        (["освобод*", "взят*"], "Освободили Вело; взятие Карска, переосвободить", ["Освободили", "взятие"]),
        (["λύτρωσ*"], "Η λύτρωση της πόλης", ["λύτρωση"]),
        (["حرر*"], "حررت القوات المدينة وحررها", ["حررت"]),
        (["मुक्त"], "मुक्त नगर, मुक्ति", ["मुक्त"]),  # the vowel sign makes another word of it
        (["मुक्त*"], "मुक्ति नगर", ["मुक्ति"]),
        (["took"], "❤️took it 😀took😀", ["took", "took"]),
        (["libe\u0301r*"], "la libération", ["libération"]),  # typed on a keyboard that composes otherwise
    ],
)  # fmt: skip
def test_words_end_where_their_script_ends_them(terms: list[str], text: str, found: list[str]) -> None:
    assert words(terms, text) == found


def test_offsets_are_code_points() -> None:
    assert find(["took"], "😀👩‍🚒 took") == [(5, 9)]


@pytest.mark.parametrize(
    ("terms", "text", "found"),
    [
        (["took", "took control", "control of"], "They took control of Velo.", ["took control of"]),
        (["control of", "of Velo"], "control of Velo", ["control of Velo"]),  # a match inside another's end
        (["took", "control"], "took control", ["took control"]),
        (["took", "control"], "took, control", ["took", "control"]),
        (["took", "control"], "took the control", ["took", "control"]),
        (["took", "to*"], "took", ["took"]),
    ],
)
def test_candidates_that_overlap_or_follow_each_other_are_one(terms: list[str], text: str, found: list[str]) -> None:
    for order in (terms, terms[::-1]):
        assert [text[start:end] for start, end in mention_candidates(order, text)] == found


def test_the_term_rule_gives_the_first_code_with_a_term_in_the_text() -> None:
    rule = [("liberation", ["freed"]), ("none", []), ("plain", ["took", "freed"])]
    assert [first_matching_code(rule, text) for text in ("freed, took", "took", "held")] == [
        "liberation",
        "plain",
        None,
    ]


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        (["*a*b", "a*a*b", "*a*a*b"], "a" * 100_000),  # wildcards that could share the letters in any way
        (["held by", "held * by"], "held " * 20_000),
        (["held by"], "held" + " " * 100_000),
        (["liberat*"], "liberat" * 15_000),
        (["a*"], "a\u0301" * 50_000),
        ([*load("territorial-control").mention_terms], "took liberated and gone " * 4_000),
    ],
    ids=["many wildcards", "repeated beginnings", "blanks", "one long word", "marks", "a shipped codebook"],
)
def test_a_hostile_text_takes_time_that_grows_with_its_length(terms: list[str], text: str) -> None:
    find(terms, "warm up")
    assert growth(lambda size: mention_candidates(terms, text[:size]), len(text) // 2) < 3


WORDS = st.sampled_from(
    ["Liberated", "liberate", "ſtadt", "Stadt", "ΣΑΣ", "σας", "İl", "il", "\u212aaros", "karos", "не", "—"]
)


@given(st.sampled_from(["liberat*", "stadt", "σα*", "il", "k*", "НЕ", "*rat*", "liberate liberate"]), st.lists(WORDS))
def test_looking_for_a_terms_first_letters_finds_what_its_pattern_finds(term: str, words: list[str]) -> None:
    text = " ".join(words)
    folded = fold(text)
    matches = [match.span() for match in compile_terms((term,)).finditer(folded.text)]
    assert find([term], text) == [folded.place(*span) for span in matches]
