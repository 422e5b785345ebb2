"""Languages: one code for all names, detected where none is stated, told where the text contradicts the stated one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpus import Study, add
from corpus.text.language import detect_language, language_of_text
from corpus.text.language_names import language_code

TEXTS = {
    "en": "Northland took the town of Velo at dawn on Monday, its ministry of defence said in the evening. The people of "
    "the old quarter had left weeks before, and nobody could say when they would return to their houses.",
    "de": "Die Armee des Nordlands hat am Montag nach neun Tagen die Stadt Velo eingenommen, wie das Ministerium am Abend "
    "sagte. Die Bewohner der Altstadt waren schon Wochen zuvor geflohen, und niemand weiß, wann sie zurückkehren.",
    "fr": "L'armée du Nord a pris la ville de Velo lundi à l'aube, a déclaré le ministère de la Défense dans la soirée. Les "
    "habitants de la vieille ville étaient partis des semaines auparavant, et personne ne sait quand ils reviendront.",
    "uk": "Армія Півночі взяла місто Вело на світанку в понеділок, повідомило ввечері міністерство оборони. Мешканці "
    "старого міста виїхали за кілька тижнів до того, і ніхто не знає, коли вони повернуться до своїх домівок.",
    "ar": "استولت القوات على مدينة فيلو يوم الاثنين بعد أسابيع من القصف العنيف الذي أفرغ البلدة القديمة من سكانها. وقال "
    "الرئيس إن المدينة تحررت أخيرا ووعد بإعادة بناء كل منزل قبل حلول الشتاء.",
    "zh": "北国军队星期一黎明占领了维洛城，国防部当晚表示。老城区的居民几周前就已经离开，没有人知道他们什么时候能够回家。记者在城里看到，桥梁仍然关闭。",
}
NAMES = {
    "de": "German Deutsch allemand tedesco alemán немецкий ger deu de DE de_DE de-AT de_DE.UTF-8",
    "en": "English Englisch anglais inglese inglés английский angielski eng EN en-GB en_US",
    "uk": "Ukrainian українська ukrainien Ukrainisch украинский ukr uk uk-UA",
    "zh": "Chinese 中文 汉语 chinois chi zho cmn zh zh_TW zh-Hans-CN Mandarin",
    "ar": "Arabic العربية arabe ara ar-EG arb",
    "cs": "Czech čeština tchèque cze ces cs_CZ",
    "es": "Spanish español espagnol Castellano Espanol spa es-419",
    "fa": "Persian Farsi فارسی per fas fa",
    "he": "Hebrew עברית heb iw he-IL",
    "no": "Norwegian norsk nor no nb nob nb-NO",
}


@pytest.mark.parametrize("code", NAMES)
def test_every_common_name_of_a_language_is_one(code: str) -> None:
    assert {name: language_code(name) for name in NAMES[code].split()} == dict.fromkeys(NAMES[code].split(), code)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("GERMAN; DEUTSCH", "de"),
        ("English (United States)", "en"),
        ("German - Germany", "de"),
        ("język polski", "pl"),
        ("українська мова", "uk"),
        ("русский язык", "ru"),
        ("Brazilian Portuguese", "pt"),
        ("en-US,en;q=0.9", "en"),
        ("  french ", "fr"),
        ("ua", "uk"), ("cz", "cs"), ("jp", "ja"), ("cn", "zh"), ("gr", "el"), ("dk", "da"), ("srpski", "sr"),  # codes of countries
        ("English, French", None),
        ("Elvish", None),
        ("xx", None),
        ("english please", None),
    ],
)  # fmt: skip
def test_names_with_additions_are_read_and_two_languages_are_not_one(name: str, code: str | None) -> None:
    assert language_code(name) == code


@pytest.mark.parametrize("code", TEXTS)
def test_a_language_that_is_not_stated_is_detected_in_a_text_and_not_in_a_word(code: str) -> None:
    assert language_of_text(TEXTS[code], None) == (code, None)
    assert detect_language(TEXTS[code])[1] > 0.9
    assert language_of_text(TEXTS[code][:12], None) == (None, None)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study.create(tmp_path / "study", "territorial-control")


def languages(study: Study) -> dict[str, str]:
    articles = study.articles().astype(object)
    return {
        key: language if isinstance(language, str) else ""
        for key, language in zip(articles["outlet"], articles["language"], strict=True)
    }


def test_a_table_a_manifest_and_json_lines_name_languages_as_they_like(study: Study, tmp_path: Path) -> None:
    rows = [("A", "Deutsch", "de"), ("B", "ger", "de"), ("C", "", "uk"), ("D", "NA", "fr"), ("E", "Arabic", "ar")]
    (tmp_path / "t.jsonl").write_text(
        "\n".join(json.dumps({"outlet": o, "language": name, "text": TEXTS[code]}) for o, name, code in rows),
        encoding="utf-8",
    )
    folder = tmp_path / "texts"
    folder.mkdir()
    for name, code in (("f.txt", "fr"), ("g.txt", "zh"), ("h.txt", "en")):
        (folder / name).write_text(TEXTS[code], encoding="utf-8")
    (folder / "manifest.csv").write_text(
        "file,outlet,language\nf.txt,F,French (France)\ng.txt,G,\nh.txt,H,en_GB\n", encoding="utf-8"
    )
    result = add(study, [tmp_path / "t.jsonl", folder])
    assert result.warnings == [] and result.refusals == []
    expected = {"A": "de", "B": "de", "C": "uk", "D": "fr", "E": "ar", "F": "fr", "G": "zh", "H": "en"}
    assert languages(study) == expected


def test_an_unknown_language_and_one_that_the_text_contradicts_are_told(study: Study, tmp_path: Path) -> None:
    rows = [("A", "Elvish", "de"), ("B", "English", "uk"), ("C", "Russian", "uk"), ("D", "en", "en")]
    path = tmp_path / "t.jsonl"
    path.write_text(
        "\n".join(json.dumps({"outlet": o, "language": name, "text": TEXTS[code]}) for o, name, code in rows),
        encoding="utf-8",
    )
    result = add(study, path)
    assert [why.split(";")[0] for _, why in result.warnings] == [
        "the language 'Elvish' is not known",
        "its language is stated as 'en', but the text seems to be in 'uk' (probability 1.000)",
        "its language is stated as 'ru', but the text seems to be in 'uk' (probability 1.000)",
    ]
    assert languages(study) == {"A": "de", "B": "en", "C": "ru", "D": "en"}
    assert result.read == 4 and len(result.new) == 4


def test_a_page_whose_text_contradicts_its_declared_language_is_told(study: Study, tmp_path: Path) -> None:
    body = "".join(f"<p>{sentence}.</p>" for sentence in (TEXTS["uk"] * 2).split(". "))
    path = tmp_path / "page.html"
    path.write_text(
        f'<html lang="en-US"><head><title>Вело</title></head><body><article>{body}</article></body></html>',
        encoding="utf-8",
    )
    result = add(study, path, outlet="Herald")
    assert [why for _, why in result.warnings] == [
        "it declares the language 'en', but its text is in 'uk', as which it was stored"
    ]
    assert languages(study) == {"Herald": "uk"}


def test_a_language_corrected_later_splits_the_text_again_and_a_detected_one_replaces_none(
    study: Study, tmp_path: Path
) -> None:
    text = "Gen. Ilm mlčel. Např. Karsk hořel."
    path = tmp_path / "t.csv"

    def sentences() -> list[str]:
        spans = study.spans()
        return spans[spans["unit"] == "sentence"]["text"].tolist()

    for language, count in (("English", 3), ("Czech", 2), ("", 2)):
        path.write_text(f'outlet,id,language,text\nA,1,{language},"{text}"\n', encoding="utf-8")
        add(study, path)
        assert len(sentences()) == count
    assert languages(study) == {"A": "cs"}
