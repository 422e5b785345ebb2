"""Splitting and matching take time in proportion to the text, whatever it is."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from stores import study_in, write
from timing import processor_time

from corpus.articles.ingest import add
from corpus.attribution.attribution import attribute_span
from corpus.readers.archives.other_archives import other_archive
from corpus.text.splitting import LONGEST_STRETCH, sentences
from corpus.text.terms import find, mention_candidates
from corpus.wording.kwic import kwic
from corpus.wording.term_frequencies import term_usage

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


@pytest.mark.perf
@pytest.mark.parametrize(
    "piece",
    ["Velo was liberated. ", "liberated ", "“Velo is liberated,” said Ilm. ", "« liberated », ", "Velo liberated\n\n"],
)
@pytest.mark.parametrize("language", ["en", "de"])
def test_words_of_thousands_of_spans_of_one_text_are_attributed_in_seconds(piece: str, language: str) -> None:
    text = (piece * 5000)[:49_000].strip()
    with processor_time() as used:
        for place in range(text.find("liberated"), len(text) - 60, 400):
            start = text.find("liberated", place)
            attribute_span(text, start, start + 9, language)
    assert used.seconds < 3


def test_a_text_of_many_quotations_is_attributed_as_a_short_one() -> None:
    piece = (
        "“Velo is ours, and liberated,” said Ilm. Nobody was liberated. The ministry said that Karsk was liberated.\n\n"
    )
    text = (piece * 900).strip()
    for start in (match.start() + 900 // 2 * len(piece) for match in re.finditer("liberated", piece)):
        found, alone = (
            attribute_span(text, start, start + 9),
            attribute_span(piece, start % len(piece), start % len(piece) + 9),
        )
        assert (found.kind, found.speaker) == (alone.kind, alone.speaker)


@pytest.mark.perf
def test_wrapped_words_of_a_long_text_are_found_in_seconds() -> None:
    text = "ab- ab liberated- ab " * 8_000
    with processor_time() as used:
        assert len(find(["*ab*"], text)) == 16_000
    assert used.seconds < 5


@pytest.mark.perf
@pytest.mark.parametrize("piece", ["« ", "- \n", " ", "Section: ", ". \n "])
def test_exports_of_other_archives_are_recognised_in_a_second(piece: str) -> None:
    with processor_time() as used:
        assert other_archive((piece * 100_000)[:200_000]) is None
    assert used.seconds < 1


@pytest.mark.perf
def test_every_use_of_a_term_in_a_long_article_is_shown_in_seconds(tmp_path: Path) -> None:
    study = study_in(tmp_path / "study")
    add(study, write(tmp_path / "in", {"long.txt": "Velo was liberated.\n\n" * 2500}) / "long.txt", outlet="Herald")
    with processor_time() as used:
        hits = kwic(study, "liberat*").hits
        (usage,) = term_usage(study, "liberat*").terms
    assert (len(hits), usage.hits) == (2500, 2500) and hits[-1].left == "Velo was "
    assert used.seconds < 4
