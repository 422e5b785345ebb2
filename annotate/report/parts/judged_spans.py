"""What was said about each span: by people without a suggestion, by people who saw one, and by the classifier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from corpus.codebook import Codebook, Variable
from corpus.span import Span
from corpus.study import Study
from corpus.study.counting import Answers, counting, for_training

from .code_styles import DIVIDED, NOT_ASKED

MULTIPLE = 0.5  # a suggestion for a multiple-choice variable names every code that is likelier than not


@dataclass
class Judged:
    """One span and what was said about it; the answers are by coder, then by variable."""

    span: str
    article: str
    outlet: str
    unit: str
    start: int
    end: int
    blind: dict[str, dict[str, str]] = field(default_factory=dict)
    assisted: dict[str, dict[str, str]] = field(default_factory=dict)
    suggested: dict[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """ "coded" where somebody answered without a suggestion, "assisted" where all saw one, else "suggested"."""
        return "coded" if self.blind else "assisted" if self.assisted else "suggested"

    def coded(self, book: Codebook, variable: Variable) -> str | None:
        """Return the blind coders' majority, None where nobody answered."""
        return majority(given(book, variable, answers) for answers in self.blind.values())

    def suggestion(self, book: Codebook, variable: Variable) -> str | None:
        """Return the suggested code, NOT_ASKED after such suggestions for earlier variables, None without one."""
        best = {name: _best(book.by_name[name], odds) for name, odds in self.suggested.items() if name in book.by_name}
        return NOT_ASKED if not_asked(book, variable, best) else best.get(variable.name)

    def code(self, book: Codebook, variable: Variable) -> str | None:
        """Return what the page shows the span as: the majority of the blind answers, else the suggestion."""
        if self.blind:
            return self.coded(book, variable)
        if self.assisted:
            return majority(given(book, variable, answers) for answers in self.assisted.values())
        return self.suggestion(book, variable)


def not_asked(book: Codebook, variable: Variable, answers: Mapping[str, str]) -> bool:
    """Say whether the answers lead past a variable; an answer that is merely missing leads nowhere.

    >>> from corpus.codebook import load
    >>> book = load("territorial-control")
    >>> not_asked(book, book.by_name["speaker"], {"mention": "none"}), not_asked(book, book.by_name["speaker"], {})
    (True, False)
    """
    return any(
        not set(answers[name].split("|")) & set(codes)
        if name in answers
        else not_asked(book, book.by_name[name], answers)
        for name, codes in variable.asked_when.items()
    )


def given(book: Codebook, variable: Variable, answers: Mapping[str, str]) -> str | None:
    """Return one coder's answer to a variable, NOT_ASKED where the coder's other answers led past it, else None."""
    return answers.get(variable.name) or (NOT_ASKED if not_asked(book, variable, answers) else None)


def majority(answers: Iterable[str | None]) -> str | None:
    """Return the answer that most gave, DIVIDED where two are equally frequent, None where there is none.

    >>> majority(["plain", "plain", "occupation", None]), majority(["plain", "occupation"])
    ('plain', '(divided)')
    """
    ranked = Counter(answer for answer in answers if answer is not None).most_common(2)
    if not ranked:
        return None
    return DIVIDED if len(ranked) == 2 and ranked[0][1] == ranked[1][1] else ranked[0][0]


def _best(variable: Variable, odds: Mapping[str, float]) -> str:
    if variable.kind == "multiple" and (likely := [name for name in odds if odds[name] >= MULTIPLE]):
        return "|".join(name for name in variable.code_names if name in likely)
    return max(odds, key=odds.__getitem__)


@dataclass(frozen=True)
class Judgements:
    """All judged spans of the articles' first revisions, in the order of outlet, article and place."""

    spans: list[Judged]
    blind: Answers  # those that count
    coders: list[str]  # of these and of the assisted ones
    simulated: list[str]
    annotations: int
    model: str | None  # whose suggestions these are
    elsewhere: int  # coded spans of later revisions, which are no part of the counts

    def by_article(self) -> dict[str, list[Judged]]:
        """The judged spans of each article, by its id."""
        found: dict[str, list[Judged]] = {}
        for span in self.spans:
            found.setdefault(span.article, []).append(span)
        return found


def judgements(study: Study, articles: pd.DataFrame) -> Judgements:
    """Gather the answers that count, the assisted ones, and the current model's suggestions, span by span."""
    blind, assisted, suggestions = for_training(study), counting(study, arm="assisted"), study.suggestions()
    first = set(articles["revision"])
    spans: dict[str, Judged] = {}
    elsewhere = set()

    def of(id: str, article: str, outlet: str) -> Judged | None:
        place = Span.from_id(id)
        if place.revision not in first:
            return None
        return spans.setdefault(id, Judged(id, article, outlet, place.unit, place.start, place.end))

    whose = ["span", "article", "outlet", "variable"]
    for answers in (blind, assisted):
        rows = answers.frame[[*whose, "code", "coder"]].itertuples(index=False, name=None)
        for span, article, outlet, variable, code, coder in rows:
            if (judged := of(span, article, outlet)) is None:
                elsewhere.add(span)
            else:
                given = judged.blind if answers is blind else judged.assisted
                given.setdefault(coder, {})[variable] = code
    for span, article, outlet, variable, odds in suggestions[[*whose, "probabilities"]].itertuples(index=False):
        if (judged := of(span, article, outlet)) is not None:
            judged.suggested[variable] = odds
    return Judgements(
        spans=sorted(spans.values(), key=lambda s: (s.outlet, s.article, s.start, -s.end, s.unit)),
        blind=blind,
        coders=sorted({*blind.per_coder, *assisted.per_coder}),
        simulated=sorted({*blind.simulated, *assisted.simulated}),
        annotations=len(blind.frame) + len(assisted.frame),
        model=next(iter(suggestions["model"]), None),
        elsewhere=len(elsewhere),
    )
