"""Find what distinguishes a text from another with the same frame: its names, numbers and days."""

from __future__ import annotations

import re
from functools import cache

_WORD = re.compile(r"\w+(?:[.,:]\d+)*")
_BEGINS = re.compile(r"(?:^|[.!?…:»”\"“„«]\s*|\n\s*|[-–—]\s)$")  # what is before a word that begins a sentence

# days and months that are written in lower case, by their stems
_DAYS = re.compile(
    r"(?:lun(?:di|es|edì)|mar(?:di|tes|tedì)|mer(?:credi|coledì)|mi[eé]rcoles|jeu(?:di|ves)|gioved[iì]|vendredi|viernes"
    r"|venerd[iì]|samedi|s[aá]bado|sabato|dimanche|domingo|domenica|понед[еі]л\w+|вторн\w+|в[іi]втор\w+|сред[аыу]|серед[аиу]"
    r"|четвер\w*|п.?ятни[цч]\w+|суббот\w+|субот\w+|воскресен\w+|неділ\w+"
    r"|janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
    r"|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
    r"|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre"
    r"|январ\w|феврал\w|марта?|апрел\w|мая|июн\w|июл\w|августа?|сентябр\w|октябр\w|ноябр\w|декабр\w"
    r"|січ(?:ень|ня)|лют(?:ий|ого)|берез(?:ень|ня)|квіт(?:ень|ня)|трав(?:ень|ня)|черв(?:ень|ня)|лип(?:ень|ня)"
    r"|серп(?:ень|ня)|верес(?:ень|ня)|жовт(?:ень|ня)|листопада?|груд(?:ень|ня))"
)

# Scripts without capitals: the days and months have names there too, and places stand next to a word for a town or a
# region. What is not next to one is not known to be a name.
_CASELESS = re.compile("[\u0590-\u0fff\u1000-\u10ff\u1200-\u139f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LANGUAGES = ("ar", "ar_LB", "fa", "ur", "he", "hi", "mr", "ne", "bn", "pa", "gu", "ta", "te", "kn", "ml", "si", "th",
              "lo", "my", "km", "ka", "am", "ko")  # fmt: skip
_NO_BLANKS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_LETTER = r"[^\W\d_\u3040-\u30ff\u3400-\u9fff]"
_MARK = "[\u0300-\u036f\u0591-\u05c7\u0610-\u065f\u0670\u06d6-\u06ed\u0900-\u0dff\u200c\u200d]"  # not in \w
_NAME = rf"{_LETTER}(?:{_LETTER}|{_MARK})+"
_PLACE_BEFORE = re.compile(  # "the town of Velo", with what is written together with the noun
    rf"(?<!\w)(?:[وبلف]?ل?(?:ال)?(?:مدينة|مدينتي|بلدة|بلدتي|قرية|قريتي|منطقة|محافظة|حي|ميناء|ناحية|قضاء|مخيم)"
    rf"|[ובלמשכה]{{0,3}}(?:עיר|העיר|עיירה|כפר|קיבוץ|מושב|שכונת|נמל|מחוז|אזור)"
    rf"|شهر|شهرک|شهرستان|روستای|استان|بندر|منطقهٔ?|شہر|قصبے|گاؤں|ضلع|ქალაქი?ს?|სოფელი?ს?)\s+({_NAME})"
)
_PLACE_AFTER = re.compile(  # "Velo town"
    rf"({_NAME})\s+(?:शहर|कस्ब[ेा]|क़स्ब[ेा]|गाँव|गांव|ज़िले|जिले|नगर|राज्य|प्रांत|शहरात|গ্রাম\w*|শহর\w*|জেলা\w*|شہر|قصبے|گاؤں|ضلع|ከተማ)"
)
_EAST_ASIAN = re.compile(  # no blanks: the two letters before the word
    r"(?:星期|周|週|禮拜|礼拜)[一二三四五六日天]|[月火水木金土日]曜日?|[一-鿿゠-ヿ]{2}(?:镇|鎮|市|村|县|縣|(?<!地)[区區]|省|州|港|町)"
)


def facts(text: str) -> frozenset[str]:
    """Return a text's names, numbers, days and months, in lower case.

    Names are words in capitals that do not begin a sentence; in scripts without capitals, the words next to one for a
    town or a region.

    >>> sorted(facts("Northland took the town of Velo at dawn on 3 May. It lost 12 tanks."))
    ['12', '3', 'may', 'velo']
    >>> sorted(facts("سيطر الجيش على بلدة فيلو يوم الجمعة")), sorted(facts("星期五，军队占领了维洛镇"))
    (['الجمعة', 'فيلو'], ['星期五', '维洛镇'])
    """
    found = set()
    for match in _WORD.finditer(text):
        word = match[0]
        before = text[max(0, match.start() - 4) : match.start()]
        is_name = word[0].isupper() and not _BEGINS.search(before)
        if is_name or _DAYS.fullmatch(word) or any(character.isdigit() for character in word):
            found.add(word.lower())
    if _CASELESS.search(text):
        found.update(_facts_without_capitals(text))
    return frozenset(found)


def _facts_without_capitals(text: str) -> set[str]:
    found = {match[0] for match in _days_without_capitals().finditer(text)}
    found.update(match[0] for match in _EAST_ASIAN.finditer(text))
    found.update(match[1] for pattern in (_PLACE_BEFORE, _PLACE_AFTER) for match in pattern.finditer(text))
    return found


@cache
def _days_without_capitals() -> re.Pattern[str]:
    """Return the names of days and months in languages whose scripts have no capitals."""
    from babel import Locale

    names: set[str] = set()
    for language in _LANGUAGES:
        locale = Locale.parse(language)
        for calendar in (locale.days, locale.months):
            for by_width in calendar.values():
                names.update(by_width["wide"].values())
    listed = [re.escape(name) for name in sorted(names, key=lambda name: (-len(name), name)) if len(name) > 2]
    without_blanks = "|".join(name for name in listed if _NO_BLANKS.match(name))
    others = "|".join(name for name in listed if not _NO_BLANKS.match(name))  # some begin other words
    return re.compile(rf"{without_blanks}|(?<![^\Wوبلفבוהל])(?:{others})(?!\w)")
