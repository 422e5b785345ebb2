"""The adjudicator's screen in Label Studio: the coders' screen with all answers below the passage, without names."""

from __future__ import annotations

import hashlib
import string
from collections.abc import Mapping
from html import escape
from xml.etree import ElementTree as tree

from annotate.tasks.interface import configuration
from corpus.annotation import codes_of
from corpus.codebook import Codebook

from .adjudicate import SharedSpan

ANSWERS = "sw_answers"
STYLE = """
.sw-answers{margin-top:1.25rem;overflow-x:auto}
.sw-read .sw-answers .lsf-htx-richtext,.sw-read .sw-answers .lsf-htx-richtext *{font-family:inherit}
.sw-read .sw-answers .lsf-htx-richtext{font-size:.9rem;line-height:1.35;max-width:none;white-space:normal}
.sw-answers table{border-collapse:collapse;width:100%}
.sw-answers th,.sw-answers td{border-bottom:1px solid #8884;padding:.3rem .6rem .3rem 0;text-align:left;
  vertical-align:top}
.sw-answers th{font-weight:400;opacity:.75}
.sw-answers td strong{font-weight:650}
.sw-answers p{margin:.6rem 0 0}
"""


def screen(book: Codebook, sides: Mapping[str, str] | None = None) -> str:
    """Return the adjudicator's screen: the coders' screen with their answers; the memo field takes the reason.

    >>> from corpus.codebook import load
    >>> xml = screen(load("lexical-bias"))
    >>> '<HyperText name="sw_answers" value="$sw_answers"' in xml, 'value="Reason"' in xml
    (True, True)
    """
    root = tree.fromstring(configuration(book, "unit", sides=sides))  # noqa: S314 - our own words
    views = {str(view.get("className")): view for view in root.iter("View")}
    answers_view = tree.SubElement(views["sw-read"], "View", className="sw-answers")
    tree.SubElement(answers_view, "HyperText", name=ANSWERS, value=f"${ANSWERS}", inline="true")
    header, reason = views["sw-more"].find("Header"), views["sw-more"].find("TextArea")
    style = root.find("Style")
    assert header is not None and reason is not None and style is not None
    header.set("value", "Reason")
    reason.set("placeholder", "Why this code? (Enter saves it)")
    style.text = f"{style.text}{STYLE}"
    return tree.tostring(root, encoding="unicode")


def anonymous_names(shared: SharedSpan, round: str) -> dict[str, str]:
    """Return each coder's name on the screen: a letter, assigned in a different order for each span.

    >>> shared = SharedSpan("s1", {"bias": {"ada": "biased", "ben": "non-biased"}})
    >>> sorted(anonymous_names(shared, "main").values())
    ['Coder A', 'Coder B']
    """

    def key(coder: str) -> bytes:
        return hashlib.sha256(f"{round}\n{shared.span}\n{coder}".encode()).digest()

    order = sorted(shared.coders, key=key)
    names = [*string.ascii_uppercase, *map(str, range(27, len(order) + 1))]
    return {coder: f"Coder {name}" for coder, name in zip(order, names, strict=False)}


def answers_table(shared: SharedSpan, book: Codebook, round: str, sides: Mapping[str, str] | None = None) -> str:
    """Return all answers to a span as an anonymous HTML table, disputed answers in bold, with the memos below it.

    >>> from corpus.codebook import load
    >>> shared = SharedSpan("s1", {"bias": {"ada": "biased", "ben": "non-biased"}}, {"ada": "<loaded>"})
    >>> html = answers_table(shared, load("lexical-bias"), "main")
    >>> "ada" in html, html.count("<strong>"), "&lt;loaded&gt;" in html
    (False, 2, True)
    """
    names = anonymous_names(shared, round)
    rows = ["<tr><th></th>" + "".join(f"<th>{name}</th>" for name in names.values()) + "</tr>"]
    for variable, answers in shared.answers.items():
        labels = {
            code.name: code.label or (sides or {}).get(code.name) or code.name for code in book.by_name[variable].codes
        }
        cells = []
        for coder in names:
            text = ", ".join(escape(labels[code]) for code in codes_of(answers[coder])) if coder in answers else "–"
            cells.append(f"<td><strong>{text}</strong></td>" if variable in shared.disputed else f"<td>{text}</td>")
        rows.append(f"<tr><th>{escape(book.by_name[variable].question)}</th>{''.join(cells)}</tr>")
    memos = [f"<p>{names[coder]} noted: {escape(memo)}</p>" for coder, memo in shared.memos.items() if coder in names]
    return f"<table>{''.join(rows)}</table>{''.join(sorted(memos))}"
