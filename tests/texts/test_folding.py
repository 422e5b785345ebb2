"""Terms match by letters: what only typography distinguishes neither hides a word nor moves its offsets."""

from __future__ import annotations

import re
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import Study, add, kwic, term_usage
from corpus.codebook.codebook import Codebook
from corpus.codebook.examples import examples_missed_by_terms
from corpus.codebook.variables import Example
from corpus.text.folding import _OTHER_LENGTH, fold
from corpus.text.terms import find, mention_candidates

CASES = Path(__file__).parents[1] / "data" / "cases"


def words(term: str, text: str) -> list[str]:
    return [text[start:end] for start, end in find([term], text)]


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        # characters without width
        ("liberat*", "The army libe\u00adrated Velo.", ["libe\u00adrated"]),
        ("captur*", "Troops cap\u200btured, cap\u2060tured and con\u034fcap captu\ufeffred it.", ["cap\u200btured", "cap\u2060tured", "captu\ufeffred"]),
        ("occup*", "Marn was \u200eoccupied\u200f.", ["occupied"]),
        ("نمی", "نمی\u200cدانم", []),  # a joiner separates no words
        ("نمیدان*", "نمی\u200cدانم", ["نمی\u200cدانم"]),
        ("liberat*", "They libe\u00ad rated it.", ["libe\u00ad rated"]),  # at a line's end
        # ligatures and width
        ("reunif*", "It was reuniﬁed.", ["reuniﬁed"]),
        ("offensive", "the oﬀensive, the oﬀ", ["oﬀensive"]),
        ("fled", "They ﬂed from the ﬂood.", ["ﬂed"]),
        ("nato", "ＮＡＴＯ said", ["ＮＡＴＯ"]),
        ("ガザ", "ｶﾞｻﾞで", ["ｶﾞｻﾞ"]),
        ("لا", "قال \ufefb", ["\ufefb"]),
        # apostrophes and hyphens
        ("об'єдна*", "об’єднання, обʼєднання, об`єднання, об\u2019\u00adєднання", ["об’єднання", "обʼєднання", "об`єднання", "об’\u00adєднання"]),
        ("об’єдна*", "об'єднання", ["об'єднання"]),
        ("rock ’n’ roll", "Rock 'n' Roll", ["Rock 'n' Roll"]),
        ("de-occup*", "de‑occupied, de–occupation, de‐occupied, de occupied", ["de‑occupied", "de–occupation", "de‐occupied"]),
        ("took", "tookʼs ‘took’", ["took", "took"]),
        ("צה\"ל", "צה״ל וצה״ל", ["צה״ל"]),
        ("Nord-Süd-Verbindung", "die Nord-Süd- Verbindung", ["Nord-Süd- Verbindung"]),
        ("besatzer", "Besatzer_innen, Besatzer*innen und Besatzer:innen", ["Besatzer", "Besatzer", "Besatzer"]),
        ("liberated", "_liberated_ and #liberated_now", ["liberated", "liberated"]),
        ("liberated", "𝗟𝗶𝗯𝗲𝗿𝗮𝘁𝗲𝗱 Velo", ["𝗟𝗶𝗯𝗲𝗿𝗮𝘁𝗲𝗱"]),
        ("กองกำลัง", "กองก\u0e4d\u0e32ลังยึดเมือง", ["กองก\u0e4d\u0e32ลัง"]),
        # letters of two forms
        ("πόλεμος", "Ο ΠΟΛΕΜΟΣ. Ο Πόλεμος. του πολέμου", ["ΠΟΛΕΜΟΣ", "Πόλεμος"]),
        ("προϊόν", "ΠΡΟΪΟΝ και προϊόν", ["ΠΡΟΪΟΝ", "προϊόν"]),
        ("ανθρωπ*", "ἄνθρωποι, ἀνθρώπῳ", ["ἄνθρωποι", "ἀνθρώπῳ"]),
        ("کرد", "آزاد كرد و آزاد کرد", ["كرد", "کرد"]),
        ("orașul", "Oraşul și ORAȘUL", ["Oraşul", "ORAȘUL"]),
        ("освобожден*", "освобождён и Освобождена", ["освобождён", "Освобождена"]),
        ("её", "ее и её", ["ее", "её"]),
        ("замок", "за́мок", ["за́мок"]),
        ("حرر*", "حَرَّرَ الجيش المدينة، حـــرر", ["حَرَّرَ", "حـــرر"]),
        ("مُحَرَّر", "محرر", ["محرر"]),
        ("שלום", "שָׁלוֹם", ["שָׁלוֹם"]),
        ("straße*", "STRASSEN und Straße", ["STRASSEN", "Straße"]),
        ("strass*", "die Straßen", ["Straßen"]),
        ("istanbul", "İSTANBUL, İstanbul, Istanbul", ["İSTANBUL", "İstanbul", "Istanbul"]),
        ("ışık", "IŞIK", ["IŞIK"]),
        ("λόγος", "ΛΌΓΟΣ λόγος, λόγοσ", ["ΛΌΓΟΣ", "λόγος", "λόγοσ"]),
        # words that are divided at the end of a wrapped line
        ("liberat*", "it had liber- ated Velo", ["liber- ated"]),
        ("liber*", "it had liber- ated Velo", ["liber- ated"]),
        ("occup*", "pre- and occupied; pre- occupied", ["occupied", "occupied"]),
        ("well-known", "a well- known town", ["well- known"]),
        ("known", "a well- known town", ["known"]),
        ("vor*", "Vor- und Nachteile", ["Vor"]),
        ("освобод*", "осво- бодили Вело", ["осво- бодили"]),
        ("tookand", "They took- And then", []),
    ],
)  # fmt: skip
def test_a_term_matches_by_letters_and_not_by_typography(term: str, text: str, found: list[str]) -> None:
    text = unicodedata.normalize("NFC", text)
    assert words(term, text) == [unicodedata.normalize("NFC", word) for word in found]


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        ("解放", "市長說：「昨天解放了維洛。」敵人解放了城市。", ["解放", "解放"]),
        ("解放*", "敵人解放了城市。", ["解放"]),  # `*` stands for the rest of a word, and no word ends in this script
        ("解放", "2024年NATO解放Velo", ["解放"]),
        ("nato", "敵人NATO解放", ["NATO"]),
        ("占領", "ロシア軍が占領した", ["占領"]),
        ("ปลดปล่อย", "กองทัพปลดปล่อยเมืองเมื่อวานนี้", ["ปลดปล่อย"]),
        ("กา", "กาก กำ กิ", ["กา"]),
        ("ก", "กิน", []),  # a consonant without its vowel sign is no word
        ("រំដោះ", "កងទ័ពបានរំដោះ\u200bទីក្រុង", ["រំដោះ"]),
        ("လွတ်မြောက်", "မြို့ကိုလွတ်မြောက်စေခဲ့သည်", ["လွတ်မြောက်"]),
        ("해방*", "해방되었다 재해방", ["해방되었다"]),  # Korean has blanks
    ],
)
def test_terms_in_scripts_without_blanks_are_found_inside_a_sentence(term: str, text: str, found: list[str]) -> None:
    assert words(term, text) == found


IGNORABLE = [
    "\u00ad",
    "\u200b",
    "\u200c",
    "\u200d",
    "\u2060",
    "\ufeff",
    "\u200e",
    "\u200f",
    "\u034f",
    "\u2066",
    "\u202c",
]
FORMS = {
    "f": "ｆ",
    "i": "ｉİı",
    "s": "ſｓ",
    "'": "’ʼʹ`",
    "-": "‐‑–—",
    "е": "ё",
    "ss": "ßẞ",
    "fi": "ﬁ",
    "σ": "ςΣ",
}
WRITTEN = ["fired-first", "об'єднане", "re-crossing", "σίσσι", "حرروا", "liberated"]


@st.composite
def as_printed(draw: st.DrawFn) -> tuple[str, str]:
    """Return a word, and the same word as some publisher prints it."""
    word = draw(st.sampled_from(WRITTEN))
    printed = word
    for plain, forms in FORMS.items():
        form = draw(st.sampled_from([plain, *forms]))
        if plain in printed and draw(st.booleans()):
            printed = printed.replace(plain, form, 1)
    if draw(st.booleans()):
        printed = printed.upper()
    pieces = [printed[0]]
    for character in printed[1:]:
        pieces += [*draw(st.lists(st.sampled_from(IGNORABLE), max_size=2)), character]
    sign = "\u064e" if word == "حرروا" and draw(st.booleans()) else ""
    return word, unicodedata.normalize("NFC", "".join(pieces) + sign)


@given(st.lists(as_printed(), min_size=1, max_size=4), st.sampled_from([" ", ", ", " – ", " \u200e", "\u200f "]))
def test_a_word_is_found_as_it_is_written_with_exactly_its_offsets(printed: list[tuple[str, str]], gap: str) -> None:
    text, places = "", []
    for _, one in printed:
        text += gap
        places.append((len(text), len(text) + len(one)))
        text += one
    text += gap
    for word in {word for word, _ in printed}:
        expected = [place for (name, _), place in zip(printed, places, strict=True) if name == word]
        assert find([word], text) == expected
        assert find([f"{word[:4]}*"], text) == expected or "-" in word or "'" in word
        assert mention_candidates([word], f"a {text} b") == [(a + 2, b + 2) for a, b in expected] or len(expected) > 1


@given(st.text(max_size=40))
def test_each_letter_of_a_folded_text_has_its_place_in_the_text(text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    folded = fold(text)
    places = [folded.place(i, i + 1) for i in range(len(folded.text))]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert places == sorted(places)


def test_every_letter_with_a_longer_lower_case_is_known() -> None:
    longer = [chr(c) for c in range(sys.maxunicode + 1) if len(chr(c).casefold()) > 1 and chr(c) != "İ"]
    assert [letter for letter in longer if not _OTHER_LENGTH.fullmatch(letter)] == []


def test_every_reader_gives_words_that_its_terms_find(empty_study: Study) -> None:
    folder = next(CASES.glob("06*"))
    add(empty_study, [folder / "shy.csv", folder / "shy.jsonl"])
    add(empty_study, [folder / "shy.txt", folder / "shy.docx", folder / "hyph.txt"], outlet="T")
    usages = {
        (usage.outlet, usage.term): usage.hits for usage in term_usage(empty_study, ["liberat*", "captur*"]).terms
    }
    assert usages == {
        ("CSV", "liberat*"): 1, ("JSONL", "liberat*"): 1, ("T", "liberat*"): 3,
        ("CSV", "captur*"): 1, ("JSONL", "captur*"): 1, ("T", "captur*"): 3,
    }  # fmt: skip
    for term, number in {"occup*": 2, "re-taken OR retaken": 0, "retaken": 1, "confirm*": 1, "reunif*": 1}.items():
        assert len(kwic(empty_study, term).hits) == number
    (hit,) = kwic(empty_study, "reunif*").hits
    assert hit.match == "reuniﬁed" and hit.left.endswith("province was ")  # the text stays as it is


def test_terms_in_chinese_are_counted(empty_study: Study) -> None:
    add(empty_study, next(CASES.glob("17*")) / "zh.csv")
    assert [usage.hits for usage in term_usage(empty_study, "解放").terms] == [2]


def test_the_examples_of_a_codebook_are_found_by_letters(territorial: Codebook) -> None:
    printed = Example(text="Troops *ｌibe\u00adrated* Velo.", codes={})
    book = territorial.model_copy(update={"examples": (printed,)})
    assert examples_missed_by_terms(book) == []


@pytest.fixture
def territorial() -> Codebook:
    from corpus.codebook import load

    return load("territorial-control")


def test_mentions_are_spans_of_the_text_as_it_is(empty_study: Study, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Velo\n\nTroops to\u00adok Velo and libe\u200brated Karsk.", encoding="utf-8")
    add(empty_study, tmp_path / "a.txt", outlet="T")
    spans = empty_study.spans()
    assert spans[spans["unit"] == "mention"]["text"].tolist() == ["to\u00adok", "libe\u200brated"]


def test_what_folding_drops_is_no_letter() -> None:
    """Nothing that is spelled with another letter becomes the same word."""
    pairs = [
        ("й", "и"),
        ("ї", "і"),
        ("é", "e"),
        ("ö", "o"),
        ("أ", "ا"),
        ("ñ", "n"),
        ("が", "か"),
        ("ł", "l"),
        ("ø", "o"),
    ]
    assert [pair for pair in pairs if fold(pair[0]).text == fold(pair[1]).text] == []
    assert not re.search(r"\s", fold("\u200b\u00ad\u2060").text)
