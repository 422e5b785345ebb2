"""Find the variable and the code that a spelling in a file of answers means; what could mean several is refused."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from corpus.errors import UnknownCode

from .codebook import Codebook
from .variables import Variable

# what programs write where a value is missing; `none` in these letters is an ordinary code
MISSING_WORDS = frozenset(
    ("", "NA", "N/A", "n/a", "#N/A", "#NA", "<NA>", "nan", "NaN", "NAN", "-nan", "null", "NULL", "None", "NaT", "nil")
)
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u2060\ufeff]")
_WHOLE = re.compile(r"([+-]?)0*(\d+)(?:\.0*)?")


def folded(text: str) -> str:
    """Return a text without what people type differently: case, width, blanks at its ends or in a row.

    Characters that nobody sees are left out too.

    >>> folded(" Not  Liberated\u00a0"), folded("Ｐｏｓ")
    ('not liberated', 'pos')
    """
    return " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold().split())


def by_folded(names: Iterable[str]) -> dict[str, list[str]]:
    """Return names by their folded form: several under one form differ in letters only.

    >>> by_folded(["Pos", "neg", "POS"])
    {'pos': ['Pos', 'POS'], 'neg': ['neg']}
    """
    found: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        found.setdefault(folded(name), []).append(name)
    return found


class Spelling:
    """The variables and codes of a codebook by what they may look like in a file."""

    def __init__(self, book: Codebook) -> None:
        self._variables = by_folded(book.by_name)
        self._codes: Mapping[str, Mapping[str, list[str]]] = {
            name: by_folded(variable.code_names) for name, variable in book.by_name.items()
        }
        self._labels: Mapping[str, Mapping[str, list[str]]] = {
            name: _by_label(variable) for name, variable in book.by_name.items()
        }
        self._names = {name: frozenset(variable.code_names) for name, variable in book.by_name.items()}

    def variable(self, name: str) -> str | None:
        """Return the variable that a name means; None if the codebook has none. Raises UnknownCode for several."""
        if name in self._names:
            return name
        return _only(name, self._variables.get(folded(name), []), "variables")

    def is_missing(self, variable: str, value: object) -> bool:
        """Return whether a value says that there is no code; a word that is a code of the variable is one.

        Raises UnknownCode where it may be either, as `None` if there is a code `none`.
        """
        if value is None:
            return True
        if not isinstance(value, str) or value.strip() not in MISSING_WORDS or value in self._names.get(variable, ()):
            return False
        if like := self._codes.get(variable, {}).get(folded(value)):
            raise UnknownCode(
                f"{value.strip()!r} may mean the code {like[0]!r} of {variable} or a missing value; write {like[0]!r}, "
                "or leave it empty"
            )
        return True

    def code(self, variable: str, value: str | float) -> str | None:
        """Return the code that a value means, None if it means none: its name, its label, or 1.0 for 1.

        Case and blanks do not matter.

        Raises UnknownCode if it may mean several codes.

        >>> from corpus.codebook import load
        >>> spelling = Spelling(load("ukraine-crisis"))
        >>> spelling.code("framing-west", " Plus-1 "), spelling.code("framing-west", 0.0)
        ('plus-1', '0')
        """
        names = self._names.get(variable, frozenset())
        if isinstance(value, str):
            if value in names:
                return value
            if like := self._codes.get(variable, {}).get(folded(value)):
                return _only(value, like, f"codes of {variable}")
            if labelled := self._labels.get(variable, {}).get(folded(value)):
                return _only(value, labelled, f"codes of {variable}")
            wanted = _whole(value)
            equal = [name for name in names if wanted is not None and _whole(name) == wanted]
        else:
            equal = [name for name in names if _number(name) == value]
        return _only(str(value), sorted(equal), f"codes of {variable}")


def _by_label(variable: Variable) -> dict[str, list[str]]:
    """Return the codes of a variable by their labels, as coders see them."""
    found: dict[str, list[str]] = {}
    for code in variable.codes:
        if code.label:
            found.setdefault(folded(code.label), []).append(code.name)
    return found


def _only(value: str, names: list[str], what: str) -> str | None:
    if len(names) > 1:
        raise UnknownCode(f"{value!r} may mean several {what}: {', '.join(names)}; write one of them exactly")
    return names[0] if names else None


def _whole(text: str) -> tuple[str, str] | None:
    """Return the sign and digits of a whole number, which programs also write as 1.0 or 01."""
    match = _WHOLE.fullmatch(text.strip())
    return ("-" if match[1] == "-" else "", match[2]) if match else None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
