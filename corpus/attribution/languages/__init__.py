"""How languages say whose words are whose: one table of word classes a language, as data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

LANGUAGES = ("en", "de", "fr", "it", "ru", "uk")


@dataclass(frozen=True)
class Speech:
    """One language's classes of words, compiled; a class that the language lacks matches nothing."""

    language: str
    says: re.Pattern[str]  # verbs of saying
    voices: re.Pattern[str]  # verbs that speak beside a quotation only: "vowed"
    finite_only: re.Pattern[str]  # those that say only with a clause: "he thinks that", never "he thinks of"
    asides: re.Pattern[str]  # forms that speak of what follows, never of what stands before: "adding"
    names: re.Pattern[str]  # nouns of saying that take a clause: "the claim that"
    that: re.Pattern[str]
    according: re.Pattern[str]
    after_source: re.Pattern[str]  # "dem Oberst zufolge"
    hearsay: re.Pattern[str]
    hearsay_forms: re.Pattern[str]
    so_called: re.Pattern[str]
    calls: re.Pattern[str]
    called_with: frozenset[str]
    what: re.Pattern[str]
    themselves: re.Pattern[str]
    relatives: re.Pattern[str]
    joining: re.Pattern[str]  # open a clause beside the main one: "after", "when"
    cuts: re.Pattern[str]  # end what was said: ", but"
    buts: re.Pattern[str]  # those cuts that open a main clause
    tells: re.Pattern[str]  # verbs of saying that name who hears it
    pronouns: frozenset[str]
    determiners: frozenset[str]
    prepositions: frozenset[str]
    auxiliaries: frozenset[str]
    finite: re.Pattern[str]  # a quotation with one of these is a clause
    times: frozenset[str]  # no part of a speaker's name
    participle: re.Pattern[str]
    noun: re.Pattern[str]
    case: re.Pattern[str]  # what something is called stands in this form
    sources: re.Pattern[str]
    topics: re.Pattern[str]
    works: re.Pattern[str]
    negations: re.Pattern[str]


@lru_cache(maxsize=len(LANGUAGES))
def speech(language: str) -> Speech | None:
    """Return a language's table by its code ("de", "de-AT"), None for one that has none.

    >>> bool(speech("de-AT").says.search("Sie sagte nichts.")), speech("eo")
    (True, None)
    """
    import yaml

    code = language.lower().replace("_", "-").split("-")[0]
    if code not in LANGUAGES:
        return None
    table = yaml.safe_load(resources.files(__package__).joinpath(f"{code}.yaml").read_text(encoding="utf-8"))
    words: Mapping[str, list[Any]] = {name: value for name, value in table.items() if isinstance(value, list)}
    sets = {"called_with", "pronouns", "determiners", "prepositions", "auxiliaries", "times"}
    forms = {"participle", "noun", "case"}
    made: dict[str, Any] = {name: frozenset(str(w) for w in words.get(name, ())) for name in sets}
    made |= {
        name: re.compile(table.get(name, "(?!)"), 0 if name == "noun" and code == "de" else re.I) for name in forms
    }
    for name in Speech.__dataclass_fields__.keys() - sets - forms - {"language", "hearsay_forms", "finite"}:
        made[name] = _words(words.get(name, ()))
    made["hearsay_forms"] = re.compile("|".join(words.get("hearsay_forms", ())) or "(?!)", re.I)
    made["finite"] = re.compile(
        "|".join(
            filter(
                None,
                [
                    _words(words.get("finite", ())).pattern,
                    rf"\b(?:{table['finite_forms']})\b" if "finite_forms" in table else "",
                ],
            )
        ),
        re.I,
    )
    return Speech(language=code, **made)


def _words(terms: Any) -> re.Pattern[str]:
    """Compile words to one pattern: `*` stands for letters, a word that is a `*` alone for any word."""
    if not terms:
        return re.compile("(?!)")
    each = [
        r"\s+".join(
            r"\w+" if w == "*" else r"\w*".join(re.escape(part) for part in w.split("*")) for w in str(t).split()
        )
        for t in sorted(map(str, terms), key=len, reverse=True)
    ]
    return re.compile(rf"(?<![\w])(?:{'|'.join(e.replace('’', chr(39)) for e in each)})(?!\w)", re.I)
