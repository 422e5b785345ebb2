"""Collect for each span its blind answers, its assisted answers and its suggestions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from corpus.annotation import code_text, codes_of
from corpus.codebook import Codebook, Variable
from corpus.span import Span
from corpus.study import Study
from corpus.study.counting import Answers, decided_codes, majority, select_answers

from .code_styles import NOT_ASKED

MULTIPLE = 0.5  # a suggestion for a multiple-choice variable has every code of at least this probability


@dataclass
class JudgedSpan:
    """A span with its answers, by coder and variable, its suggestions, by variable and code, and what was `decided`."""

    span: str
    article: str
    outlet: str
    unit: str
    start: int
    end: int
    blind: dict[str, dict[str, str]] = field(default_factory=dict)
    assisted: dict[str, dict[str, str]] = field(default_factory=dict)
    suggested: dict[str, Mapping[str, float]] = field(default_factory=dict)
    decided: Mapping[str, str] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """ "coded" if it has a blind answer, "assisted" if all answers are assisted, else "suggested"."""
        return "coded" if self.blind else "assisted" if self.assisted else "suggested"

    def blind_code(self, book: Codebook, variable: Variable) -> str | None:
        """Return the adjudicated code, else the majority of the blind answers; None where nobody answered."""
        found = majority(answer(book, variable, answers) for answers in self.blind.values())
        return (found and answer(book, variable, self.decided)) or found

    def suggestion(self, book: Codebook, variable: Variable) -> str | None:
        """Return the suggested code, NOT_ASKED where suggestions for earlier variables rule it out, or None."""
        best = {name: _best(book.by_name[name], odds) for name, odds in self.suggested.items() if name in book.by_name}
        return NOT_ASKED if not_asked(book, variable, best) else best.get(variable.name)

    def code(self, book: Codebook, variable: Variable) -> str | None:
        """Return the code that the page shows: that of blind, else of assisted answers, else the suggestion."""
        if self.blind:
            return self.blind_code(book, variable)
        if self.assisted:
            return majority(answer(book, variable, answers) for answers in self.assisted.values())
        return self.suggestion(book, variable)


def not_asked(book: Codebook, variable: Variable, answers: Mapping[str, str]) -> bool:
    """Return whether the answers rule out asking a variable; a missing answer rules out nothing.

    >>> from corpus.codebook import load
    >>> book = load("territorial-control")
    >>> not_asked(book, book.by_name["speaker"], {"mention": "none"}), not_asked(book, book.by_name["speaker"], {})
    (True, False)
    """
    return any(
        not set(codes_of(answers[name])) & set(codes)
        if name in answers
        else not_asked(book, book.by_name[name], answers)
        for name, codes in variable.asked_when.items()
    )


def answer(book: Codebook, variable: Variable, answers: Mapping[str, str]) -> str | None:
    """Return a coder's answer to a variable, NOT_ASKED where the coder's other answers rule it out, or None."""
    return answers.get(variable.name) or (NOT_ASKED if not_asked(book, variable, answers) else None)


def _best(variable: Variable, odds: Mapping[str, float]) -> str:
    if variable.kind == "multiple" and (likely := [name for name in odds if odds[name] >= MULTIPLE]):
        return code_text(name for name in variable.code_names if name in likely)
    return max(odds, key=odds.__getitem__)


@dataclass(frozen=True)
class JudgedSpans:
    """All judged spans of the articles' first revisions, in the order of outlet, article and place."""

    spans: list[JudgedSpan]
    blind: Answers  # the answers that count
    coders: list[str]  # of blind and assisted answers
    simulated: list[str]
    annotations: int
    model: str | None  # that made the suggestions
    elsewhere: int  # coded spans of later revisions, which are not counted

    @property
    def n_decided(self) -> int:
        """The number of spans coded blind that show an adjudicated code."""
        return sum(bool(span.blind and span.decided) for span in self.spans)

    def by_article(self) -> dict[str, list[JudgedSpan]]:
        """Return the judged spans by article id."""
        by_article: dict[str, list[JudgedSpan]] = {}
        for span in self.spans:
            by_article.setdefault(span.article, []).append(span)
        return by_article


def collect_judged_spans(study: Study, articles: pd.DataFrame) -> JudgedSpans:
    """Collect by span the blind answers and decisions that count, assisted answers, and the model's suggestions."""
    blind, suggestions, decided = select_answers(study), study.suggestions(), decided_codes(study)
    assisted = select_answers(study, arm="assisted")
    first_revisions = set(articles["revision"])
    spans: dict[str, JudgedSpan] = {}
    elsewhere = set()

    def judged_span(id: str, article: str, outlet: str) -> JudgedSpan | None:
        span = Span.from_id(id)
        if span.revision not in first_revisions:
            return None
        new = JudgedSpan(id, article, outlet, span.unit, span.start, span.end, decided=decided.get(id, {}))
        return spans.setdefault(id, new)

    columns = ["span", "article", "outlet", "variable"]
    for answers in (blind, assisted):
        rows = answers.frame[[*columns, "code", "coder"]].itertuples(index=False, name=None)
        for span, article, outlet, variable, code, coder in rows:
            if (judged := judged_span(span, article, outlet)) is None:
                elsewhere.add(span)
            else:
                by_coder = judged.blind if answers is blind else judged.assisted
                by_coder.setdefault(coder, {})[variable] = code
    for span, article, outlet, variable, odds in suggestions[[*columns, "probabilities"]].itertuples(index=False):
        if (judged := judged_span(span, article, outlet)) is not None:
            judged.suggested[variable] = odds
    return JudgedSpans(
        spans=sorted(spans.values(), key=lambda s: (s.outlet, s.article, s.start, -s.end, s.unit)),
        blind=blind,
        coders=sorted({*blind.per_coder, *assisted.per_coder}),
        simulated=sorted({*blind.simulated, *assisted.simulated}),
        annotations=len(blind.frame) + len(assisted.frame),
        model=next(iter(suggestions["model"]), None),
        elsewhere=len(elsewhere),
    )
