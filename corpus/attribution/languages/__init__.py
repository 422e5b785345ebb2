"""Lexicons for attribution: the reporting verbs and other word classes of each language, read from YAML files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from corpus.text.language_names import language_code

LANGUAGES = ("en", "de", "fr", "it", "ru", "uk")  # tested on sentences of each: what is not attributed is the outlet's
# Their words of saying are known in part: what they attribute is attributed, but the rest is not the outlet's for sure.
PARTIAL = ("es", "pl", "cs", "ar", "zh", "ja")


@dataclass(frozen=True)
class Lexicon:
    """The word classes of one language as compiled patterns; a class that the language lacks matches nothing."""

    language: str
    reporting_verbs: re.Pattern[str]  # "said", "claims"
    quotation_verbs: re.Pattern[str]  # report only next to a quotation: "vowed"
    clause_verbs: re.Pattern[str]  # report only with a clause: "he thinks that", but not "he thinks of"
    forward_verbs: re.Pattern[str]  # introduce only what follows: "adding"
    reporting_nouns: re.Pattern[str]  # take a clause: "the claim that"
    conjunctions: re.Pattern[str]  # open the reported clause: "that", "whether"
    source_phrases: re.Pattern[str]  # "according to"
    source_postpositions: re.Pattern[str]  # "dem Oberst zufolge"
    hearsay: re.Pattern[str]  # "reportedly"
    hearsay_forms: re.Pattern[str]  # verb forms of hearsay: « aurait pris », "soll … haben"
    so_called: re.Pattern[str]
    naming_verbs: re.Pattern[str]  # "calls", "dubbed"
    free_relatives: re.Pattern[str]  # "what" in "what they call"
    reflexives: re.Pattern[str]
    relative_pronouns: re.Pattern[str]
    subordinators: re.Pattern[str]  # open a subordinate clause: "after", "when"
    clause_breaks: re.Pattern[str]  # end the reported clause: ", but"
    adversatives: re.Pattern[str]  # the clause breaks that open a main clause
    addressee_verbs: re.Pattern[str]  # reporting verbs with the hearer as object: "told"
    pronouns: frozenset[str]
    determiners: frozenset[str]
    prepositions: frozenset[str]
    auxiliaries: frozenset[str]
    finite_verbs: re.Pattern[str]  # a quotation with one of these is a clause
    time_words: frozenset[str]  # never part of a speaker's name
    participle_form: re.Pattern[str]
    noun_form: re.Pattern[str]
    case_form: re.Pattern[str]  # the case of a name after a naming verb
    source_nouns: re.Pattern[str]  # "ministry", "witnesses"
    topic_words: re.Pattern[str]  # before a headline's colon they name its topic: "War in Velo: …"
    work_nouns: re.Pattern[str]  # a name follows in quotation marks: the film “Free Land”
    negations: re.Pattern[str]
    partial: bool = False
    beside_quotations: re.Pattern[str] | None = None  # words of saying in scripts without blanks


NO_MATCH = "(?!)"
_SETS = {"pronouns", "determiners", "prepositions", "auxiliaries", "time_words"}
_FORMS = {"participle_form", "noun_form", "case_form"}
_OTHER = {"language", "hearsay_forms", "finite_verbs", "partial", "beside_quotations"}


@lru_cache(maxsize=64)
def load_lexicon(language: str) -> Lexicon | None:
    """Return the lexicon of a language by its name or code ("German", "de-AT"), or None if there is none.

    >>> bool(load_lexicon("de-AT").reporting_verbs.search("Sie sagte nichts.")), load_lexicon("eo")
    (True, None)
    """
    import yaml

    code = language_code(language)
    if code not in LANGUAGES + PARTIAL:
        return None
    table = yaml.safe_load(resources.files(__package__).joinpath(f"{code}.yaml").read_text(encoding="utf-8"))
    classes: dict[str, Any] = {name: frozenset(map(str, table.get(name, ()))) for name in _SETS}
    for name in _FORMS:
        case = re.NOFLAG if name == "noun_form" and code == "de" else re.I
        classes[name] = re.compile(table.get(name, NO_MATCH), case)
    for name in Lexicon.__dataclass_fields__.keys() - _SETS - _FORMS - _OTHER:
        classes[name] = _compile_words(table.get(name, ()))
    classes["hearsay_forms"] = re.compile("|".join(table.get("hearsay_forms", ())) or NO_MATCH, re.I)
    finite = [_compile_words(table.get("finite_verbs", ())).pattern]
    finite += [rf"\b(?:{table['finite_forms']})\b"] if "finite_forms" in table else []
    classes["finite_verbs"] = re.compile("|".join(finite), re.I)
    beside = re.compile(table["beside_quotations"]) if "beside_quotations" in table else None
    return Lexicon(language=code, partial=code in PARTIAL, beside_quotations=beside, **classes)


@lru_cache(maxsize=64)
def reads_language(language: str) -> bool:
    """Return whether the rules know a language well enough to call what nobody is quoted with the outlet's own words.

    >>> reads_language("German"), reads_language("es"), reads_language("eo")
    (True, False, False)
    """
    return language_code(language) in LANGUAGES


def _compile_words(terms: Any) -> re.Pattern[str]:
    """Compile words to one pattern: `*` matches letters, and a word that consists of `*` alone matches any word."""
    if not terms:
        return re.compile(NO_MATCH)
    each = [
        r"\s+".join(
            r"\w+" if w == "*" else r"\w*".join(re.escape(part) for part in w.split("*")) for w in str(t).split()
        )
        for t in sorted(map(str, terms), key=len, reverse=True)
    ]
    return re.compile(rf"(?<![\w])(?:{'|'.join(e.replace('’', chr(39)) for e in each)})(?!\w)", re.I)
