"""Reported speech: does the sentence attribute a span to someone, and to whom?"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .headline_sources import headline_source, is_source_name
from .languages import Lexicon
from .sentence import CLAUSE_EDGE, WORD, clause_around, conjunction_after, count_words, end_of_last, lower_words
from .speakers import AND, LONGEST, Offsets, Source, speaker_after, speaker_before, speaker_of_verb
from .unnamed_sources import hearsay_source, reporting_noun_source

_FOR = re.compile(r"\s*(?:Pour|Per) ([^,;:]{3,50}),")  # "Per l'istituto, il Nord ha perso"
_COMMA = re.compile(",")
_IN_A_PLACE = re.compile(r"(?: \w+){0,3} (?:in|at|from|near|of|on) (?:the|a|an|his|her|their) (?:\w+ ){1,2}that ")
_SECOND_THAT = re.compile(r"(?<![,;] )(?<!and )(?<!or )(?<!but )\bthat\b")
_PUNCTUATION = re.compile("[,;:]")
_ALTHOUGH = {"although", "though", "while", "obwohl", "obgleich", "wenngleich", "während", "хотя", "хоча"}
_ALTHOUGH |= {"sebbene", "benché", "mentre"}
_NOBODY = {"nobody", "niemand", "keiner", "personne", "nessuno", "никто", "ніхто"}
_WHY = {"why", "warum", "weshalb", "wieso", "pourquoi", "perché", "почему", "зачем", "чому"}


@dataclass(frozen=True)
class _Place:
    """A span, `text[start:end]` of a sentence, in its main clause, `text[low:high]`."""

    text: str
    start: int
    end: int
    low: int
    high: int
    lexicon: Lexicon
    headline: bool
    noun: bool


def reported_source(text: str, start: int, end: int, lexicon: Lexicon, *, headline: bool, noun: bool) -> Source | None:
    """Return the source that a sentence attributes `text[start:end]` to, or None for the outlet's own words.

    `text` is one sentence, with quotations masked by NUL characters; offsets refer to it. `noun` says whether the span
    is a noun, which may name the source itself.

    >>> from .languages import load_lexicon
    >>> reported_source("Velo fell, its mayor said.", 5, 9, load_lexicon("en"), headline=False, noun=False)
    Source(speaker=(11, 20), evidence=(21, 25))
    """
    low, high = _main_clause(text, start, end, lexicon)
    place = _Place(text, start, end, low, high, lexicon, headline, noun)
    source = _from_source_phrase(place)
    source = source or reporting_noun_source(text, start, low, lexicon)
    source = source or _from_reporting_verb(place)
    if source is None and headline and (label := headline_source(text, start, end, lexicon)):
        return Source(label, label)
    return source or hearsay_source(text, start, end, lexicon)


def _main_clause(text: str, start: int, end: int, lexicon: Lexicon) -> Offsets:
    """Return (start, end) of the main clause around a span; ", but" and semicolons separate main clauses."""
    low, high = 0, len(text)
    for match in re.finditer(rf";|[,—–]\s+(?=(?:{lexicon.adversatives.pattern}))", text, re.I):
        if match.end() <= start:
            low = match.end()
        elif match.start() >= end:
            return low, match.start()
    return low, high


def _from_source_phrase(place: _Place) -> Source | None:
    """Return the source named by "according to" and the like."""
    text, start, low, high, lexicon = place.text, place.start, place.low, place.high, place.lexicon
    for match in lexicon.source_phrases.finditer(text, low, high):
        phrase = match[0].lower()
        before = text[low : match.start()].rstrip()
        if phrase in ("so", "suivant", "come da") and not before.endswith((",", "\x00", "–", "—")):
            continue
        if phrase in ("secondo", "laut") and lexicon.determiners.intersection(lower_words(before)[-1:]):
            continue  # "il secondo"
        precedes = match.end() <= start
        if precedes and not CLAUSE_EDGE.search(between := text[match.end() : start]):
            if place.noun and count_words(between) <= 2:
                continue  # the span names the source: "according to the occupiers"
            if before.endswith(","):
                continue  # ", according to images taken from above"
        if "eigenen" in match[0]:  # German "nach eigenen Angaben" names no one
            return Source(None, match.span())
        name_start = match.start() if "source" in match[0] or "fonte" in match[0] else match.end()
        return Source(speaker_after(text, name_start, start if precedes else high, lexicon), match.span())
    opening = _FOR.match(text) if lexicon.language in ("fr", "it") else None
    if opening and opening.end() <= start and lexicon.source_nouns.search(opening[1]):
        return Source(opening.span(1), opening.span())
    for match in lexicon.source_postpositions.finditer(text, low, high):
        edge = end_of_last(CLAUSE_EDGE, text, low, match.start())
        if match[0].lower() == "zufolge" and not edge <= start < match.start():
            return Source(speaker_before(text, edge, match.start(), lexicon), match.span())
    return None


def _from_reporting_verb(place: _Place) -> Source | None:
    text, start, end, lexicon = place.text, place.start, place.end, place.lexicon
    for verb in lexicon.reporting_verbs.finditer(text):
        if verb.start() <= start < verb.end() or verb.start() < end <= verb.end():
            continue
        if verb[0][0].isupper() and not text[: verb.start()].isspace() and verb.start() and lexicon.language != "de":
            continue  # "the United States"
        after_determiner = bool(
            lexicon.determiners.intersection(lower_words(text[max(0, verb.start() - 100) : verb.start()])[-1:])
        )
        participle = lexicon.language == "en" and lexicon.participle_form.fullmatch(verb[0])
        if after_determiner and (participle or lexicon.reporting_nouns.fullmatch(verb[0])):
            continue  # "the alleged", "a report"
        if source := (_verb_before_span if verb.end() <= start else _verb_after_span)(place, verb):
            return source
    return None


def _content_words(text: str, start: int, end: int, lexicon: Lexicon) -> list[str]:
    """Return the words of `text[start:end]` without auxiliaries, time words and adverbs in -ly."""
    dropped = lexicon.auxiliaries | lexicon.time_words
    return [w for w in WORD.findall(text[start:end]) if w.lower() not in dropped and not w.endswith("ly")]


def _verb_before_span(place: _Place, verb: re.Match[str]) -> Source | None:
    """Return the source if a reporting verb before the span governs it."""
    text, start, lexicon = place.text, place.start, place.lexicon
    if verb[0].lower() == "asked" and not text[: verb.start()].strip():
        return None  # "Asked who holds it, he shrugged"
    between = text[verb.end() : start]
    left, right = clause_around(text, verb)
    after_quotation = text[:left].rstrip(" ,—–-").endswith("\x00")
    conjunction = conjunction_after(text, verb.end(), lexicon, 6)
    has_conjunction = conjunction is not None and conjunction.start() < start
    if re.search(rf";|[,—–]\s+(?={lexicon.clause_breaks.pattern})", between, re.I):
        return None
    if has_conjunction and lexicon.language == "en" and _is_relative_clause(text, verb.end(), start):
        return None
    if not has_conjunction:
        if after_quotation and not lexicon.forward_verbs.fullmatch(verb[0]):
            return None
        if lexicon.clause_verbs.fullmatch(verb[0]) and not _opens_clause(WORD.findall(between), lexicon, place.noun):
            return None
        opener = WORD.match(text[left:].lstrip())
        if left and opener and lexicon.relative_pronouns.fullmatch(opener[0]) and "," in between:
            return None  # "the general, who said no, captured Velo"
    if left and text[left - 1] == "," and not _content_words(text, left, verb.start(), lexicon):
        opener = WORD.match(text[right + 1 :].lstrip() if right < start else "")
        if opener and lexicon.relative_pronouns.fullmatch(opener[0]):
            return None  # ", said the mayor, whose village …"
    addressee = lexicon.addressee_verbs.fullmatch(verb[0])
    if lexicon.language == "en" and addressee and re.search(r"\bto\s+$", between):
        return None  # "told them to take it"
    subject = lower_words(text[left : verb.start()])
    if _NOBODY.intersection(subject):
        return None  # "Nobody denies that they took it"
    if addressee and set(subject[-2:]) & {"was", "were", "been", "is", "are"}:
        return Source(None, verb.span())  # "diplomats were told" names the addressee
    speaker = speaker_before(text, left, verb.start(), lexicon)
    if speaker is None and not lexicon.pronouns.intersection(subject):
        speaker = _inverted_speaker(place, verb, (left, right), has_conjunction)
    return Source(speaker, verb.span())


def _is_relative_clause(text: str, verb_end: int, start: int) -> bool:
    """Return whether a span is in a relative clause before the report: "said in the town that he left that"."""
    place = _IN_A_PLACE.match(text, verb_end)
    return place is not None and place.end() <= start and bool(_SECOND_THAT.search(text, start))


def _is_parenthesis(text: str, left: int, right: int) -> bool:
    """Return whether a clause is a parenthesis: ", the mayor said,"."""
    short = count_words(text[left:right]) <= LONGEST
    return left > 0 and text[left - 1] in ",—–-" and text[right : right + 1] in (",", "—", "–") and short


def _opens_clause(words: list[str], lexicon: Lexicon, noun: bool) -> bool:
    if lexicon.language != "en" or noun or not words:
        return False
    return words[0].lower() in lexicon.pronouns | lexicon.determiners or words[0][0].isupper()


def _inverted_speaker(place: _Place, verb: re.Match[str], clause: Offsets, has_conjunction: bool) -> Offsets | None:
    """Return the speaker after the verb, or in the part before the comma that precedes the verb."""
    text, lexicon = place.text, place.lexicon
    left, right = clause
    stop = max(min(right, place.start), verb.end())
    speaker = speaker_after(text, verb.end(), stop, lexicon) if right < place.start or has_conjunction else None
    if speaker and any(lexicon.conjunctions.fullmatch(word) for word in WORD.findall(text[slice(*speaker)])):
        speaker = None
    if speaker is None and left and text[left - 1] == ",":
        before = end_of_last(CLAUSE_EDGE, text, 0, left - 1)
        first = WORD.search(text, before, left - 1)
        if before and first and first[0][0].islower() and first[0].lower() not in lexicon.determiners:
            left = before  # "the soldier, interviewed in hospital, says"
            before = end_of_last(CLAUSE_EDGE, text, 0, left - 1)
        if count_words(text[before : left - 1]) <= LONGEST:
            return speaker_before(text, before, left - 1, lexicon)
    return speaker


def _verb_after_span(place: _Place, verb: re.Match[str]) -> Source | None:
    """Return the source if a reporting verb after the span governs it: in a parenthesis, or if the object is first."""
    text, start, end, low, high, lexicon = place.text, place.start, place.end, place.low, place.high, place.lexicon
    left, right = clause_around(text, verb)
    if left <= end or verb.start() >= high or lexicon.forward_verbs.fullmatch(verb[0]):
        if _is_object_first(text, verb, start, left, lexicon):
            return Source(speaker_after(text, verb.end(), right, lexicon), verb.span())
        return None
    before = _content_words(text, left, verb.start(), lexicon)
    after = _content_words(text, verb.end(), right, lexicon)
    if text[left - 1] == ":" and after:
        return None
    if len(before) > LONGEST:
        return None
    if before:
        opener = before[0].lower()
        comparative = opener in ("wie", "как", "як", "come", "comme", "as")
        if lexicon.conjunctions.fullmatch(before[0]) and not comparative:
            return None
        if lexicon.relative_pronouns.fullmatch(before[0]) and lexicon.language != "de":
            return None
        if opener in AND | _ALTHOUGH:
            return None  # ", and locals say life is hard", ", although Karsk denies it"
    if _NOBODY.intersection(lower_words(text[left:right])):
        return None  # ", nobody would say"
    if _WHY.intersection(lower_words(text)[:1]):
        return None  # "Why they gave it up, the army did not say": that they did is not its word
    if (
        place.headline
        and lexicon.language == "en"
        and not before
        and not is_source_name(text[verb.end() : right], lexicon)
    ):
        return None  # ", claims victory"
    comma = end_of_last(_COMMA, text, 0, start)
    relative = WORD.match(text[comma:start].lstrip())
    if not before and comma and relative and lexicon.relative_pronouns.fullmatch(relative[0]):
        named = bool(after) and after[0][0].isupper() and lexicon.language != "de"
        if not (named and _is_parenthesis(text, left, right)):
            return None  # "the soldiers, who took it, said …"
    conjunction = conjunction_after(text, verb.end(), lexicon, 4)
    if conjunction and conjunction[0].lower() not in ("di", "come", "si", "zu", "how", "why", "wie", "как", "як"):
        return None
    openings = (end_of_last(_PUNCTUATION, text, low, start), low)
    subordinate = any(lexicon.subordinators.match(text, _next_word(text, opening)) for opening in openings)
    followed = text[right : right + 1] == "," and before
    if subordinate and not CLAUSE_EDGE.search(text[end : left - 1]) and not followed:
        return None  # "After they took it, the mayor said …"
    if before and after and _object_follows(before, after, verb, lexicon):
        return None
    return Source(speaker_of_verb(text, left, verb, high, lexicon), verb.span())


def _object_follows(before: list[str], after: list[str], verb: re.Match[str], lexicon: Lexicon) -> bool:
    """Return whether the reported clause follows subject and verb: "the mayor said the lake was falling"."""
    if before[0].lower() in ("wie", "как", "як", "comme", "come", "as", "so"):
        return False
    if lower_words(verb.string[verb.end() :])[0] in lexicon.prepositions - lexicon.determiners:
        return False  # "declared in a resolution"
    first = after[0].lower()
    if lexicon.addressee_verbs.fullmatch(verb[0]):
        return first in lexicon.pronouns and len(after) > 2 and bool(lexicon.finite_verbs.search(" ".join(after[1:])))
    return first in lexicon.pronouns | lexicon.determiners or (after[0][0].isupper() and lexicon.language != "de")


def _is_object_first(text: str, verb: re.Match[str], start: int, left: int, lexicon: Lexicon) -> bool:
    """Return whether the reported clause opens the sentence: "Dass Velo gefallen sei, bestreitet die Regierung"."""
    first = WORD.search(text)
    if first is None or first[0].lower() not in ("that", "dass", "daß", "que", "che", "что", "що"):
        return False
    verb_after_comma = bool(left) and text[left - 1] == "," and not _content_words(text, left, verb.start(), lexicon)
    return verb_after_comma and first.start() < start < left


def _next_word(text: str, start: int) -> int:
    match = WORD.search(text, start)
    return match.start() if match else start
