"""Decide the language of a text: as it is stated, checked against the text, or else as it is detected."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from .language_names import is_stated, language_code

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

SHORTEST = 80  # characters; the detection is unreliable for shorter texts, so the declared language is used
BEGINNING = 1500  # characters of a text by which its language is detected; more take time and change nothing
SURE = 0.9  # minimum probability with which a language counts as detected
# A text contradicts what is stated only if it is longer, and the detection all but certain.
CONTRADICTING, CERTAIN = 200, 0.999
DECLARED = "declared_language"  # metadata of a page or feed entry: the language that its text contradicts
LETTERS_PER_SIGN = 3  # a Chinese sign or a Japanese or Korean syllable says as much as three letters

# scripts of the languages that attribution reads
_IN_LATIN, _IN_CYRILLIC = ("en", "de", "fr", "it", "es", "pl", "cs"), ("ru", "uk")
_LATIN, _CYRILLIC = re.compile("[A-Za-zª-ɏḀ-ỿ]"), re.compile("[Ѐ-ԯ]")

# languages so close that the detection takes one for the other
_RELATED = [
    set(group.split())
    for group in (
        *("bs hr sr", "no nn da", "cs sk", "id ms jv", "gl pt", "gl es", "ca es oc", "bg mk", "af nl", "hi mr ne sa"),
        *("zh yue ja", "lb de", "rw sn zu xh st lg", "ar ary arz", "fa ps", "ht fr gcf gcr", "it lij vec", "en pcm"),
    )
]


class LanguageOfText(NamedTuple):
    """A text's language as a code, None if it is undecided, and what is doubtful about it."""

    code: str | None
    doubt: str | None = None


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@cache
def _detectable() -> frozenset[str]:
    return frozenset(language_code(str(code)) or str(code) for code in _identifier().nb_classes)


def detect_language(text: str) -> tuple[str, float]:
    """Return a text's language as a code, and its probability.

    >>> detect_language("Die Stadt wurde am Montag nach schweren Kämpfen befreit, sagte das Ministerium.")[0]
    'de'
    """
    code, probability = _identifier().classify(text[:BEGINNING])
    return language_code(str(code)) or str(code), float(probability)


def choose_language(text: str, declared: str | None) -> str | None:
    """Return the language of a page: the declared one, unless another one is detected with high probability.

    Pages and feeds often declare the language of their software. None if none is declared and none surely detected.

    >>> choose_language("Die Stadt wurde am Montag befreit, sagte das Ministerium in Karsk am Abend des Tages.", "en")
    'de'
    >>> choose_language("Karsk.", "en-US")
    'en'
    """
    language = language_code(declared)
    if _length(text) < SHORTEST:
        return language
    code, probability = detect_language(text)
    return code if probability >= SURE else language


def language_of_page(text: str, declared: str | None) -> tuple[str | None, dict[str, str]]:
    """Return the language that `choose_language` chooses, and as metadata the declared one if it was overruled.

    >>> language_of_page("Die Stadt wurde am Montag befreit, sagte das Ministerium in Karsk am Abend des Tages.", "en")
    ('de', {'declared_language': 'en'})
    """
    language, stated = choose_language(text, declared), language_code(declared)
    overruled = stated is not None and language is not None and language != stated and not _related(language, stated)
    return language, {DECLARED: stated} if overruled and stated else {}


def language_of_text(text: str, stated: str | None, overruled: str | None = None) -> LanguageOfText:
    """Return the language of a text: the stated one, or else the one detected with high probability.

    The stated language is kept. It is doubtful if nobody knows it, or if the text is surely in another one. A page
    declares the language `overruled`, which its text contradicts.

    >>> language_of_text("Velo fell.", "German; Deutsch"), language_of_text("Velo fell.", None)
    (LanguageOfText(code='de', doubt=None), LanguageOfText(code=None, doubt=None))
    >>> language_of_text("Velo fell.", "Elvish").doubt
    "the language 'Elvish' is not known; expected one name or code such as German or de; it was ignored"
    """
    language = language_code(stated)
    doubt = None
    if language is None and is_stated(stated):
        doubt = (
            f"the language {str(stated).strip()[:40]!r} is not known; expected one name or code such as German or de; "
            "it was ignored"
        )
    if language and overruled:
        why = f"it declares the language {overruled!r}, but its text is in {language!r}, as which it was stored"
        return LanguageOfText(language, why)
    length = _length(text)
    if length < (CONTRADICTING if language else SHORTEST):
        return LanguageOfText(language, doubt)
    detected, probability = detect_language(text)
    if language is None:
        return LanguageOfText(detected if probability >= SURE else None, doubt)
    if probability >= CERTAIN and language in _detectable() and not _related(language, detected):
        doubt = (
            f"its language is stated as {language!r}, but the text seems to be in {detected!r} (probability "
            f"{probability:.3f}); it was stored as stated; correct the language and add the file again if it is wrong"
        )
    return LanguageOfText(language, doubt)


def assumed_language(text: str, language: str) -> str | None:
    """Return the language of a codebook for a text whose own is not known; None if the text is in another script.

    >>> assumed_language("Velo fell, said BBC.", "en"), assumed_language("Ο πόλεμος άρχισε.", "en")
    ('en', None)
    """
    letters = [letter for letter in text[:BEGINNING] if letter.isalpha()]
    script = _CYRILLIC if language in _IN_CYRILLIC else _LATIN if language in _IN_LATIN else None
    if script is None or not letters:
        return language
    return language if 2 * sum(bool(script.match(letter)) for letter in letters) > len(letters) else None


def _length(text: str) -> int:
    """Return how many letters a text has, or as many as its signs are worth; after 1,000 it no longer matters."""
    beginning = text[:1000]
    return len(beginning) + (LETTERS_PER_SIGN - 1) * sum("\u2e80" <= character < "\ufb00" for character in beginning)


def _related(one: str, other: str) -> bool:
    """Return whether two languages are one, or so close that the detection takes one for the other."""
    return one == other or any({one, other} <= group for group in _RELATED)
