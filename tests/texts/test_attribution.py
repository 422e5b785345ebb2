"""Whose words: quotations in six languages, clauses of saying, headlines' sources, scare quotes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest
from timing import growth

from corpus.attribution.attribution import ATTRIBUTIONS, UNKNOWN, Attribution, attribute_span
from corpus.attribution.languages import LANGUAGES
from corpus.attribution.quotations import find_quotations
from corpus.codebook import load
from corpus.errors import SpanOutOfText

FOLDER = Path(__file__).parents[1] / "data" / "attribution"
# At first sight, before any rule was mended by them: .987 of the 150 spans held back, .959 of 74 others written when the
# rules stood ("late", which are the better guess at texts of other people). It only rises.
FLOOR = 0.95
# Then 73 hard ones in English, Russian and German ("fresh"): .863 at first sight, .932 when what was general was mended.
FRESH_FLOOR = 0.93
SPEAKER_FLOOR = 0.90


class Case(NamedTuple):
    language: str
    text: str
    start: int
    end: int
    kind: str
    speaker: str
    hard: bool
    headline: bool
    half: str


def cases() -> list[Case]:
    found = []
    for language in LANGUAGES:
        for line in (FOLDER / f"{language}.tsv").read_text(encoding="utf-8").splitlines()[1:]:
            sentence, kind, speaker, difficulty, form, half = line.split("\t")
            before, unit, after = sentence.replace("¶", "\n\n").split("*")
            start, end = len(before), len(before) + len(unit)
            found.append(
                Case(
                    language,
                    before + unit + after,
                    start,
                    end,
                    kind,
                    speaker,
                    difficulty == "hard",
                    form == "headline",
                    half,
                )
            )
    return found


CASES = cases()


def judged(case: Case) -> Attribution:
    return attribute_span(case.text, case.start, case.end, case.language, case.headline)


def test_the_set_has_fifty_spans_a_language_and_a_third_of_them_hard() -> None:
    counts = Counter(case.language for case in CASES)
    assert min(counts.values()) >= 50 and len(CASES) >= 300
    assert sum(case.hard for case in CASES) >= len(CASES) / 3
    assert {case.kind for case in CASES} == set(ATTRIBUTIONS)


@pytest.mark.parametrize("half", ["develop", "held", "late"])
def test_whose_words_are_told_in_every_language_and_class(half: str) -> None:
    right: Counter[str] = Counter()
    number: Counter[str] = Counter()
    for case in CASES:
        if case.half == half:
            good = judged(case).kind == case.kind
            for group in ("all", case.language, case.kind, "hard" if case.hard else "plain"):
                number[group] += 1
                right[group] += good
    shares = {group: round(right[group] / number[group], 3) for group in number if number[group] >= 20}
    assert min(shares.values()) >= FLOOR, shares


def test_whose_words_are_told_in_the_hard_sentences_that_came_last() -> None:
    fresh = [case for case in CASES if case.half == "fresh"]
    assert len(fresh) == 73 and all(case.hard for case in fresh)
    wrong = [case.text for case in fresh if judged(case).kind != case.kind]
    assert 1 - len(wrong) / len(fresh) >= FRESH_FLOOR, wrong


def test_the_speaker_is_named_as_the_text_names_him() -> None:
    with_source = [case for case in CASES if case.kind != "outlet"]
    right = 0
    for case in with_source:
        said = judged(case).speaker
        words = {word.casefold() for word in (said or "").split()}
        right += bool(words & {word.casefold() for word in case.speaker.split()}) if case.speaker else said is None
    assert right / len(with_source) >= SPEAKER_FLOOR


def test_the_codebooks_own_examples_are_told() -> None:
    wrong = {}
    for example in load("territorial-control").examples:
        if (kind := example.codes.get("attribution")) is None:
            continue
        before, unit, after = example.text.split("*")
        found = attribute_span(before + unit + after, len(before), len(before) + len(unit))
        if found.kind != kind:
            wrong[example.text] = found
    assert wrong == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("« Nous avons “repris” Velo », dit-il.", ["« Nous avons “repris” Velo »", "“repris”"]),
        ("»Sie nahmen es«, sagte er. »Gut.«", ["»Sie nahmen es«", "»Gut.«"]),
        ("„Er rief: ‚Nein!‘ und ging“", ["„Er rief: ‚Nein!‘ und ging“", "‚Nein!‘"]),
        ("«Брат крикнул: „Да!“ — и побежал»", ["«Брат крикнул: „Да!“ — и побежал»", "„Да!“"]),
        ("'The soldiers' boots aren't here,' she said", ["'The soldiers' boots aren't here,'"]),
        ("l'armée d'Ardun, об'єкт, the boys' caps", []),
        ('He said "no" and left 5" of it', ['"no"']),
        ("“It was cold.\n\n“They took it,” she said.", ["“It was cold.", "“They took it,”"]),
        ("“It was cold.\n\nThey took it,” she said.", ["“It was cold.", "They took it,”"]),
        ("“A mark that nothing closes.\n\nThe next paragraph.", []),
    ],
)
def test_quotation_marks_of_six_languages_are_paired(text: str, found: list[str]) -> None:
    assert [text[q.start : q.end] for q in find_quotations(text)] == found


def test_offsets_are_those_of_the_text_behind_emoji() -> None:
    text = "😀👩‍🚒 Velo fell, the mayor said."
    start = text.index("fell")
    found = attribute_span(text, start, start + 4)
    assert (found.kind, text[slice(*(found.evidence or (0, 0)))]) == ("indirect", "said")


def test_a_language_without_a_table_is_judged_by_its_marks() -> None:
    assert attribute_span("La urbo estis „liberigita“.", 15, 25, "eo").kind == "marked"
    assert attribute_span("Ili liberigis la urbon, diris li.", 4, 13, "eo").kind == UNKNOWN


@pytest.mark.parametrize(
    ("text", "word", "language", "kind"),
    [
        ("“We liberated the town,” he said. “It was our duty.", "liberated", "en", "direct"),
        ("'We liberated the town,' the soldiers' commander said.", "liberated", "en", "direct"),
        ("The so-called 'liberators' entered the city.", "liberators", "en", "marked"),
        ("The farmers' union said the town was occupied by the soldiers' friends.", "occupied", "en", "indirect"),
        ("The '90s ended when rebels captured Velo, and the '00s began.", "captured", "en", "outlet"),
        ("Rock 'n' roll played as troops captured Velo.", "captured", "en", "outlet"),
        ("The 6' tall soldier captured a 5'' gun.", "captured", "en", "outlet"),
        ("The minister said: \"The enemy called it 'liberated' and it was not.\"", "liberated", "en", "direct"),
        ("Velo has been liberated, Northland's defence ministry has claimed.", "liberated", "en", "indirect"),
        ("Northland claims Velo captured", "captured", "en", "indirect"),
        ("Velo captured, says Northland", "captured", "en", "indirect"),
        ("According to the BBC, rebels captured Velo.", "captured", "en", "indirect"),
        ("Rebels captured Velo. The ministry said nothing.", "captured", "en", "outlet"),
        ("The general denied that Velo had been captured.", "captured", "en", "indirect"),
        ("“Velo is ours,” the general said after his men captured the bridge.", "captured", "en", "outlet"),
        (
            "He told reporters in the town that rebels captured last week that peace was near.",
            "captured",
            "en",
            "outlet",
        ),
        ("Officials, who captured Velo last week, said peace was near.", "captured", "en", "outlet"),
        ("”We captured Velo,” said the colonel (Swedish style).", "captured", "en", "direct"),
        ("<<We captured Velo>>, said the colonel.", "captured", "en", "direct"),
        ("``We captured Velo,'' said the colonel.", "captured", "en", "direct"),
        ("„We captured Velo”, said the colonel.", "captured", "en", "direct"),
        ("‘We captured Velo’, said the colonel.", "captured", "en", "direct"),
        ("‘We captured Velo,’ said the colonel. ‘It’s over.’", "captured", "en", "direct"),
        ('"Velo is free," he said, "because we captured it.', "captured", "en", "direct"),
        ("«Мы освободили Вело», — заявил министр обороны.", "освободили", "ru", "direct"),
        ("Вело освобождён, заявили в министерстве.", "освобождён", "ru", "indirect"),
        ("— Мы освободили Вело, — сказал полковник. — Теперь домой.", "освободили", "ru", "direct"),
        ("– Ми звільнили Вело, – сказав полковник.", "звільнили", "uk", "direct"),
        ("Так зване «звільнення» міста тривало тиждень.", "звільнення", "uk", "marked"),
        ("За словами міністра, місто звільнили в понеділок.", "звільнили", "uk", "indirect"),
        ("Die Stadt sei befreit worden, sagte der Minister.", "befreit", "de", "indirect"),
        ("Die sogenannte Befreiung dauerte eine Woche.", "Befreiung", "de", "marked"),
        ("»Wir haben Velo befreit«, sagte der Oberst.", "befreit", "de", "direct"),
        ("Laut Ministerium wurde die Stadt befreit.", "befreit", "de", "indirect"),
        ("« Nous avons libéré Velo », a déclaré le colonel.", "libéré", "fr", "direct"),
        ("La ville aurait été libérée, selon le ministère.", "libérée", "fr", "indirect"),
        ("« Nous avons pris le pont, a-t-il dit, et libéré Velo. »", "libéré", "fr", "direct"),
        ("«Abbiamo liberato Velo», ha detto il colonnello.", "liberato", "it", "direct"),
        ("– Abbiamo liberato Velo – ha detto il colonnello.", "liberato", "it", "direct"),
        ("قال الوزير إن الجيش حرر المدينة.", "حرر", "ar", "indirect"),
        ("قال الوزير: «حررنا المدينة بالكامل».", "حررنا", "ar", "direct"),
        ("部長說：「我們解放了維洛。」", "解放", "zh", "direct"),
        ("部长说：“我们解放了维洛。”", "解放", "zh", "direct"),
        ("«Hemos liberado Velo», dijo el coronel.", "liberado", "es", "direct"),
        ("—Hemos liberado Velo —dijo el coronel.", "liberado", "es", "direct"),
        ("Według ministra miasto zostało wyzwolone.", "wyzwolone", "pl", "indirect"),
        # siblings: other marks and languages
        ("『我們解放了維洛。』市長說。", "解放", "zh", "direct"),
        ("他们称之为“解放”。", "解放", "zh", "marked"),
        ("军队解放了维洛。", "解放", "zh", "unknown"),
        ("《解放之歌》今天上映。", "解放", "zh", "unknown"),
        ("大佐は「我々はヴェロを解放した」と述べた。", "解放", "ja", "direct"),
        ("„Wyzwoliliśmy Velo”, powiedział pułkownik.", "Wyzwoliliśmy", "pl", "direct"),
        ("Wojsko wyzwoliło miasto.", "wyzwoliło", "pl", "unknown"),
        ("„Osvobodili jsme Velo,“ řekl plukovník.", "Osvobodili", "cs", "direct"),
        ("»Osvobodili jsme Velo,« řekl plukovník.", "Osvobodili", "cs", "direct"),
        ("Podle ministra bylo město osvobozeno.", "osvobozeno", "cs", "indirect"),
        ("Město bylo takzvaně „osvobozeno“.", "osvobozeno", "cs", "marked"),
        ("El coronel dijo que el ejército liberó Velo.", "liberó", "es", "indirect"),
        ("El ejército liberó Velo.", "liberó", "es", "unknown"),
        ("—Hemos liberado Velo —dijo el coronel—. Volvemos a casa.", "Volvemos", "es", "direct"),
        ("«Ми звільнили Вело», — сказав полковник.", "звільнили", "uk", "direct"),
        ("„Ми звільнили Вело“, — сказав полковник.", "звільнили", "uk", "direct"),
        ("قال الوزير: “حررنا المدينة بالكامل”.", "حررنا", "ar", "direct"),
        ("الجيش حرر المدينة.", "حرر", "ar", "unknown"),
        ("«\u00a0Nous avons libéré Velo\u00a0», a déclaré le colonel.", "libéré", "fr", "direct"),
        (",,Wir haben Velo befreit'', sagte der Oberst.", "befreit", "de", "direct"),
        ("''We captured Velo,'' said the colonel.", "captured", "en", "direct"),
        ("James' troops captured Velo, and the boys' caps burned.", "captured", "en", "outlet"),
        ("He said: “They call it ‘liberated’, but our town was never theirs.”", "liberated", "en", "direct"),
        ("Felszabadítottuk Velót.", "Felszabadítottuk", "hu", "unknown"),
        ("Trupperna befriade Velo.", "befriade", "sv", "unknown"),
    ],
)
def test_whose_words_are_told_by_the_marks_and_words_of_each_language(
    text: str, word: str, language: str, kind: str
) -> None:
    start = text.index(word)
    assert attribute_span(text, start, start + len(word), language).kind == kind


@pytest.mark.parametrize(
    "typed", ["``We took it,''", "<<We took it>>", "''We took it,''", ",,We took it''", "”We took it,”"]
)
def test_typed_marks_are_quotations_with_offsets_of_the_text(typed: str) -> None:
    text = f"He said: {typed} and left."
    (found,) = find_quotations(text)
    assert text[found.start : found.end] == typed and text[slice(*found.inner)].rstrip(",") == "We took it"


def test_the_language_may_be_named_in_any_form() -> None:
    for name in ("German", "deu", "de_AT", "Deutsch"):
        assert attribute_span("Laut Ministerium wurde die Stadt befreit.", 33, 40, name).kind == "indirect"


def test_a_span_outside_the_text_is_refused() -> None:
    with pytest.raises(SpanOutOfText, match="is not inside"):
        attribute_span("Velo fell.", 5, 40)


@pytest.mark.parametrize("piece", ["““", "'a ", '" said ', "said, ", "« a\n\n"])
def test_a_hostile_text_takes_time_that_grows_with_its_length(piece: str) -> None:
    def judged(pieces: int) -> None:
        text = piece * pieces
        for language in LANGUAGES:
            attribute_span(text, len(text) // 2, len(text) // 2 + 1, language)

    assert growth(judged, 10_000) < 3


@pytest.mark.parametrize(
    ("text", "word", "language"),
    [
        ("“They call it ‘liberated’ but it is not,” the mayor said.", "liberated", "en"),
        ("„Er nannte es ‚Befreiung‘, aber das war es nicht“, sagte sie.", "Befreiung", "de"),
        ("« Ils disent “libéré”, mais ce n’est pas du tout vrai », a dit le maire.", "libéré", "fr"),
        ("— Nous avons libéré Velo, dit le ministre.", "libéré", "fr"),
    ],
)
def test_a_word_that_a_speaker_quotes_is_in_the_speakers_words(text: str, word: str, language: str) -> None:
    start = text.index(word)
    assert attribute_span(text, start, start + len(word), language).kind == "direct"


def test_the_narrator_of_a_french_dialogue_is_no_speaker() -> None:
    text = "— Velo est à nous, dit le ministre qui avait libéré la ville."
    start = text.index("libéré")
    assert attribute_span(text, start, start + 6, "fr").kind != "direct"
