"""Names of coders and rounds: read without invisible characters, and warned of where they differ in letters only."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable

from sqlalchemy import Connection, select

from corpus.annotation import Annotation
from corpus.article import normalise
from corpus.draft import Refusal
from corpus.errors import BadText
from corpus.result import shown_codes
from corpus.study import database as db
from corpus.text.folding import look_alikes, named

# zero-width blanks, soft hyphens and direction marks carry no meaning in a name; joiners only do between its letters
_INVISIBLE = re.compile(
    "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]|^[\u200c\u200d]+|[\u200c\u200d]+$"
)
# what would be another name where it is shown, or a path or nothing where it names a file
_UNSHOWN = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE | re.DOTALL)
_LONGEST, _LONGEST_BYTES = 80, 160
_EXPECTED = f"use up to {_LONGEST} letters, digits, blanks and - _ ., such as mira or Ann Lee"
_PROBLEMS: tuple[tuple[Callable[[str], object], str], ...] = (
    (_UNSHOWN.search, "it has characters that control how text is shown"),
    (lambda name: "/" in name or "\\" in name, "it has a slash"),
    (lambda name: name.lstrip().startswith("."), "it begins with a full stop"),
    (lambda name: _RESERVED.fullmatch(name.strip()), "some systems reserve it for devices"),
    (lambda name: len(name) > _LONGEST or len(name.encode(errors="replace")) > _LONGEST_BYTES, "it is too long"),
)
_DIFFER = "these names differ in letters only and count as"
NAMES = "names in answers"  # the key in meta of the coders and rounds that answers have brought


def clean_name(text: str) -> str:
    r"""Return a name normalised, without characters that nobody sees. Raises BadText.

    >>> clean_name("\u200bmara \u00a0b. ")
    'mara b.'
    """
    return normalise(_INVISIBLE.sub("", normalise(text)))


def clean_coder(text: str) -> str:
    r"""Return a coder's name, clean. Raises BadText for one that cannot name files, folders and accounts.

    >>> clean_coder("Ann Lee ")
    'Ann Lee'
    """
    problem = next((why for wrong, why in _PROBLEMS if wrong(text)), None)
    if problem is None:
        name = clean_name(text)
        problem = next((why for wrong, why in _PROBLEMS if wrong(name)), None)
    if problem:
        raise BadText(f"{shown_codes(text)[:60]!r} cannot name a coder: {problem}; {_EXPECTED}")
    return name


def look_alike_warnings(connection: Connection, answers: Iterable[Annotation]) -> list[Refusal]:
    """Remember the names of coders and rounds in answers, and warn of those that differ in letters only.

    Only groups with a name among these answers are warned of.
    """
    pairs = {(one.coder, one.round) for one in answers}
    brought = {"coder": {coder for coder, _ in pairs}, "round": {round for _, round in pairs} - {""}}
    known = _known_names(connection)
    names = {what: known[what] | brought[what] for what in brought}
    if names != known:
        db.set_meta(connection, NAMES, json.dumps({what: sorted(names[what]) for what in names}))
    drawn = set(connection.execute(select(db.rounds.c.name)).scalars())
    return coder_warnings(names["coder"], brought["coder"]) + [
        Refusal(f"rounds {named(group)}", f"{_DIFFER} {len(group)} rounds; if one is meant, write it one way")
        for group in look_alikes(names["round"] | drawn)
        if brought["round"] & set(group)
    ]


def coder_warnings(names: Iterable[str], among: Collection[str] | None = None) -> list[Refusal]:
    """Return a warning for each group of coders whose names differ in letters only, if one of them is `among` these.

    >>> coder_warnings(["mara", "jon", "Mara"])[0].where
    'coders Mara and mara'
    """
    return [
        Refusal(
            f"coders {named(group)}",
            f"{_DIFFER} {len(group)} coders; if they are one person, their agreement is not agreement between coders: "
            f"choose one spelling, for example: slantwise round rename-coder {quoted(group[0])} {quoted(group[-1])}",
        )
        for group in look_alikes(names)
        if among is None or set(among) & set(group)
    ]


def forget_coder(connection: Connection, old: str, new: str) -> None:
    """Remember that a coder has another name."""
    names = _known_names(connection)
    names["coder"] = (names["coder"] - {old}) | {new}
    db.set_meta(connection, NAMES, json.dumps({what: sorted(names[what]) for what in names}))


def forget_names(connection: Connection, coders: Collection[str]) -> None:
    """Remember no longer that these coders gave answers."""
    names = _known_names(connection)
    names["coder"] -= set(coders)
    db.set_meta(connection, NAMES, json.dumps({what: sorted(names[what]) for what in names}))


def _known_names(connection: Connection) -> dict[str, set[str]]:
    stored = db.get_meta(connection, NAMES)
    if stored is not None:
        return {what: set(names) for what, names in json.loads(stored).items()}
    a = db.annotations.c
    coders = set(connection.execute(select(a.coder).distinct()).scalars())
    return {"coder": coders, "round": set(connection.execute(select(a.round).distinct()).scalars()) - {""}}


def quoted(name: str) -> str:
    """Return a name as it is typed in a command.

    >>> quoted("mara"), quoted("Mara B")
    ('mara', '"Mara B"')
    """
    return f'"{name}"' if not re.fullmatch(r"[\w.-]+", name) else name
