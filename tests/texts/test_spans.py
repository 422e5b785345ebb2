"""Spans: text[start:end] of a revision, whatever the script."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from timing import growth

from corpus.article import Revision, normalise
from corpus.errors import SpanOutOfText
from corpus.span import Passage, Span, headline_in, paragraphs, passage, with_headline
from corpus.text.splitting import sentences, split_into_spans

ARTICLE = "673dd2e23b5f"
# what sentence splitters stumble over: initials, lists, brackets, quotation marks, dots, numbers, and their own symbols
PIECES = st.sampled_from(
    [
        *"abAB19.?!:;,()[]“”\"'«»—…-*&∯♬☏😀é\u0301Жأ؟。 ",
        " ",
        ". ",
        "Gen. ",
        "U.S. ",
        "1. ",
        "a) ",
        "i. ",
        "... ",
        "(",
        "?!",
        "\\",
        "$",
    ]
)
PARAGRAPHS = st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=80)

WORDS = {  # language: (text, terms, what each unit reads)
    "en": (
        "Velo falls\n\n🚒 Gen. Ilm took control of Velo. “We liberated it 👩‍🚒!” he said.",
        ["took", "control", "liberat*", "fall*"],
        {
            "headline": ["Velo falls"],
            "paragraph": ["🚒 Gen. Ilm took control of Velo. “We liberated it 👩‍🚒!” he said."],
            "sentence": ["🚒 Gen. Ilm took control of Velo.", "“We liberated it 👩‍🚒!” he said."],
            "mention": ["falls", "took control", "liberated"],
        },
    ),
    "ru": (
        "Вело пал\n\n🔥 Войска освободили город. Жители говорят об оккупации.",
        ["освобод*", "оккупац*", "пал"],
        {
            "headline": ["Вело пал"],
            "paragraph": ["🔥 Войска освободили город. Жители говорят об оккупации."],
            "sentence": ["🔥 Войска освободили город.", "Жители говорят об оккупации."],
            "mention": ["пал", "освободили", "оккупации"],
        },
    ),
    "ar": (
        "سقوط فيلو\n\n😀 حرر الجيش المدينة اليوم. هل سقطت القرية؟",
        ["حرر", "سقط*", "سقوط"],
        {
            "headline": ["سقوط فيلو"],
            "paragraph": ["😀 حرر الجيش المدينة اليوم. هل سقطت القرية؟"],
            "sentence": ["😀 حرر الجيش المدينة اليوم.", "هل سقطت القرية؟"],
            "mention": ["سقوط", "حرر", "سقطت"],
        },
    ),
}


@pytest.mark.parametrize("language", WORDS)
def test_every_unit_reads_right_in_any_script_and_beside_emoji(language: str) -> None:
    text, terms, expected = WORDS[language]
    revision = Revision(ARTICLE, normalise(text))
    found: dict[str, list[str]] = {}
    for span in split_into_spans(revision, mention_terms=terms, language=language):
        found.setdefault(span.unit, []).append(revision.text[span.start : span.end])
    assert found == {"article": [revision.text], **expected}


@given(st.lists(PARAGRAPHS, max_size=5), st.sampled_from(["en", "de", "ru", "ar", "zh", "xx"]))
@settings(max_examples=150, deadline=None)
def test_every_span_lies_in_its_text_and_inside_its_paragraph(blocks: list[str], language: str) -> None:
    revision = Revision(ARTICLE, normalise("\n\n".join(blocks)))
    spans = split_into_spans(revision, mention_terms=["a*", "Ж*", "gen"], language=language)
    places = paragraphs(revision.text)
    assert [(s.start, s.end) for s in spans if s.unit in ("paragraph", "headline", "teaser", "furniture")] == places
    for span in spans:
        assert 0 <= span.start < span.end <= len(revision.text)
        words = revision.text[span.start : span.end]
        assert words == words.strip()
        assert span.unit == "article" or any(a <= span.start and span.end <= b for a, b in places)
        assert Span.from_id(span.id) == span
    assert len({span.id for span in spans}) == len(spans)


@given(PARAGRAPHS, st.sampled_from(["en", "de", "fr", "es", "ru", "ar", "zh", "ja", "hi", "xx"]))
@settings(max_examples=400, deadline=None)
def test_sentences_lose_nothing_lie_in_order_and_never_overlap(text: str, language: str) -> None:
    found = sentences(text, language)
    position = 0
    for start, end in found:
        assert position <= start < end
        assert not text[position:start].strip()
        position = end
    assert not text[position:].strip()


def test_sentences_end_where_people_end_them() -> None:
    text = "Gen. Ilm of the U.S. spoke at 5 p.m. on Monday. “We took it. All of it.” Nobody… nobody replied! (Why?)"
    assert [text[start:end] for start, end in sentences(text)] == [
        "Gen. Ilm of the U.S. spoke at 5 p.m. on Monday.",
        "“We took it. All of it.”",
        "Nobody… nobody replied!",
        "(Why?)",
    ]


def test_a_long_paragraph_is_split_in_good_time() -> None:
    text = "Northland took the town of Velo at dawn, said Gen. Ilm (aged 51). " * 300  # 20,000 characters
    assert len(sentences(text.strip())) == 300  # a second or so; the suite's limit stands guard


def test_mentions_that_overlap_or_follow_each_other_are_one() -> None:
    revision = Revision(ARTICLE, "They took control of Velo, retook it and, freed, held it; control took time.")
    terms = ["took", "control of", "control", "retook it", "it and", "freed", "held"]
    mentions = [s for s in split_into_spans(revision, mention_terms=terms) if s.unit == "mention"]
    assert [revision.text[s.start : s.end] for s in mentions] == [
        "took control of",
        "retook it and",
        "freed",
        "held",
        "control took",
    ]


def test_an_empty_text_has_no_spans() -> None:
    assert split_into_spans(Revision(ARTICLE, ""), mention_terms=["took"]) == []


# ids


@given(st.integers(0, 10**9 - 1), st.integers(0, 10**9 - 1), st.sampled_from(["mention", "sentence", "furniture"]))
def test_a_spans_id_reads_back(start: int, end: int, unit: str) -> None:
    span = Span(f"{ARTICLE}-02b22a5b", start, end, unit)
    assert Span.from_id(span.id) == span


@pytest.mark.parametrize(
    "id",
    [
        "",
        "0feaaab8ee6d-02b22a5b",
        "0feaaab8ee6d-02b22a5b:clause:0-6",
        "0feaaab8ee6d:mention:0-6",
        "0feaaab8ee6d-02b22a5b:mention:-1-6",
        "0feaaab8ee6d-02b22a5b:mention:0-6 ",
        "0feaaab8ee6d-02b22a5b:mention:0-٦",  # digits, but not those of an id
        "0feaaab8ee6d-02b22a5b:mention:0-" + "9" * 5000,
    ],
)
def test_what_is_no_spans_id_is_refused(id: str) -> None:
    with pytest.raises(SpanOutOfText, match="is not a span's id; expected REVISION:UNIT:START-END"):
        Span.from_id(id)


# headlines and passages


@pytest.mark.parametrize(
    ("text", "title", "place"),
    [
        ("Velo falls!\n\nNorthland took it.", "VELO FALLS", (0, 11)),
        ("By Mira Stahl\n\nVelo falls\n\nNorthland took it.", "Velo falls", (15, 25)),
        ("Northland took it.", "Velo falls", None),
        ("Вело пал: день первый\n\nТекст.", "Вело пал", (0, 21)),
        ("سقوط فيلو\n\nنص.", "«سقوط فيلو»", (0, 9)),
        ("Velo falls", "!?", None),
        ("", "Velo falls", None),
    ],
)
def test_the_headline_is_the_paragraph_that_begins_like_the_title(
    text: str, title: str, place: tuple[int, int] | None
) -> None:
    assert headline_in(text, title) == place


@pytest.mark.parametrize(
    ("text", "title", "expected"),
    [
        ("Velo falls\n\nIt burned.", "Velo Falls!", "Velo falls\n\nIt burned."),
        ("It burned.", "Velo falls", "Velo falls\n\nIt burned."),
        ("It burned.", None, "It burned."),
        ("It burned.", "", "It burned."),
        ("", "Velo falls", "Velo falls"),
    ],
)
def test_a_title_that_is_not_in_the_text_is_put_before_it(text: str, title: str | None, expected: str) -> None:
    assert with_headline(text, title) == expected


TEXT = "Velo falls 😀\n\nNorthland took Velo.\n\nIt burned."


@pytest.mark.parametrize(
    ("words", "headline", "expected"),
    [
        ("took", (0, 12), Passage("Velo falls 😀\n\nNorthland took Velo.", 24, 28)),
        ("took", None, Passage("Northland took Velo.", 10, 14)),
        ("burned", (0, 12), Passage("Velo falls 😀\n\nIt burned.", 17, 23)),
        ("falls", (0, 12), Passage("Velo falls 😀", 5, 10)),
        ("Velo.\n\nIt", (0, 12), Passage(TEXT, 29, 38)),  # a span over two paragraphs is read in both
        (TEXT, (0, 12), Passage(TEXT, 0, len(TEXT))),
    ],
)
def test_a_passage_is_the_spans_paragraph_after_the_headline(
    words: str, headline: tuple[int, int] | None, expected: Passage
) -> None:
    start = TEXT.index(words)
    read = passage(TEXT, start, start + len(words), headline=headline)
    assert read == expected
    assert read.text[read.start : read.end] == words


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (3, 3), (5, 3), (0, len(TEXT) + 1)])
def test_a_passage_of_what_lies_outside_the_text_is_refused(start: int, end: int) -> None:
    with pytest.raises(SpanOutOfText, match=rf"from {start} to {end} is not inside a text of {len(TEXT)} characters"):
        passage(TEXT, start, end)


def test_a_list_in_one_line_is_split_in_time_that_does_not_explode() -> None:
    def listed(times: int) -> str:
        return "It has " + "a) bread b) water ii) salt " * times

    assert growth(lambda times: sentences(listed(times)), 150) < 3
    text = listed(300)
    found = sentences(text)
    assert "".join(text[start:end] for start, end in found).replace(" ", "") == text.replace(" ", "")
    assert all(a < b <= c for (a, b), (c, _) in pairwise(found))
