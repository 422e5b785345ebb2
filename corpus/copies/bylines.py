"""Find the news agency that an article credits in its first or last lines."""

from __future__ import annotations

import re

# exactly as in credit lines: some are also ordinary words in other letter case
AGENCIES = (
    "Reuters", "AP", "Associated Press", "The Associated Press", "AFP", "Agence France-Presse", "dpa", "DPA",
    "TASS", "ТАСС", "Interfax", "Интерфакс", "Інтерфакс", "Interfax-Ukraine", "Інтерфакс-Україна",
    "RIA Novosti", "РИА Новости", "Ukrinform", "Укринформ", "Укрінформ", "UNIAN", "УНИАН", "УНІАН", "ANSA",
    "Adnkronos", "EFE", "APA", "Bloomberg", "UPI", "Xinhua", "Anadolu", "PA Media", "Press Association",
    "Keystone-SDA", "epd", "KNA", "Belga", "Kyodo", "Yonhap", "PAP", "CTK", "ČTK",
)  # fmt: skip
EDGE_CHARACTERS = 400  # at an article's beginning and end, searched for a credit line

_NAME = "|".join(re.escape(name) for name in sorted(AGENCIES, key=len, reverse=True))
_NAMES = rf"(?:{_NAME})(?:\s?[/,&+]\s?(?:{_NAME}))*"
_FROM = "[Ss]ource|[Qq]uelle|[Ff]onte|[Ии]сточник|[Дд]жерело|©|[Bb]y|[Aa]vec|[Mm]it [Mm]aterial von"
_CREDIT = re.compile(
    rf"\(\s*{_NAMES}\s*\)|^[^\w\n]*{_NAMES}(?=\s*(?:[—–:|-]|$))|[—–-]\s*{_NAMES}\s*\.?\s*$"
    rf"|(?:{_FROM})\s*:?\s+(?:the\s+)?{_NAMES}\b|\b{_NAMES}\s+contributed\b",
    re.M,
)
_SINGLE_NAME = re.compile(rf"(?<!\w)(?:{_NAME})(?!\w)")


def credited_agency(text: str) -> str | None:
    """Return the agency credited in an article's first or last lines, or None.

    A name within a sentence is a source, not a credit.

    >>> credited_agency("KARSK (Reuters) - Northland took Velo.")
    'Reuters'
    >>> credited_agency("Velo fell, Reuters reported on Monday.") is None
    True
    """
    for part in (text[:EDGE_CHARACTERS], text[-EDGE_CHARACTERS:]):
        match = _CREDIT.search(part)
        agency = _SINGLE_NAME.search(match[0]) if match else None
        if agency:
            return agency[0]
    return None
