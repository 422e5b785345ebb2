"""Which article a text belongs to: its key proposes one, the text decides."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from difflib import SequenceMatcher
from typing import NamedTuple

from sqlalchemy import Connection, select

from corpus.article import Article, Revision, short_digest
from corpus.copies.address_forms import other_forms, untracked_key
from corpus.copies.facts import facts
from corpus.study import database as db
from corpus.study.history.removals import days_of_removal

OWN_KEY = "#text-"  # between a key that several articles have and the digest of the later article's first text

# Runs of four words that unrelated articles share are 0 to 1 % of the shorter one's (20,000 pairs of the example's
# articles without its copies), those of formulaic ones 5 to 30 %; an article of which half is rewritten keeps 40 %.
MIN_SHARED_RUNS = 0.3
# Bulletins with one frame share most runs, and few of their names, numbers and days.
NEARLY_ALL_RUNS, MIN_SHARED_FACTS, FEW_FACTS, FEW_NAMES = 0.9, 0.5, 3, 2
# Shorter texts, such as headlines, have few runs. Reworded ones keep most words in their order; of 12,000 pairs of real
# headlines of one outlet .14 % do, and half of these differ in a number only ("day 86", "day 127").
SHORT_TEXT = 20  # words
MIN_SHARED_WORDS = 0.6  # of the longer one
MIN_CONTAINED_WORDS = 0.9  # of the shorter one in the beginning of a text more than twice as long

# a word, or a letter of a script without blanks
_WORD = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]|\w+")


class Identity(NamedTuple):
    """The article of a text; `known` are the ids of its revisions, empty if the article is new.

    `other` is the id of the article whose key the text also has, if that is another one; `removed` is the day on which
    the article was removed from the study.
    """

    article: Article
    known: list[str]
    other: str | None = None
    removed: str | None = None


def is_state_of(text: str, other: str) -> bool:
    """Return whether two texts are states of one article, by the share of the shorter one that both have.

    >>> is_state_of("Velo liberated by Northland", "Velo occupied by Northland")
    True
    >>> is_state_of("Northland captured Velo on Monday. The mayor fled.", "Southland opened a bakery in Karsk.")
    False
    """
    words, others = sorted((_words(text), _words(other)), key=len)
    if len(words) < SHORT_TEXT:
        return _is_short_state(words, others)
    runs = _runs(words)
    shared = len(runs & _runs(others)) / len(runs)
    if shared < MIN_SHARED_RUNS or shared >= NEARLY_ALL_RUNS:
        return shared >= MIN_SHARED_RUNS
    return _tell_the_same(facts(text), facts(other))


def identify(connection: Connection, article: Article, text: str, id: str) -> Identity:
    """Return the article that a text belongs to: the one of its key, another one with that key, or a new one.

    `id` is what the text's revision of `article` would have. Texts that were split into several articles count too.
    """
    known = _revisions(connection, article.id)
    before = [row["text"] for row in states_before_split(connection, article.id)] if not known else []
    removed = None
    if not known and not before:
        keys = dict.fromkeys([article.key, untracked_key(article.key), *other_forms(article.key)])
        article, known = _by_other_address(connection, article, text)
        removed = None if known else _day_of_removal(connection, article, keys)
        id = Revision(article.id, text, normalised=True).id
    states = list(known.values()) or before
    if not removed and (not states or id in known or any(is_state_of(text, state) for state in states)):
        return Identity(article, list(known))
    own = replace(article, key=f"{article.key}{OWN_KEY}{short_digest(text, 8)}")
    for later in dict.fromkeys([own.key, *_keys_beside(connection, article)]):
        sibling = replace(article, key=later)
        revisions = _revisions(connection, sibling.id)
        if revisions and (later == own.key or any(is_state_of(text, state) for state in revisions.values())):
            return Identity(sibling, list(revisions), article.id)
    removed = removed or _day_of_removal(connection, own, [own.key])
    if removed:
        return Identity(article, [], removed=removed)
    return Identity(own, [], article.id)


def _day_of_removal(connection: Connection, article: Article, keys: Iterable[str]) -> str | None:
    """Return when an article with one of these keys was removed; None if none was."""
    days = days_of_removal(connection, [replace(article, key=key).id for key in keys])
    return max(days.values(), default=None)


def _by_other_address(connection: Connection, article: Article, text: str) -> tuple[Article, dict[str, str]]:
    """Return the article, and its texts, that is known under another form of a web address.

    If there is none with such a text, it is the article under its address without tracking parameters.
    """
    # by their ids, since there is no index of keys; the address that is stored stays
    forms = [replace(article, key=key, url=None) for key in other_forms(article.key)]
    a = db.articles.c
    there = set(connection.execute(select(a.id).where(a.id.in_([form.id for form in forms]))).scalars())
    for same in (form for form in forms if form.id in there):
        known = _revisions(connection, same.id)
        if any(is_state_of(text, state) for state in known.values()):
            return same, known
    article = replace(article, key=untracked_key(article.key))
    return article, _revisions(connection, article.id)


def states_before_split(connection: Connection, article: str) -> list[dict[str, str]]:
    """Return the revisions (`id, text` …) of an article that was split into several; none for any other."""
    revisions = connection.execute(
        select(db.split_articles.c.revisions).where(db.split_articles.c.id == article)
    ).scalar()
    rows: list[dict[str, str]] = json.loads(revisions or "[]")
    return rows


def _revisions(connection: Connection, article: str) -> dict[str, str]:
    """Return the texts of an article's revisions by their ids, in their order."""
    r = db.revisions.c
    return dict(connection.execute(select(r.id, r.text).where(r.article == article).order_by(r.number)).tuples().all())


def _keys_beside(connection: Connection, article: Article) -> Iterable[str]:
    """Return the keys of the articles that share the article's key and are others."""
    a = db.articles.c
    beside = a.key.startswith(article.key + OWN_KEY, autoescape=True)
    return connection.execute(select(a.key).where(a.outlet == article.outlet, beside).order_by(a.key)).scalars().all()


def _tell_the_same(own: frozenset[str], others: frozenset[str]) -> bool:
    """Return whether texts with one frame report the same, by their names and days, else by their numbers too.

    In an update of one text the numbers change ("12 people were hurt") while names and days stay; bulletins of two days
    differ in both.
    """
    few, many = sorted((own, others), key=len)
    names = [frozenset(fact for fact in found if not any(map(str.isdigit, fact))) for found in (few, many)]
    shared, fewest = len(names[0] & names[1]), min(map(len, names))
    if fewest < FEW_NAMES:
        return len(few) < FEW_FACTS or len(few & many) >= MIN_SHARED_FACTS * len(few)
    if shared > MIN_SHARED_FACTS * fewest or not shared:
        return bool(shared)
    return len(few & many) > MIN_SHARED_FACTS * len(few)


def _is_short_state(words: list[str], others: list[str]) -> bool:
    others_begin = others[: 3 * SHORT_TEXT]
    blocks = SequenceMatcher(None, words, others_begin, autojunk=False).get_matching_blocks()
    shared = sum(block.size for block in blocks)
    if len(others) > 2 * len(words):
        return shared >= MIN_CONTAINED_WORDS * len(words)
    return _numbers(words) == _numbers(others) and shared >= MIN_SHARED_WORDS * len(others)


def _numbers(words: list[str]) -> set[str]:
    return {word for word in words if any(character.isdigit() for character in word)}


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _runs(words: list[str]) -> set[tuple[str, ...]]:
    return set(zip(words, words[1:], words[2:], words[3:], strict=False))
