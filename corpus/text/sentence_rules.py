"""Find sentence ends by rules: stops of all scripts, abbreviations, initials, ordinals, and quotations kept whole."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

_OPENING = "\"'“„«»‘‚‹›([{¿¡「『《〈—–-…”"
_CLOSING = "\"'”“’»«›‹)]}」』》〉"
_STOPS = ".!?…‼⁇⁈⁉؟۔։।॥።፧။។"
# stops before white space or after which none is written, and the marks that close behind them
_STOP = re.compile(
    rf"(?:(?<![{_STOPS}])[{_STOPS}]++[{re.escape(_CLOSING)}]*(?:\[\d+\])*(?=\s)"
    rf"|[。！？｡!?…]*[。！？｡]+[」』”’）》〉\"]*)\s*"
)
_STOP_GREEK = re.compile(_STOP.pattern.replace(_STOPS, f"{_STOPS};"))  # whose question mark is a semicolon
_RUN_ON = re.compile(r"(?<=[^\W\d_]{2})[.!?](?=[^\W\d_]{2})")  # "He left.Then she came."
_ADDRESS = re.compile(r"www|http|@|/|\\|_", re.IGNORECASE)
_DOMAIN = re.compile(r"(?:com|org|net|gov|edu|info|int|co|io|news|tv|[a-z]{2})(?![^\W\d_])", re.IGNORECASE)
_PAIRS = {"“": "”", "„": "“”", "«": "»", "»": "«", "‹": "›", "(": ")", "[": "]"}
_PAIRS |= {"「": "」", "『": "』", "（": "）", "《": "》", "〈": "〉"}
LONGEST_PAIR = 1500  # characters: a stop inside a longer pair of marks ends a sentence, since one mark may be stray
_LAST_WORD = re.compile(r"[^\s\"“”„«»‘‚‹›()\[\]{}—–/…,;:!?¿¡]+$")
_FULL = ("", *"。！？｡")
_NUMBER = re.compile(r"(?:\d{1,4}|[IVXLC]{2,6})$")
_AFTER_NUMBER = re.compile(r"(?:\d|\b[IVXLC]{2,6})\s+$")
_DAY_BEFORE_MONTH, _YEAR = re.compile(r"[01]?\d\. ?\d{4}\b"), re.compile(r"\d{4}\b")
_AFTER_DAY = re.compile(r"\b[0-3]?\d\. ?$")
_INITIAL = re.compile(r"[^\W\d_]\.")
_WORD = re.compile(r"[^\W\d_]+")
_HAN = re.compile("[\u2e80-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True)
class SentenceRules:
    """What does not end a sentence in one language; all words are in lower case."""

    names: frozenset[str]
    numbers: frozenset[str]
    ordinals: bool
    after_ordinals: frozenset[str]
    before_ordinals: frozenset[str]
    saying: re.Pattern[str] | None


@lru_cache(maxsize=64)
def load_rules(language: str) -> SentenceRules:
    """Return the rules of a language code; for a language without rules of its own, those that count everywhere."""
    table: dict[str, Any] = _table().get(language, {})
    common = _table()["all"]
    sets = {key: {str(word).strip() for word in table.get(key, ())} for key in ("names", "numbers", "not_names")}
    saying = "|".join(map(re.escape, table.get("saying", ())))
    return SentenceRules(
        names=frozenset({*common["names"], *sets["names"]} - sets["not_names"]),
        numbers=frozenset({*common["numbers"], *sets["numbers"]}),
        ordinals=bool(table.get("ordinals")),
        after_ordinals=frozenset(table.get("after_ordinals", ())),
        before_ordinals=frozenset(table.get("before_ordinals", ())),
        saying=re.compile(saying) if saying else None,
    )


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    import yaml

    file = resources.files(__package__).joinpath("sentence_rules.yaml")
    # as strings, since YAML takes the abbreviation and the language "no" for false
    loaded: dict[str, Any] = yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506
    return loaded


def sentence_starts(text: str, language: str) -> list[int]:
    """Return where the sentences of a paragraph begin after the first one.

    Stops inside quotation marks and brackets end no sentence of the paragraph, as in “We won. We did,” he said.

    >>> sentence_starts("Ген. О. О. Ільм мовчав. Місто взяли.", "uk"), sentence_starts("他走了。我留下。", "zh")
    ([24], [4])
    """
    rules = load_rules(language)
    pairs = _pairs(text)
    opened = [start for start, _ in pairs]
    starts = []
    for match in (_STOP_GREEK if language == "el" else _STOP).finditer(text):
        after = match.end()
        if after >= len(text):
            break
        inside = bisect_right(opened, match.start()) - 1
        if inside >= 0:
            opening, closing = pairs[inside]
            end = match.start() + len(match[0].rstrip())
            if end < closing or (
                end == closing and text[opening] in "（《〈" and text[opening - 1 : opening] not in _FULL
            ):
                continue
        if _ends_sentence(text, match, rules):
            starts.append(after)
    starts += [start for start in run_on_starts(text) if not _inside(pairs, opened, start)]
    return sorted(set(starts))


def run_on_starts(text: str) -> list[int]:
    """Return where a sentence begins without a blank before it, as in "He left.Then she came."."""
    starts = []
    for match in _RUN_ON.finditer(text):
        first, second = text[match.end()], text[match.end() + 1]
        before = text[text.rfind(" ", 0, match.start()) + 1 : match.start()]
        after = re.split(r"[\s.,;:!?]", text[match.end() : match.end() + 40], maxsplit=1)[0]
        if not (first.isupper() and second.islower() and before[-2:].islower()):
            continue
        if "." in before or _ADDRESS.search(before) or _ADDRESS.search(after) or _DOMAIN.match(after):
            continue
        starts.append(match.end())
    return starts


def _inside(pairs: list[tuple[int, int]], opened: list[int], place: int) -> bool:
    index = bisect_right(opened, place) - 1
    return index >= 0 and place < pairs[index][1]


def _pairs(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of the outermost pairs of quotation marks and brackets, in order."""
    pairs: list[tuple[int, int]] = []
    end = 0
    straight: int | None = None
    for place, character in enumerate(text):
        if place < end:
            continue
        before = text[place - 1] if place else " "
        if character == '"':
            if straight is None:
                if not before.isalnum():
                    straight = place
            elif before.isspace() and text[place + 1 : place + 2].isalnum():
                straight = place  # it opens again: the first one was never closed
            else:
                pairs.append((straight, place + 1))
                straight, end = None, place + 1
        elif straight is None and character in _PAIRS and (character != "»" or _opens(before)):
            closed = _closing_place(text, place, _PAIRS[character])
            if closed:
                pairs.append((place, closed))
                end = closed
    return pairs


def _opens(before: str) -> bool:
    return before.isspace() or before in "([—–-"


def _closing_place(text: str, start: int, closing: str) -> int:
    """Return the end of the pair that opens at `start`; 0 if it is never closed."""
    opener, depth, limit = text[start], 0, min(len(text), start + LONGEST_PAIR)
    if all(text.find(mark, start + 1, limit) < 0 for mark in closing):  # as of hundreds of opening marks in a row
        return 0
    for place in range(start + 1, limit):
        if text[place] in closing:
            if not depth:
                return place + 1
            depth -= 1
        elif text[place] == opener:
            depth += 1
    return 0


def _ends_sentence(text: str, stop: re.Match[str], rules: SentenceRules) -> bool:
    marks = stop[0].strip()
    rest = text[stop.end() : stop.end() + 60]
    following = rest.lstrip(_OPENING + " \u00a0\u202f")
    first = following[:1]
    if rules.saying and marks[-1] in '」』”’）》〉"' and (said := rules.saying.search(rest[:12])):
        if rest[said.end() : said.end() + 1] in (":", "："):
            return True  # another speaker: 「我們走了。」市長說：「……」
        return bool(re.search("[，。、！？]", rest[: said.start()])) or said.start() > 6
    if _HAN.match(first) or marks[0] in "。！？｡":
        return True
    if first.islower() and rest[:1] not in "¿¡":
        return False
    if marks[0] != "." or marks.startswith(".."):
        return True
    return not _is_abbreviation(text, stop.start(), first, following, rules)


def _is_abbreviation(text: str, end: int, first: str, following: str, rules: SentenceRules) -> bool:
    """Return whether the full stop at `end` belongs to an abbreviation, an initial or an ordinal."""
    before = text[max(0, end - 30) : end]
    match = _LAST_WORD.search(before)
    if match is None:
        return False
    word, lower = match[0], match[0].lower()
    previous = _WORD.findall(before[: match.start()].lower())[-1:]
    if _NUMBER.match(word):
        return _is_ordinal(before[: match.start()], previous, following, rules, start=end - len(word) == 0)
    if len(word) <= 2 and not word.isupper() and not first.isdigit() and _AFTER_NUMBER.search(before[: match.start()]):
        return False  # a unit, a year or a century: «2025 г.», «XIX ст.»
    if len(word) == 1 and word.isalpha() and (word.isupper() or not (word.islower() or first.isdigit())):
        return True  # an initial, or a letter of a script without capitals
    if len(word) == 1 and _INITIAL.match(following):
        return True  # "z. B."
    if "." in word and first.isalpha() and not first.isupper():
        return True  # "कि.मी.", in scripts without capitals
    last_part = re.split(r"[.'’]", lower)[-1]  # "l'avv."
    spaced = f"{previous[0]}. {lower}" if previous and before[: match.start()].rstrip().endswith(".") else lower
    if {lower, spaced} & rules.names or (lower != last_part and last_part in rules.names):
        return not first.isdigit() or lower in rules.numbers or len(lower) > 1
    return first.isdigit() and bool({lower, last_part} & rules.numbers)  # "l'art. 5"


def _is_ordinal(before: str, previous: list[str], following: str, rules: SentenceRules, *, start: bool) -> bool:
    if start:
        return True  # "1. Velo", an item of a list
    if not rules.ordinals:
        return False
    if _DAY_BEFORE_MONTH.match(following) or (_YEAR.match(following) and _AFTER_DAY.search(before)):
        return True  # "12. 5. 2024"
    following_word = _WORD.match(following)
    if following_word and following_word[0].lower() in rules.after_ordinals:
        return True
    return bool(previous and before.endswith(" ") and rules.before_ordinals.intersection(previous[-1:]))
