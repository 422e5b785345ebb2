"""What belongs to the page and not to the article."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timing import growth

from corpus.article import normalise
from corpus.readers import read_file
from corpus.span import paragraphs
from corpus.text.boilerplate import classify_paragraphs

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"
MARKS = sorted((Path(__file__).parents[1] / "data" / "furniture").glob("*.json"))

BODY = "Northland's army entered the town of Velo at dawn on Monday, its ministry of defence said in a statement."
MORE = "Officials in Karsk denied it and spoke of fighting in the northern suburbs, where shops stayed closed."
LAST = "Neither account could be checked, since telephone lines to the valley have been cut for a week."


# the seeds, marked by hand


def seed(marks: Path) -> tuple[list[str], list[str]]:
    file = SEEDS / marks.stem
    if not file.exists():
        reason = f"the seed {file.name} is not there; it lies in shared/seeds beside the repository"
        pytest.fail(reason) if os.environ.get("SLANTWISE_REQUIRE_ALL") == "1" else pytest.skip(reason)
    marked = json.loads(marks.read_text())
    text = normalise(read_file(file).drafts[0].text)
    assert hashlib.sha256(text.encode()).hexdigest() == marked["text_sha256"], "the marks belong to another text"
    spans = paragraphs(text)
    by_offsets = {(start, end): kind for start, end, kind in marked["marks"]}
    assert by_offsets.keys() <= set(spans)
    return [text[start:end] for start, end in spans], [by_offsets.get(span, "paragraph") for span in spans]


def test_all_five_seeds_are_marked() -> None:
    assert len(MARKS) == 5


@pytest.mark.parametrize(
    ("kind", "precision", "recall"),  # floors: they only rise
    [("headline", 1.0, 1.0), ("teaser", 1.0, 1.0), ("furniture", 1.0, 0.92), ("paragraph", 0.98, 1.0)],
)
def test_the_rules_agree_with_the_marks_on_the_seeds(kind: str, precision: float, recall: float) -> None:
    pairs: Counter[tuple[str, str]] = Counter()
    for marks in MARKS:
        blocks, marked = seed(marks)
        pairs.update(zip(marked, classify_paragraphs(blocks), strict=True))
    hits = pairs[kind, kind]
    assert hits / sum(n for (_, found), n in pairs.items() if found == kind) >= precision
    assert hits / sum(n for (marked, _), n in pairs.items() if marked == kind) >= recall


@pytest.mark.parametrize("marks", MARKS, ids=lambda marks: marks.name[:3])
def test_no_body_paragraph_of_a_seed_is_lost(marks: Path) -> None:
    blocks, marked = seed(marks)
    found = classify_paragraphs(blocks)
    assert [i for i, kind in enumerate(marked) if kind == "paragraph" and found[i] != "paragraph"] == []


# body text stays


PLAIN = {
    "a report with quotes and questions": f"""
        {BODY}
        It burned.
        “Nobody told me,” the mayor said.
        “Never”
        But who gave the order?
        And why now?
        “We held the bridge for two days”
        {MORE}
        Silence.
        "They took the mill, the school and the church"
        {LAST}""",
    "a report full of acronyms": """
        THE UN, NATO, THE OSCE AND THE ICRC SAID THAT THE NDF AND THE KLA HAD SIGNED IN KARSK AT 10:30.
        NATO: The alliance said that it had no troops in the valley and that it would send none this year.
        The ICRC and the WFP were let in. So was the OSCE.
        NDF.
        UN OFFICIALS IN KARSK SAID NOTHING.
        Of the 1,200 who left, 300 came back; the UNHCR counts 19 camps, and the WFP feeds 18 of them.
        “OK.”
        The NDF has 3 brigades there, the KLA 2.""",
    "an interview with recurring names": """
        The painter Mira Stahl has lived in Karsk through both sieges. We met her in what is left of her studio.
        You stayed. Why?
        My mother was ill, and then the bridge was gone. After that nobody asked me whether I wanted to stay.
        And today?
        Today I paint.
        You stayed. Why?
        You asked me that already. Yes, I would do it again.
        Yes.
        Nobody knows what comes next:
        - bread
        - a second winter
        - or peace
        I paint, I sleep, I paint. Would you not?""",
}


@pytest.mark.parametrize("text", PLAIN.values(), ids=PLAIN.keys())
def test_a_plain_article_gives_only_paragraphs(text: str) -> None:
    blocks = [line.strip() for line in text.strip().splitlines()]
    assert dict(zip(blocks, classify_paragraphs(blocks), strict=True)) == dict.fromkeys(blocks, "paragraph")


def test_verse_and_bare_transcripts_are_left_alone() -> None:
    verse = ["The bridge is down", "the river runs", "And nobody in Karsk remembers", "whose hand lit the fuse", "Stay"]
    assert set(classify_paragraphs(verse * 3)) == {"paragraph"}


def test_a_speaker_in_capitals_is_no_label() -> None:
    blocks = [BODY, "MIRA STAHL: Who took the bridge?", "JON OKAFOR: They did.", "MIRA STAHL: They did.", LAST]
    assert set(classify_paragraphs(["JON OKAFOR: Good evening.", *blocks, "JON OKAFOR: Who are they?"])) == {
        "paragraph"
    }


def test_a_list_after_a_colon_is_body() -> None:
    blocks = [
        BODY,
        MORE,
        "The ministry named three towns:",
        "Velo",
        "Karsk on the river",
        "The upper part of Brenik",
        LAST,
    ]
    assert set(classify_paragraphs(blocks)) == {"paragraph"}


def test_a_sentence_broken_by_line_ends_is_body() -> None:
    blocks = [BODY, "The minister said that Velo,", "Karsk and the upper part of Brenik", "were safe again.", LAST]
    assert set(classify_paragraphs(blocks)) == {"paragraph"}


def test_a_sentence_that_a_live_blog_prints_twice_is_body() -> None:
    blocks = ["The siege of Karsk, day nine", "Velo's siege is over.", BODY, MORE, "Velo's siege is over.", LAST]
    assert classify_paragraphs(blocks) == ["headline", *["paragraph"] * 5]


def test_a_short_post_between_a_live_blogs_share_buttons_is_body() -> None:
    posts = [line for n in range(4) for line in ("Share", f"Northland says it holds dam number {n}", f"{n}. {BODY}")]
    blocks = ["The siege of Velo, day nine", "Share", "It burned.", *posts, "Share", "The mill burned too.", *posts]
    found = classify_paragraphs(blocks)
    assert [
        block for block, kind in zip(blocks, found, strict=True) if block.endswith(".") and kind != "paragraph"
    ] == []


# whatever comes


LINES = st.lists(
    st.one_of(st.text(max_size=60), st.sampled_from([BODY, MORE, "Read more", "READ MORE: x y", "A | B C"]))
)


@given(LINES, st.none() | st.text(max_size=30))
def test_every_paragraph_gets_a_kind_and_nothing_raises(blocks: list[str], title: str | None) -> None:
    before = list(blocks)
    found = classify_paragraphs(blocks, title=title)
    assert len(found) == len(blocks)
    assert set(found) <= {"headline", "paragraph", "teaser", "furniture"}
    assert blocks == before and classify_paragraphs(blocks, title=title) == found


@given(LINES, st.sets(st.integers(0, 10)))
def test_any_answer_about_repetition_is_taken(blocks: list[str], places: set[int]) -> None:
    repeated = {block for i, block in enumerate(blocks) if i in places}
    assert len(classify_paragraphs(blocks, repeated=repeated.__contains__)) == len(blocks)


WORDS = st.lists(st.sampled_from(BODY[:-1].split()), min_size=4, max_size=40)


@given(st.lists(WORDS.map(lambda words: "The " + " ".join(words) + "."), unique=True))
def test_whole_sentences_alone_are_never_lost(blocks: list[str]) -> None:
    assert classify_paragraphs(blocks) == ["paragraph"] * len(blocks)


def test_a_page_of_forty_thousand_paragraphs_takes_time_in_proportion() -> None:
    blocks = ["Velo falls to Northland", BODY, "Read more", "RT", "Karsk closes its schools for winter", MORE, "Share"]

    def judged(paragraphs: int) -> None:
        classify_paragraphs(blocks * (paragraphs // len(blocks)), title="Nothing like it")
        classify_paragraphs(["Read more"] * (paragraphs // 2) + ["Karsk closes its schools"] * (paragraphs // 2))

    assert growth(judged, 20_000) < 3
