"""How the pages show codes: each has a label, a letter and a colour, so colour is never the only signal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from corpus.codebook import Codebook, Variable
from corpus.study import Study
from corpus.study.counting import DIVIDED

# Okabe and Ito 2008, distinguishable with every common form of colour blindness; neighbours differ in lightness
PALETTE = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7", "#f0e442", "#444444")
GREY = "#757575"

NOT_ASKED = "(not asked)"  # no code can have this name or that of DIVIDED: they begin with a bracket


@dataclass(frozen=True)
class CodeStyle:
    """How a code is shown: `ink` is the text colour on `colour`, `tint` a background for dark text."""

    name: str
    label: str
    letter: str
    definition: str
    colour: str
    css: str

    @property
    def ink(self) -> str:
        """Black or white, whichever has more contrast with the code's colour."""
        return "#000000" if luminance(self.colour) > 0.179 else "#ffffff"  # both have a contrast of 4.58 there

    @property
    def tint(self) -> str:
        """The code's colour mixed with four parts of white."""
        channels = (round(0.2 * int(self.colour[i : i + 2], 16) + 0.8 * 255) for i in (1, 3, 5))
        return "#" + "".join(f"{channel:02x}" for channel in channels)


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb` as WCAG 2.2 defines it.

    >>> luminance("#ffffff"), round(luminance("#0072b2"), 2)
    (1.0, 0.15)
    """
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def style_codes(variable: Variable, sides: Mapping[str, str]) -> dict[str, CodeStyle]:
    """Return the styles of a variable's codes, followed by those of DIVIDED and NOT_ASKED.

    >>> from corpus.codebook import load
    >>> styles = style_codes(load("territorial-control").by_name["gainer"], {"side-a": "Orsenia", "side-b": "Talvia"})
    >>> [(code.letter, code.label) for code in styles.values()]
    [('S', 'Orsenia'), ('I', 'Talvia'), ('U', 'unclear'), ('÷', 'divided'), ('–', 'not asked')]
    """
    styles = {}
    for number, (code, letter) in enumerate(zip(variable.codes, letters(variable.code_names), strict=True)):
        label = code.label or sides.get(code.name) or code.name
        colour = PALETTE[number % len(PALETTE)]
        styles[code.name] = CodeStyle(code.name, label, letter, code.definition, colour, f"c{number}")
    styles[DIVIDED] = CodeStyle(
        DIVIDED,
        "divided",
        "÷",
        "No answer was given by more coders than any other, none was decided on.",
        GREY,
        "cd",
    )
    styles[NOT_ASKED] = CodeStyle(NOT_ASKED, "not asked", "–", "Most coders did not reach this question.", GREY, "cn")
    return styles


def css_palette(styles: Iterable[CodeStyle]) -> list[CodeStyle]:
    """Return one style per colour class in their order, without those of DIVIDED and NOT_ASKED."""
    by_class = {style.css: style for style in styles}
    return [style for css, style in sorted(by_class.items()) if css not in ("cd", "cn")]


def letters(names: Iterable[str]) -> list[str]:
    """Return a distinct letter for each name: its first letter that is still free, else a number.

    >>> letters(["liberation", "annexation", "accession", "a", "aa"])
    ['L', 'A', 'C', '1', '2']
    """
    taken: list[str] = []
    for name in names:
        free = (letter for letter in name.upper() if letter.isalpha() and letter not in taken)
        number = (str(n) for n in range(1, len(taken) + 2) if str(n) not in taken)
        taken.append(next(free, None) or next(number))
    return taken


def side_names(study: Study) -> dict[str, str]:
    """Return the sides' names from the study's settings, without those that are still placeholders."""
    placeholder = study.codebook.sides
    return {side: name for side, name in study.settings.sides.items() if name and placeholder.get(side) != name}


def attribution(book: Codebook) -> Variable | None:
    """Return the variable `attribution`, None if the codebook has none or it is the focus variable."""
    variable = book.by_name.get("attribution")
    return variable if variable is not None and variable != book.focus_variable else None
