"""Judge by its letters whether a text was decoded rightly, for texts whose declared encoding is missing or wrong."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import lru_cache

# letters beyond ASCII by language, the commonest first; letters of Latin languages are judged by the text's language
_ALPHABETS = {
    "ru": "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
    "uk": "оанивіетрлксдумпязьбгйчхцжющєїшфґ",
    "be": "анілоетрксвпдуямыьзбгйчўхцжшэёфю",
    "bg": "аеиотнсрвлкдпмзуябъгчцжшщйхфюь",
    "sr": "аиоенрјстукдвпмлбзгжчшцљћњђхџф",
    "mk": "аоиетнрсвкдпмлузјгбчшцжќхфѓљњџѕ",
    "el": "αοιετσνηυρπκμλςόίάέθδγχωφύήβξζώψϊϋΐΰ",
    "he": "יוהלאתרמבשנעכקדחפגםסטצזןףךץ",
    "ar": "اليمنترهوبعدفسكقحةجشصخطذئىءزضغثأإظآؤ",
    "fa": "ایرندمهوتبسشکزگخلعفقپحجصطچضغذثظژآئءۀ",
    "th": "านรอกเงมยลวดทตสคปบแหพะขใไำจชถผซโญธศฟฉษภณฮ่้ัิีื์ุู็ึ",
    "de": "üäößéà",
    "fr": "éèàêçôîùâûœëï",
    "es": "óíáéñúü¿¡ç",
    "pt": "ãçáéóíêõâôúàü",
    "it": "èàùòìéî",
    "ca": "éàóíèçòúïü·",
    "nl": "ëéïèüöê",
    "sv": "äöåéü",
    "da": "øåæéöü",
    "no": "øåæéòöüä",
    "fi": "äöåéšž",
    "is": "íðáóþéúæýö",
    "ga": "áíéúó",
    "pl": "łóżąęśćńźéü",
    "cs": "íáéěřčžšýůúňóťď",
    "sk": "áíčéžýšúľťôňäóďŕĺ",
    "hu": "éáöóőüíúű",
    "ro": "ăîâșțşţé",
    "hr": "ščžćđ",
    "sl": "čšžćđ",
    "tr": "ıışğüöçİâî",
    "et": "äõüöšž",
    "lv": "āīēšņļūčžģķ",
    "lt": "ėžšįųčąūęš",
    "sq": "ëç",
    "en": "éèïüñöäçáóíâêàôø",
}
_WEST, _CENTRE = "de fr es pt it nl sv da no en", "pl cs sk hu ro hr sl sq de"
# the languages of each encoding that is looked for without a declaration, by the encoding's name in the standard
ENCODINGS = {
    "windows-1251": "ru uk be bg sr mk", "koi8-r": "ru bg", "koi8-u": "uk ru", "iso-8859-5": "ru bg sr mk be",
    "ibm866": "ru be", "x-mac-cyrillic": "ru uk bg sr mk", "windows-1253": "el", "iso-8859-7": "el",
    "windows-1255": "he", "windows-1256": "ar fa", "iso-8859-6": "ar", "windows-874": "th",
    "windows-1252": f"{_WEST} ca fi is ga et sq", "macintosh": f"{_WEST} is", "cp850": _WEST,
    "windows-1250": _CENTRE, "iso-8859-2": _CENTRE,
    "windows-1254": "tr", "windows-1257": "lv lt et", "iso-8859-13": "lv lt et", "iso-8859-15": "fr fi et es",
    "shift_jis": "ja", "euc-jp": "ja", "euc-kr": "ko", "gb18030": "zh", "big5": "zh",
}  # fmt: skip
RARE = {  # by which the log-likelihood of a text in seldom used encodings is less
    "x-mac-cyrillic": 12.0,
    "ibm866": 3.0,
    "macintosh": 3.0,
    "cp850": 3.0,
    "iso-8859-13": 2.0,
    "iso-8859-7": 4.0,
    "iso-8859-2": 1.0,
    "iso-8859-15": 1.0,
}
_HAN = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相"
    "全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料"
    "這為個國時來們對會說發動過產種麵後學經進著電裡現實兩體機當點從業應開還華東車長門問間關無與樣線數變條結軍戰報記總統攻占領放市"
)
_HANGUL = frozenset(
    "이다는의을가에하고한를은사지로기서도자대시그일인어나해정부수리라전들과으장상적원국만성있보제주여스동했조공"
)
_PUNCTUATION = frozenset("“”‘’‚„–—…«»‹›\u00a0·、。「」，：！？『』")
_SIGNS = frozenset("€£©®§°•™№½²³¥¢\u00ad±†‰×¿¡")
_LATIN = re.compile("[A-Za-zª-ɏ]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_SAMPLE = 3000  # characters beyond ASCII


@lru_cache(maxsize=64)
def _frequencies(language: str) -> Mapping[str, float]:
    """Return the logarithm of each letter's frequency, by its rank."""
    letters = dict.fromkeys(_ALPHABETS[language])
    weights = [math.exp(-3.7 * rank / len(letters)) for rank in range(len(letters))]
    return {letter: math.log(weight / sum(weights)) for letter, weight in zip(letters, weights, strict=True)}


def plausibility(text: str, encoding: str, languages: frozenset[str]) -> float:
    """Return the log-likelihood of a text's characters beyond ASCII, in the best of the encoding's languages.

    `languages` are those that the text is in, as declared or detected; others are less likely.
    """
    found = [(match[0], text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1])
             for match, _ in zip(_NOT_ASCII.finditer(text), range(_SAMPLE), strict=False)]  # fmt: skip
    best = -math.inf
    for language in ENCODINGS[encoding].split():
        total = sum(_score(language, *one) for one in found)
        unlike = language not in languages
        best = max(best, total - (6 + (0.5 * len(found) if language in _LATIN_LANGUAGES else 0) if unlike else 0))
    return best - RARE.get(encoding, 0)


def _score(language: str, character: str, before: str, after: str) -> float:
    if language in ("ja", "zh", "ko"):
        return _east_asian(language, character)
    inside = before.isalpha() and after.isalpha()
    if language == "el" and character == "’" and after.isalpha() and not before.isalpha():
        return -9.0  # as Ά looks that is read in the other encoding of Greek
    if character in _PUNCTUATION or character in _SIGNS:
        return _mark_score(character, before, after, inside)
    lower = character.lower()
    latin = language in _LATIN_LANGUAGES
    score = _frequencies(language).get("ı" if character == "İ" else lower)
    if score is None:
        if not character.isalpha():
            return -14.0 if character < "\u00a0" or before.isalpha() or after.isalpha() else -11.0
        score = -7.0 if latin and character < "ƀ" and _LATIN.match(character) else -10.0
    if character != lower and before.isalpha():
        score -= 4 if before.islower() else 1  # "гОРОД", as letters of koi8-r look that are read as windows-1251
    neighbours = [one for one in (before, after) if one.isalpha()]
    if any(_script(one) != _script(character) for one in neighbours):
        score -= 6
    elif not neighbours:
        score -= (3 if latin else 0) + (1 if character != lower else 0)
    if before.isdigit() or after.isdigit():
        score -= 2
    return score - (2 if language == "en" else 0)  # whose words have few letters of this kind


def _mark_score(character: str, before: str, after: str, inside: bool) -> float:
    if character == "’" and inside:
        return -1.2
    if character == "\u00a0":
        return -1.5
    if inside:
        return -3.0 if character in "‘·–—…" else -5.0 if character in "“”«»\u00ad" else -10.0
    if character in _PUNCTUATION:
        return -3.0
    if character in "±×¿¡†‰•½§" and before.isalpha():
        return -9.0  # no letter is before these: "mówi±" is "mówią" in another encoding
    return -2.0 if character in "€£¥°" and (before + after).strip(" ").isdigit() else -4.0


_LATIN_LANGUAGES = frozenset(language for language, letters in _ALPHABETS.items() if _LATIN.match(letters))


def _script(letter: str) -> int:
    return 0 if letter < "ɐ" else ord(letter) >> 8


def _east_asian(language: str, character: str) -> float:
    if character in _PUNCTUATION:
        return -3.5
    if language == "ja" and "\u3041" <= character <= "\u30fc":
        return -3.0 if character < "\u30a0" else -4.5
    if language == "ko" and "\uac00" <= character <= "\ud7a3":
        return -4.5 if character in _HANGUL else -6.5
    if "\u4e00" <= character <= "\u9fff":
        common = character in _HAN
        return {"ja": -6.0 if common else -7.5, "zh": -5.0 if common else -8.0}.get(language, -12.0)
    return -6.0 if "\uff01" <= character <= "\uff5e" else -14.0


_LOST = re.compile("\ufffd|\u043f\u0457\u0405|ï¿½")
_QUESTION_MARKS = re.compile(r"(?:(?<=\s)\?{3,}[,.]?\s+){2,}")
# UTF-8 read as windows-1252: the first byte of a letter, and its others
_REST = "[\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
_AS_1252 = re.compile(
    rf"(?<![A-ZÀ-Þ]{{2}})[ÂÃ]{_REST}|â(?:€|\u0080){_REST}|вЂ[^\W\d]|вЂ[“”™¦]"
    rf"|(?:[Ã-ß]{_REST}){{2,}}|(?:[à-ï]{_REST}{{2}}){{2,}}"
)
_RUN = re.compile(r"[^\x00-\x7f]{2,}")
_SURE = 6  # characters of stretches that are UTF-8 read in an older encoding, if most of the text's stretches are


def letters_problem(text: str) -> str | None:
    """Return why a text looks as if it had been decoded wrongly, with the place; None if it looks right.

    >>> letters_problem("Troops took ZÃ¼rich.")
    'its letters look wrongly decoded (UTF-8 read as another encoding), as in "Troops took ZÃ¼rich."; get it again from
    its source and save it as UTF-8'
    >>> letters_problem("Troops took Zürich – “liberated” it.")
    """
    if text.isascii() and "???" not in text:
        return None
    if lost := _LOST.search(text) or _QUESTION_MARKS.search(text):
        return f'letters were lost before it came here, as in "{_around(text, lost)}"; get it again from its source'
    found = _AS_1252.search(text) or _misread(text)
    if found is None:
        return None
    return (
        f'its letters look wrongly decoded (UTF-8 read as another encoding), as in "{_around(text, found)}"; '
        "get it again from its source and save it as UTF-8"
    )


def _misread(text: str) -> re.Match[str] | None:
    """Return a stretch that is UTF-8 read in an older encoding, if that holds for most of the text's stretches."""
    runs = [match for match, _ in zip(_RUN.finditer(text), range(200), strict=False)]
    for encoding in ("cp1251", "cp1252", "cp1250", "koi8-r", "mac-roman", "cp1254"):
        misread = [run for run in runs if _is_utf8(run[0], encoding)]
        if sum(len(run[0]) for run in misread) >= _SURE and len(misread) > 0.6 * len(runs):
            return misread[0]
    return None


def _is_utf8(run: str, encoding: str) -> bool:
    try:
        letters = run.encode(encoding).decode()
    except UnicodeError:
        return False
    return all(c.isprintable() for c in letters)


def _around(text: str, match: re.Match[str]) -> str:
    start = max(text.rfind(" ", 0, max(match.start() - 12, 0)) + 1, match.start() - 30, 0)
    return " ".join(text[start : match.end() + 20].split())
