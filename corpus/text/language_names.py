"""Names and codes of languages in any common form, as tables, manifests, archives, feeds and pages write them."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# In these languages archives and scholars name others; the names that languages have for themselves are known too.
_INTERFACE_LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "ru", "uk", "pl", "cs", "sv", "tr", "ar", "zh", "ja")
_LONG_CODES = ("ckb", "fil", "yue")  # of languages of the press that have no two-letter code
_NOT_STATED = {"", *"-–?.", "n/a", "na", "nan", "none", "null", "und", "unk", "unknown", "zxx", "mul", "multiple"}
_CODES = frozenset(  # need no look-up, which takes a tenth of a second to load
    [
        "ar",
        "bg",
        "cs",
        "da",
        "de",
        "el",
        "en",
        "es",
        "fa",
        "fi",
        "fr",
        "he",
        "hi",
        "hr",
        "hu",
        "it",
        "ja",
        "ko",
        "nl",
        "no",
        "pl",
        "pt",
        "ro",
        "ru",
        "sk",
        "sl",
        "sr",
        "sv",
        "tr",
        "uk",
        "zh",
    ]
)
_COUNTRIES = {"ua": "uk", "cz": "cs", "jp": "ja", "cn": "zh", "gr": "el", "dk": "da"}  # written for their languages
_SAME = {"nb": "no", "cmn": "zh", "wuu": "zh", "tl": "fil", "sh": "sr", "prs": "fa", "ar_001": "ar"}
_OTHER_NAMES = {
    **{"bengali": "bn", "burmese": "my", "farsi": "fa", "dari": "fa", "castilian": "es", "castellano": "es"},
    **{"mandarin": "zh", "汉语": "zh", "漢語": "zh", "国语": "zh", "國語": "zh", "华语": "zh", "oriya": "or"},
    **{"uighur": "ug", "pushto": "ps", "kirghiz": "ky", "moldovan": "ro", "tagalog": "fil", "gaelic": "gd"},
    **{"norwegian": "no", "bokmål": "no", "norsk": "no", "sorani": "ckb", "flemish": "nl", "vlaams": "nl"},
    **{"modern greek": "el", "serbo-croatian": "sr", "byelorussian": "be", "kurmanji": "ku", "persian": "fa"},
    **{"srpski": "sr"},
}
# left out of names: "język polski", "українська мова", "langue française", "English language"
_WORD_FOR_LANGUAGE = re.compile(
    r"\b(?:languages?|lang|langue|lingua|língua|lengua|idioma|limba|limbă|język|jazyk|jezik|мова|язык|език|језик|"
    r"sprache|taal|språk|sprog|nyelv|dili|اللغة|لغة|bahasa|basa|in|en|auf)\b",
    re.IGNORECASE,
)
_TAG = re.compile(r"([a-z]{2,3})(?:[-_](?:[a-z]{4}|[a-z]{2}|\d{3}|[a-z]{2,8}))*(?:\.[\w-]+)?(?:@\w+)?(?:;q=[\d.]+)?")


def is_stated(language: str | None) -> bool:
    """Return whether a language is stated at all: a missing value in any spelling is not.

    >>> is_stated("German"), is_stated("n/a"), is_stated(None)
    (True, False, False)
    """
    return (language or "").strip().casefold() not in _NOT_STATED


def language_code(language: str | None) -> str | None:
    """Return the code of a language from its name or code in any form; None if none is stated or it is not known.

    The code has two letters where there is one with two (ISO 639-1), else three.

    >>> [language_code(name) for name in ("German", "Deutsch", "allemand", "ger", "deu", "de_DE", "de-AT", "DE")]
    ['de', 'de', 'de', 'de', 'de', 'de', 'de', 'de']
    >>> [language_code(name) for name in ("GERMAN; DEUTSCH", "English (United States)", "українська мова", "中文")]
    ['de', 'en', 'uk', 'zh']
    >>> language_code("english please"), language_code("English, French"), language_code("n/a")
    (None, None, None)
    """
    if language in _CODES:
        return language
    if not is_stated(language):
        return None
    whole = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", unicodedata.normalize("NFC", (language or "")[:200]))
    if code := _code_of(whole):
        return code
    parts = [part for part in re.split(r"[;,/|+&]|\s[-–—]\s", whole) if part.strip() and not part.startswith("q=")]
    codes = {code for part in parts if (code := _code_of(part))}
    return codes.pop() if len(codes) == 1 else None  # two languages are not one


def _code_of(name: str) -> str | None:
    name = " ".join(name.casefold().split())
    tag = _TAG.fullmatch(name)
    if tag and (code := _known_codes().get(tag[1])):
        return code
    name = name.strip(" .:'\"")
    bare = " ".join(_WORD_FOR_LANGUAGE.sub(" ", name).split())
    for table in (_names, _own_names):  # the second table takes a second to load, and is seldom needed
        for form in (name, bare, _without_accents(bare)):
            if code := table().get(form):
                return code
    return None


@cache
def _known_codes() -> dict[str, str]:
    """Return the code by which each code of two or three letters is known here."""
    from babel import Locale
    from babel.core import get_global

    codes = {str(code): str(code) for code in Locale("en").languages if re.fullmatch("[a-z]{2,3}", str(code))}
    for old, new in get_global("language_aliases").items():
        codes[str(old)] = str(new).partition("_")[0]
    return {**_COUNTRIES, **{code: _SAME.get(code) or _SAME.get(new) or new for code, new in codes.items()}}


@cache
def _names() -> dict[str, str]:
    from babel import Locale

    names: dict[str, str] = {}
    for locale in _INTERFACE_LANGUAGES:
        for code, name in Locale(locale).languages.items():
            base = code.partition("_")[0]
            if len(base) == 2 or base in _LONG_CODES:
                _add_name(names, name, _known_codes().get(base, base))
    return {**names, **_OTHER_NAMES}


@cache
def _own_names() -> dict[str, str]:
    from babel import Locale
    from babel.localedata import locale_identifiers

    names: dict[str, str] = {}
    for locale in locale_identifiers():
        if "_" not in locale and (len(locale) == 2 or locale in _LONG_CODES):
            _add_name(names, Locale(locale).languages.get(locale, ""), _known_codes().get(locale, locale))
    return names


def _add_name(names: dict[str, str], name: str, code: str) -> None:
    if name:
        names.setdefault(name.casefold(), code)
        names.setdefault(_without_accents(name.casefold()), code)


def _without_accents(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))
