"""Clauses of saying: whether a sentence gives the words at a place to somebody else, and to whom."""

from __future__ import annotations

import re

from .headline_sources import headline_source, is_source_name
from .languages import Lexicon
from .sentence import EDGE, WORD, clause_around, conjunction_after
from .speakers import LONGEST, Offsets, Source, speaker_after, speaker_before
from .unnamed_sources import hearsay_source, reporting_noun_source

_FOR = re.compile(r"\s*(?:Pour|Per) ([^,;:]{3,50}),")  # "Per l'istituto, il Nord ha perso"
_AND = frozenset(("and", "und", "et", "e", "ed", "и", "і", "й", "та"))
_ALTHOUGH = {"although", "though", "while", "obwohl", "obgleich", "wenngleich", "während", "хотя", "хоча"}
_ALTHOUGH |= {"sebbene", "benché", "mentre"}
_NOBODY = {"nobody", "niemand", "keiner", "personne", "nessuno", "никто", "ніхто"}
_WHY = {"why", "warum", "weshalb", "wieso", "pourquoi", "perché", "почему", "зачем", "чому"}


def reported_source(text: str, start: int, end: int, lexicon: Lexicon, *, headline: bool, noun: bool) -> Source | None:
    """Return the source of `text[start:end]` in one sentence, None where these are the outlet's words.

    `text` is the sentence alone, quotations masked by NUL characters; offsets are counted in it. `noun` says that the
    place is a noun, which may name the source itself.

    >>> from .languages import load_lexicon
    >>> reported_source("Velo fell, its mayor said.", 5, 9, load_lexicon("en"), headline=False, noun=False)
    Source(speaker=(11, 20), evidence=(21, 25))
    """
    low, high = _between_buts(text, start, end, lexicon)
    return (
        _according(text, start, end, low, high, lexicon, noun)
        or reporting_noun_source(text, start, end, low, lexicon)
        or _verb(text, start, end, low, high, lexicon, noun, headline)
        or (_labelled(text, start, end, lexicon) if headline else None)
        or hearsay_source(text, start, end, lexicon)
    )


def _between_buts(text: str, start: int, end: int, lexicon: Lexicon) -> tuple[int, int]:
    """Return the offsets of the main clauses around a place: ", but" and semicolons part them."""
    low, high = 0, len(text)
    for match in re.finditer(rf";|[,—–]\s+(?=(?:{lexicon.adversatives.pattern}))", text, re.I):
        if match.end() <= start:
            low = match.end()
        elif match.start() >= end:
            return low, match.start()
    return low, high


def _according(text: str, start: int, end: int, low: int, high: int, lexicon: Lexicon, noun: bool) -> Source | None:
    for match in lexicon.source_phrases.finditer(text, low, high):
        before = text[low : match.start()].rstrip()
        if match[0].lower() in ("so", "suivant", "come da") and not (before.endswith((",", "\x00", "–", "—"))):
            continue
        if (
            match[0].lower() in ("secondo", "laut")
            and WORD.findall(before)[-1:]
            and WORD.findall(before)[-1].lower() in lexicon.determiners
        ):
            continue  # "il secondo"
        inside = text[match.end() : start] if match.end() <= start else ""
        if match.end() <= start and noun and not EDGE.search(inside) and len(WORD.findall(inside)) <= 2:
            continue  # the unit names the source: "according to the occupiers"
        if match.end() <= start and before.endswith(",") and not EDGE.search(inside):
            continue  # ", according to images taken from above"
        words = match.start() if "source" in match[0] or "fonte" in match[0] else match.end()
        stop = start if match.end() <= start else high
        own = "eigenen" in match[0]  # German "nach eigenen Angaben": whoever the sentence speaks of
        return Source(None if own else speaker_after(text, words, stop, lexicon), match.span())
    opening = _FOR.match(text) if lexicon.language in ("fr", "it") else None
    if opening and opening.end() <= start and lexicon.source_nouns.search(opening[1]):
        return Source(opening.span(1), opening.span())
    for match in lexicon.source_postpositions.finditer(text, low, high):
        edge = max((m.end() for m in EDGE.finditer(text, low, match.start())), default=low)
        if match[0].lower() == "zufolge" and not edge <= start < match.start():
            return Source(speaker_before(text, edge, match.start(), lexicon), match.span())
    return None


def _verb(
    text: str, start: int, end: int, low: int, high: int, lexicon: Lexicon, noun: bool, headline: bool
) -> Source | None:
    for match in lexicon.reporting_verbs.finditer(text):
        if match.start() <= start < match.end() or match.start() < end <= match.end():
            continue
        if match[0][0].isupper() and text[: match.start()].strip() and lexicon.language != "de":
            continue  # "the United States"
        said = WORD.findall(text[: match.start()])[-1:]
        if said and said[0].lower() in lexicon.determiners and lexicon.reporting_nouns.fullmatch(match[0]):
            continue
        if (
            lexicon.participle_form.fullmatch(match[0])
            and said
            and said[0].lower() in lexicon.determiners
            and lexicon.language == "en"
        ):
            continue  # "the alleged", "a reported"
        found = (
            _forward(text, match, start, lexicon, noun)
            if match.end() <= start
            else _backward(text, match, start, end, low, high, lexicon, headline)
        )
        if found:
            return found
    return None


def _stripped(text: str, start: int, end: int, lexicon: Lexicon) -> list[str]:
    """Return the words of a clause's part that are neither auxiliaries nor times."""
    words = [w for w in WORD.findall(text[start:end])]
    return [w for w in words if w.lower() not in lexicon.auxiliaries | lexicon.time_words and not w.endswith("ly")]


def _forward(text: str, match: re.Match[str], start: int, lexicon: Lexicon, noun: bool) -> Source | None:
    """Judge a verb of saying that stands before the place."""
    if match[0].lower() == "asked" and not text[: match.start()].strip():
        return None  # "Asked who holds it, he shrugged"
    between = text[match.end() : start]
    left, right = clause_around(text, match)
    edge = text[:left].rstrip()[-1:] if left else ""
    quoted = edge == "\x00" or text[:left].rstrip(" ,—–-").endswith("\x00")
    that = conjunction_after(text, match.end(), lexicon, 6)
    if that and that.start() >= start:
        that = None
    words = WORD.findall(between)
    if re.search(rf";|[,—–]\s+(?={lexicon.clause_breaks.pattern})", between, re.I):
        return None
    if quoted and not that and not lexicon.forward_verbs.fullmatch(match[0]):
        return None
    if lexicon.clause_verbs.fullmatch(match[0]) and not that and not _clause(words, lexicon, noun):
        return None
    opener = WORD.match(text[left:].lstrip())
    if left and opener and lexicon.relative_pronouns.fullmatch(opener[0]) and "," in between and not that:
        return None  # "the general, who said no, captured Velo"
    if left and text[left - 1] == "," and not _stripped(text, left, match.start(), lexicon):
        after = text[right + 1 :].lstrip() if right < start else ""
        opened = WORD.match(after)
        if opened and lexicon.relative_pronouns.fullmatch(opened[0]):
            return None  # ", said the mayor, whose village …"
    if lexicon.language == "en" and re.search(r"\bto\s+$", between) and lexicon.addressee_verbs.fullmatch(match[0]):
        return None  # "told them to take it"
    speaker = speaker_before(text, left, match.start(), lexicon)
    if {w.lower() for w in WORD.findall(text[left : match.start()])} & _NOBODY:
        return None  # "Nobody denies that they took it"
    subject = [w.lower() for w in WORD.findall(text[left : match.start()])]
    if lexicon.addressee_verbs.fullmatch(match[0]) and set(subject[-2:]) & {"was", "were", "been", "is", "are"}:
        return Source(None, match.span())  # "diplomats were told" names who heard it
    if speaker is None and not set(subject) & lexicon.pronouns:
        speaker = _inverted(text, match, left, right, start, lexicon, bool(that))
    return Source(speaker, match.span())


def _aside(text: str, match: re.Match[str], left: int, right: int, lexicon: Lexicon) -> bool:
    """Tell whether the verb stands in a parenthesis: ", the mayor said,"."""
    short = len(WORD.findall(text[left:right])) <= LONGEST
    return left > 0 and text[left - 1] in ",—–-" and text[right : right + 1] in (",", "—", "–") and short


def _clause(words: list[str], lexicon: Lexicon, noun: bool) -> bool:
    return (
        lexicon.language == "en"
        and not noun
        and len(words) >= 1
        and (words[0].lower() in lexicon.pronouns | lexicon.determiners or words[0][0].isupper())
    )


def _inverted(
    text: str, match: re.Match[str], left: int, right: int, start: int, lexicon: Lexicon, that: bool
) -> Offsets | None:
    """Return the speaker behind the verb, or in the part before the comma that the verb follows."""
    stop = min(right, start)
    found = speaker_after(text, match.end(), max(stop, match.end()), lexicon) if right < start or that else None
    if found and any(lexicon.conjunctions.fullmatch(w) for w in WORD.findall(text[slice(*found)])):
        found = None
    if found is None and left and text[left - 1] == ",":
        before = max((m.end() for m in EDGE.finditer(text, 0, left - 1)), default=0)
        first = WORD.search(text, before, left - 1)
        if before and first and first[0][0].islower() and first[0].lower() not in lexicon.determiners:
            left = before  # "the soldier, interviewed in hospital, says"
            before = max((m.end() for m in EDGE.finditer(text, 0, left - 1)), default=0)
        if len(WORD.findall(text[before : left - 1])) <= LONGEST:
            found = speaker_before(text, before, left - 1, lexicon)
    return found


def _backward(
    text: str, match: re.Match[str], start: int, end: int, low: int, high: int, lexicon: Lexicon, headline: bool
) -> Source | None:
    """Judge a verb of saying that stands behind the place: only a parenthesis speaks of what stands before it."""
    left, right = clause_around(text, match)
    if left <= end or match.start() >= high or lexicon.forward_verbs.fullmatch(match[0]):
        return (
            None
            if not _object_first(text, match, start, left, lexicon)
            else Source(speaker_after(text, match.end(), right, lexicon), match.span())
        )
    before = _stripped(text, left, match.start(), lexicon)
    after = _stripped(text, match.end(), right, lexicon)
    if text[left - 1] == ":" and after:
        return None
    if len(before) > LONGEST or (
        before
        and (
            (
                lexicon.conjunctions.fullmatch(before[0])
                and before[0].lower() not in ("wie", "как", "як", "come", "comme", "as")
            )
            or (lexicon.relative_pronouns.fullmatch(before[0]) and lexicon.language != "de")
        )
    ):
        return None
    if before and before[0].lower() in _AND | _ALTHOUGH:
        return None  # ", and locals say life is hard", ", although Karsk denies it"
    if {w.lower() for w in WORD.findall(text[left:right])} & _NOBODY:
        return None  # ", nobody would say"
    opening = WORD.search(text)
    if opening and opening[0].lower() in _WHY:
        return None  # "Why they gave it up, the army did not say": that they did is not its word
    if headline and lexicon.language == "en" and not before and not is_source_name(text[match.end() : right], lexicon):
        return None  # ", claims victory"
    comma = max((m.end() for m in re.finditer(r",", text[:start])), default=0)
    opener = WORD.match(text[comma:start].lstrip())
    if (
        not before
        and comma
        and opener
        and lexicon.relative_pronouns.fullmatch(opener[0])
        and not (
            _aside(text, match, left, right, lexicon) and after and after[0][0].isupper() and lexicon.language != "de"
        )
    ):
        return None  # "the soldiers, who took it, said …"
    that = conjunction_after(text, match.end(), lexicon, 4)
    if that and that[0].lower() not in ("di", "come", "si", "zu", "how", "why", "wie", "как", "як"):
        return None
    clause_start = max((m.end() for m in re.finditer(r"[,;:]", text[low:start])), default=0) + low
    first = lexicon.subordinators.match(text, _first_word(text, clause_start)) or lexicon.subordinators.match(
        text, _first_word(text, low)
    )
    if first and not EDGE.search(text[end : left - 1]) and not (text[right : right + 1] == "," and before):
        return None  # "After they took it, the mayor said …"
    if before and after and _object(before, after, match, lexicon):
        return None
    speaker = speaker_before(text, left, match.start(), lexicon) or speaker_after(text, match.end(), high, lexicon)
    return Source(speaker, match.span())


def _object(before: list[str], after: list[str], match: re.Match[str], lexicon: Lexicon) -> bool:
    """Tell whether what follows subject and verb is what is said: "the mayor said the lake was falling"."""
    if before[0].lower() in ("wie", "как", "як", "comme", "come", "as", "so"):
        return False
    first = WORD.findall(match.string[match.end() :])[0].lower()
    if first in lexicon.prepositions - lexicon.determiners:
        return False  # "declared in a resolution"
    first = after[0].lower()
    if lexicon.addressee_verbs.fullmatch(match[0]):
        return first in lexicon.pronouns and len(after) > 2 and bool(lexicon.finite_verbs.search(" ".join(after[1:])))
    return first in lexicon.pronouns | lexicon.determiners or (after[0][0].isupper() and lexicon.language != "de")


def _object_first(text: str, match: re.Match[str], start: int, left: int, lexicon: Lexicon) -> bool:
    """Tell whether a clause of what is said opens the sentence: "Dass Velo gefallen sei, bestreitet die Regierung"."""
    first = WORD.search(text)
    return bool(
        first
        and left
        and text[left - 1] == ","
        and first.start() < start < left
        and first[0].lower() in ("that", "dass", "daß", "que", "che", "что", "що")
        and not _stripped(text, left, match.start(), lexicon)
    )


def _first_word(text: str, place: int) -> int:
    match = WORD.search(text, place)
    return match.start() if match else place


def _labelled(text: str, start: int, end: int, lexicon: Lexicon) -> Source | None:
    place = headline_source(text, start, end, lexicon)
    return Source(place, place) if place else None
