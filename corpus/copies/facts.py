"""Find what distinguishes a text from another with the same frame: its names, numbers and days."""

from __future__ import annotations

import re

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


def facts(text: str) -> frozenset[str]:
    """Return a text's names, numbers, days and months, in lower case.

    Names are words in capitals that do not begin a sentence. Scripts without capitals have numbers only.

    >>> sorted(facts("Northland took the town of Velo at dawn on 3 May. It lost 12 tanks."))
    ['12', '3', 'may', 'velo']
    """
    found = set()
    for match in _WORD.finditer(text):
        word = match[0]
        before = text[max(0, match.start() - 4) : match.start()]
        is_name = word[0].isupper() and not _BEGINS.search(before)
        if is_name or _DAYS.fullmatch(word) or any(character.isdigit() for character in word):
            found.add(word.lower())
    return frozenset(found)
