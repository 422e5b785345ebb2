"""Languages: which one a text is in, checked against what its page says."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

SHORTEST = 80  # characters; below, the guess is too often wrong, and what the page says counts
SURE = 0.9  # probability from which the text overrules its page

_CODE = re.compile(r"\s*([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]+)*\s*")


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def detected(text: str) -> tuple[str, float]:
    """Return a text's language as a two-letter code, and its probability.

    >>> detected("Die Stadt wurde am Montag nach schweren Kämpfen befreit, sagte das Ministerium.")[0]
    'de'
    """
    code, probability = _identifier().classify(text[:4000])
    return str(code), float(probability)


def said(language: str | None) -> str | None:
    """Return the two or three letters of a declared language.

    >>> said("en-GB"), said("uk"), said("english please")
    ('en', 'uk', None)
    """
    match = _CODE.fullmatch(language or "")
    return match[1].lower() if match else None


def checked(text: str, declared: str | None) -> str | None:
    """Return the language of a text: what its page declares, unless the text itself is surely in another one.

    >>> checked("Die Stadt wurde am Montag nach schweren Kämpfen befreit, sagte das Ministerium am Abend.", "en-US")
    'de'
    >>> checked("Karsk.", "en-US")
    'en'
    """
    language = said(declared)
    if len(text) < SHORTEST:
        return language
    code, probability = detected(text)
    return code if language is None or probability >= SURE else language
