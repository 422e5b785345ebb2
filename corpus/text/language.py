"""Detect the language of a text and check it against the language that its page declares."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

SHORTEST = 80  # characters; the detection is unreliable for shorter texts, so the declared language is used
SURE = 0.9  # minimum probability with which a detected language overrules the declared one

_CODE = re.compile(r"\s*([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]+)*\s*")


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def detect_language(text: str) -> tuple[str, float]:
    """Return a text's language as a two-letter code, and its probability.

    >>> detect_language("Die Stadt wurde am Montag nach schweren Kämpfen befreit, sagte das Ministerium.")[0]
    'de'
    """
    code, probability = _identifier().classify(text[:4000])
    return str(code), float(probability)


def language_code(language: str | None) -> str | None:
    """Return the two- or three-letter code of a declared language, None if it is not a language tag.

    >>> language_code("en-GB"), language_code("uk"), language_code("english please")
    ('en', 'uk', None)
    """
    match = _CODE.fullmatch(language or "")
    return match[1].lower() if match else None


def choose_language(text: str, declared: str | None) -> str | None:
    """Return the language of a text: the declared one, unless another one is detected with high probability.

    >>> choose_language("Die Stadt wurde am Montag befreit, sagte das Ministerium in Karsk am Abend des Tages.", "en")
    'de'
    >>> choose_language("Karsk.", "en-US")
    'en'
    """
    language = language_code(declared)
    if len(text) < SHORTEST:
        return language
    code, probability = detect_language(text)
    return code if language is None or probability >= SURE else language
