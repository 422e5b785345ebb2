"""Articles: who published which text, in which of its states, and normalising it once."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.article import Article, Revision, normalise
from corpus.errors import BadText
from corpus.span import paragraphs

# texts as feeds and pages have them: much white space, some controls, marks that compose, emoji, scripts of both ways
TEXTS = st.text(
    st.sampled_from("ab.\n\n\r\t \x00\x07\x0b\x0c\x1c\x85\u2028\u2029\u00a0\u3000\u200d\u200fé\u0301\u0323Ж😀ح")
)
ANY = TEXTS | st.text()


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Ze\u0301lo", "Zélo"),  # NFC
        ("a\r\nb\rc\nd", "a b c d"),  # one line end is a blank
        ("a\r\n\r\nb\n \t\nc\n\n\n\nd", "a\n\nb\n\nc\n\nd"),  # empty lines, or lines of blanks, set paragraphs apart
        ("a\u2029b\u2028c\x0bd\x0ce", "a\n\nb c d e"),
        ("  a \t\u00a0\u3000 b  ", "a b"),
        ("a\x00\x07\x7f\x81b", "ab"),  # Cc
        ("\x93It\x92s \x96 wait\x85\x94 \x805", "“It’s – wait…” €5"),  # windows-1252 that was read as latin-1
        ("Ve\ufffdo \ue000", "Ve\ufffdo \ue000"),  # what was lost before is seen to be lost; private characters
        ("نمی\u200cدانم \u200f👩\u200d🚒", "نمی\u200cدانم \u200f👩\u200d🚒"),  # Cf: joiners and direction marks
        ("\n\n \t\r\n", ""),
    ],
)
def test_a_text_is_normalised_once(raw: str, clean: str) -> None:
    assert normalise(raw) == clean


@pytest.mark.parametrize("half", ["\ud800", "Velo \udfff fell", "\udc80"])
def test_half_of_a_character_pair_is_refused(half: str) -> None:
    with pytest.raises(BadText, match=r"lone surrogate.*save the file as UTF-8"):
        normalise(half)


@given(ANY)
def test_normalising_again_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(ANY)
def test_normalising_loses_white_space_and_controls_only(text: str) -> None:
    def words(text: str) -> str:
        text = text.translate({c: bytes([c]).decode("cp1252", "ignore") for c in range(0x80, 0xA0)})
        kept = (c for c in text if not c.isspace() and unicodedata.category(c) != "Cc")
        return unicodedata.normalize("NFD", "".join(kept))

    assert words(normalise(text)) == words(text)


@given(ANY)
def test_a_normalised_text_has_single_blanks_and_single_empty_lines(text: str) -> None:
    """An empty line sets paragraphs apart."""
    clean = normalise(text)
    blocks = [clean[start:end] for start, end in paragraphs(clean)]
    assert "\n\n".join(blocks) == clean
    assert all(block and " ".join(block.split()) == block for block in blocks)
    assert unicodedata.is_normalized("NFC", clean)


def test_an_article_is_known_by_its_outlet_and_its_key() -> None:
    known = Article("Herald", "https://herald.example/velo")
    assert known.id == "673dd2e23b5f"  # in people's stores, so it stays for ever
    assert Article("Herald", known.key, title="Velo falls", published=date(2024, 3, 5), language="en").id == known.id
    assert Article("Courier", known.key).id != known.id
    assert Article("Herald", "https://herald.example/karsk").id != known.id


def test_a_revision_is_known_by_its_texts_digest() -> None:
    revision = Revision("673dd2e23b5f", "Velo fell.")
    assert revision.digest == "f6fbeb6620ee3b29fe452a11ea7b84a06bddd7decaf23608929130374fc509f0"
    assert revision.id == "673dd2e23b5f-f6fbeb66"
    assert Revision("673dd2e23b5f", "Velo fell.", reason="re-extracted").id == revision.id
    assert Revision("673dd2e23b5f", "Velo has fallen.").id != revision.id


@pytest.mark.parametrize("text", ["Velo  fell.", "Velo fell.\n", "Ze\u0301lo", "Velo\nfell", "Velo\x07"])
def test_a_revisions_text_must_be_normalised(text: str) -> None:
    with pytest.raises(BadText, match="the text of a revision must be normalised"):
        Revision("4082983c83aa", text)
