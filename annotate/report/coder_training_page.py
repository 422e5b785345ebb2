"""The training page: one coder's answers that differ from the adjudicated codes, with the definitions that apply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from annotate.agreement.alpha import RELIED_ON
from annotate.agreement.coder_training import RoundTraining
from annotate.report.parts.code_styles import CodeStyle, css_palette, side_names, style_codes
from annotate.report.parts.excerpts import Excerpt, excerpt
from annotate.report.parts.templates import render
from annotate.tasks.queue import file_names
from corpus.annotation import codes_of
from corpus.codebook import Variable
from corpus.span import passage
from corpus.study import Study
from corpus.study.files import write_whole
from corpus.study.passages import spans_in_text

from .agreement_page import figure

MOST_LETTERS = 600  # of a passage on either side of the span


@dataclass(frozen=True)
class QuestionComparison:
    """One question of a span: the coder's codes and the right codes, empty where it was not asked."""

    variable: Variable
    given: list[CodeStyle]
    right: list[CodeStyle]

    @property
    def same(self) -> bool:
        """Whether the coder's codes are the right ones."""
        return self.given == self.right


@dataclass(frozen=True)
class SpanComparison:
    """A span in its passage with its questions; the outlet is hidden, as on the coders' screen."""

    headline: str
    excerpt: Excerpt
    questions: list[QuestionComparison]
    reason: str


def write_training_pages(study: Study, training: RoundTraining) -> Mapping[str, Path]:
    """Write a page for each coder of a training round into the folder `reports`, and return their paths by coder.

    `training` is the result of `compare_with_reference`.
    """
    names = file_names(f"training-{training.round}", list(training.coders), ".html")
    files = {coder: study.reports / names[coder] for coder in training.coders}
    for coder, file in files.items():
        write_whole(file, render_training(study, training, coder))
    return files


def render_training(study: Study, training: RoundTraining, coder: str) -> str:
    """Return a coder's training page as self-contained HTML; it shows no other coder."""
    own = training.coders[coder]
    sides = side_names(study)
    styles = {variable.name: style_codes(variable, sides) for variable in study.codebook.variables}
    texts = spans_in_text(study, [deviation.span for deviation in own.deviations])

    def styled(variable: Variable, answer: str | None) -> list[CodeStyle]:
        return [styles[variable.name][code] for code in codes_of(answer or "")]

    spans = []
    for deviation in own.deviations:
        in_text = texts[deviation.span]
        text, span, headline = in_text.text, in_text.span, in_text.headline
        around = passage(text, span.start, span.end)
        spans.append(
            SpanComparison(
                text[slice(*headline)] if headline and span.start >= headline[1] else "",
                excerpt(around.text, around.start, around.end, MOST_LETTERS),
                [
                    QuestionComparison(variable, styled(variable, given), styled(variable, right))
                    for variable, given, right in deviation.answers
                ],
                deviation.reason,
            )
        )
    return render(
        "training.html.j2",
        study=study.settings.name,
        book=study.codebook,
        round=training.round,
        threshold=training.threshold,
        training=own,
        spans=spans,
        codes=styles,
        palette=css_palette(style for by_name in styles.values() for style in by_name.values()),
        figure=figure,
        RELIED_ON=RELIED_ON,
    )
