"""The training page: what one coder answered otherwise than the adjudicated codes, with the definitions that apply."""

from __future__ import annotations

from dataclasses import dataclass

from annotate.agreement.alpha import RELIED_ON
from annotate.agreement.coder_training import CoderTraining
from annotate.report.parts.code_styles import Shown, shown, side_names
from annotate.report.parts.templates import environment
from corpus.codebook import Variable
from corpus.span import passage
from corpus.study import Study
from corpus.study.passages import spans_in_text

from .agreement_page import figure

MOST_LETTERS = 600  # of a passage on either side of the span


@dataclass(frozen=True)
class Row:
    """One question of a span: what the coder said, what is right; nothing where it was not asked."""

    variable: Variable
    given: list[Shown]
    right: list[Shown]

    @property
    def same(self) -> bool:
        """Whether both said the same."""
        return self.given == self.right


@dataclass(frozen=True)
class Item:
    """A span in its passage with its questions; whose text it is stays hidden, as on the coders' screen."""

    headline: str
    left: str
    words: str
    right: str
    rows: list[Row]
    reason: str


def page(study: Study, one: CoderTraining) -> str:
    """Return a coder's training page as HTML that needs nothing from outside itself; it shows no other coder."""
    sides = side_names(study)
    codes = {variable.name: shown(variable, sides) for variable in study.codebook.variables}
    texts = spans_in_text(study, [deviation.span for deviation in one.deviations])

    def said(variable: Variable, answer: str | None) -> list[Shown]:
        return [codes[variable.name][code] for code in answer.split("|")] if answer else []

    items = []
    for deviation in one.deviations:
        here = texts[deviation.span]
        text, span, headline = here.text, here.span, here.headline
        read = passage(text, span.start, span.end)
        left, right = read.text[: read.start], read.text[read.end :]
        items.append(
            Item(
                text[slice(*headline)] if headline and span.start >= headline[1] else "",
                "… " + left[-MOST_LETTERS:].partition(" ")[2] if len(left) > MOST_LETTERS else left,
                read.text[read.start : read.end],
                right[:MOST_LETTERS].rpartition(" ")[0] + " …" if len(right) > MOST_LETTERS else right,
                [
                    Row(variable, said(variable, given), said(variable, theirs))
                    for variable, given, theirs in deviation.answers
                ],
                deviation.reason,
            )
        )
    palette = {
        code.css: code for by_name in codes.values() for code in by_name.values() if code.css not in ("cd", "cn")
    }
    return (
        environment()
        .get_template("training.html.j2")
        .render(
            study=study.settings.name,
            book=study.codebook,
            one=one,
            items=items,
            codes=codes,
            palette=[code for _, code in sorted(palette.items())],
            figure=figure,
            RELIED_ON=RELIED_ON,
        )
    )
