"""Splitting and matching take time in proportion to the text, whatever it is."""

from __future__ import annotations

import time

import pytest

from corpus.attribution.attribution import attribute_span
from corpus.text.splitting import LONGEST_STRETCH, sentences
from corpus.text.terms import find, mention_candidates

ORDINARY = (
    "Gen. Ilm took the town of Velo at dawn, the U.S. envoy said. “We hold it,” he told reporters (in Karsk). Nobody "
    "replied to Mr. Okafor at 5 p.m. on Monday. "
)


@pytest.mark.perf
@pytest.mark.parametrize(
    "piece",
    [
        "U.S. ",
        "a) ",
        "( ",
        '" ',
        "“",
        "... ",
        "1. ",
        "Mr. ",
        "A. B. ",
        "a.",
        '?" ',
        "e.g. ",
        "(",
        "[",
        "「",
        "...",
        "ORDINARY",
    ],
)
@pytest.mark.parametrize("language", ["en", "de", "zh"])
def test_a_paragraph_of_16_000_characters_is_split_in_seconds(piece: str, language: str) -> None:
    text = ((ORDINARY if piece == "ORDINARY" else piece) * 20_000)[:16_000]
    began = time.process_time()
    found = sentences(text, language)
    assert time.process_time() - began < 6
    between = [text[a:b] for (_, a), (b, _) in zip(found, [*found[1:], (len(text), len(text))], strict=True)]
    assert found[0][0] == 0 and all(gap.strip() == "" for gap in between)  # no character is lost


def test_a_long_paragraph_is_cut_where_sentences_end() -> None:
    once = [ORDINARY[a:b] for a, b in sentences(ORDINARY)]
    times = 3 * LONGEST_STRETCH // len(ORDINARY)
    assert [(ORDINARY * times)[a:b] for a, b in sentences(ORDINARY * times)] == once * times
    german = (
        "Die Armee nahm Velo ein, sagte Prof. Ilm am 3. Mai. „Wir halten es“, sagte er. Niemand antwortete darauf. "
    )
    chinese = "北国军队占领了维洛。国防部证实了这一消息！当地居民说什么？"
    for language, text in (("de", german), ("zh", chinese)):
        once = [text[a:b] for a, b in sentences(text, language)]
        times = 3 * LONGEST_STRETCH // len(text)
        assert [(text * times)[a:b] for a, b in sentences(text * times, language)] == once * times


@pytest.mark.perf
@pytest.mark.parametrize(
    "term", ["*a*a*a*a*a*a*a*a*a*b", "a*a*a*a*a*a*a*b", "*a*a* *a*a*b", "* * * * * b", "中*a*a*a*a*b", "**********b"]
)
@pytest.mark.parametrize(
    "text", ["a" * 49_000, "a " * 24_500, ("a" * 70 + " ") * 690, " " * 9_000, "中" * 49_000, "ä" * 49_000]
)
def test_wildcards_do_not_multiply(term: str, text: str) -> None:
    began = time.process_time()
    assert find([term], text) == []
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        ("*a*b", "xaybzb took", ["xaybzb"]), ("li*er*ed", "liberated libered", ["liberated", "libered"]),
        ("*di*nis*", "Verteidigungsminister", ["Verteidigungsminister"]),
        ("a*a*a", "aa aaa banana", ["aaa"]), ("**er*", "liberated", ["liberated"]), ("t*k *ver", "took  over", ["took  over"]),
        ("*ab*ab", "abab ab xabab", ["abab", "xabab"]), ("a*", "a ab", ["a", "ab"]),
    ],
)  # fmt: skip
def test_wildcards_match_what_they_did(term: str, text: str, found: list[str]) -> None:
    assert [text[a:b] for a, b in find([term], text)] == found
    assert mention_candidates([term], text)


@pytest.mark.perf
@pytest.mark.parametrize(
    "piece", ["...", "said ", '" ', "“", "‘", "he said, ", "according to ", "Ilm ", "a’s ", ", ", "A "]
)
def test_attribution_of_a_long_paragraph_takes_seconds(piece: str) -> None:
    text = (piece * 50_000)[:25_000]
    began = time.process_time()
    attribute_span(text, 12_000, 12_004)
    assert time.process_time() - began < 5
