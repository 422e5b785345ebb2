"""Credit lines: the news agency that an article names as its author."""

from __future__ import annotations

import re

# as they credit themselves: in exactly these letters, since some are words of a language too
AGENCIES = (
    "Reuters", "AP", "Associated Press", "The Associated Press", "AFP", "Agence France-Presse", "dpa", "DPA",
    "TASS", "ТАСС", "Interfax", "Интерфакс", "Інтерфакс", "Interfax-Ukraine", "Інтерфакс-Україна",
    "RIA Novosti", "РИА Новости", "Ukrinform", "Укринформ", "Укрінформ", "UNIAN", "УНИАН", "УНІАН", "ANSA",
    "Adnkronos", "EFE", "APA", "Bloomberg", "UPI", "Xinhua", "Anadolu", "PA Media", "Press Association",
    "Keystone-SDA", "epd", "KNA", "Belga", "Kyodo", "Yonhap", "PAP", "CTK", "ČTK",
)  # fmt: skip
EDGE = 400  # characters at an article's beginning and end in which a credit line is looked for

_NAME = "|".join(re.escape(name) for name in sorted(AGENCIES, key=len, reverse=True))
_NAMES = rf"(?:{_NAME})(?:\s?[/,&+]\s?(?:{_NAME}))*"
_FROM = "[Ss]ource|[Qq]uelle|[Ff]onte|[Ии]сточник|[Дд]жерело|©|[Bb]y|[Aa]vec|[Mm]it [Mm]aterial von"
_CREDIT = re.compile(
    rf"\(\s*{_NAMES}\s*\)|^[^\w\n]*{_NAMES}(?=\s*(?:[—–:|-]|$))|[—–-]\s*{_NAMES}\s*\.?\s*$"
    rf"|(?:{_FROM})\s*:?\s+(?:the\s+)?{_NAMES}\b|\b{_NAMES}\s+contributed\b",
    re.M,
)
_ONE = re.compile(rf"(?<!\w)(?:{_NAME})(?!\w)")


def credit(text: str) -> str | None:
    """Return the agency that an article's first or last lines credit, None where they credit none.

    A name inside a sentence is a source and no credit.

    >>> credit("KARSK (Reuters) - Northland took Velo."), credit("Velo fell, Reuters reported on Monday.")
    ('Reuters', None)
    """
    for part in (text[:EDGE], text[-EDGE:]):
        match = _CREDIT.search(part)
        name = _ONE.search(match[0]) if match else None
        if name:
            return name[0]
    return None
