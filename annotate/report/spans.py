"""What was said about each span: by people without a suggestion, by people who saw one, and by the classifier."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from corpus.codebook import Codebook, Variable
from corpus.study import Study

from .codes import DIVIDED, NOT_ASKED

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
    coders: list[str]
    simulated: list[str]
    annotations: int
    model: str | None  # whose suggestions these are
    versions: list[str]
    elsewhere: int  # coded spans of later revisions, which are no part of the counts

    def by_article(self) -> dict[str, list[Judged]]:
        """The judged spans of each article, by its id."""
        found: dict[str, list[Judged]] = {}
        for span in self.spans:
            found.setdefault(span.article, []).append(span)
        return found


def judgements(study: Study, articles: pd.DataFrame) -> Judgements:
    """Gather the study's annotations, and the current model's suggestions, span by span."""
    annotations, suggestions = study.annotations(), study.suggestions()
    first = set(articles["revision"])
    spans: dict[str, Judged] = {}
    place = ["span", "article", "outlet", "unit", "start", "end"]
    elsewhere = set()

    def of(row: Iterable[object]) -> Judged | None:
        span, article, outlet, unit, start, end = row
        if str(span).partition(":")[0] not in first:
            return None
        if span not in spans:
            spans[str(span)] = Judged(str(span), str(article), str(outlet), str(unit), int(str(start)), int(str(end)))
        return spans[str(span)]

    for *row, variable, code, coder, arm in annotations[[*place, "variable", "code", "coder", "arm"]].itertuples(
        index=False, name=None
    ):
        if (judged := of(row)) is None:
            elsewhere.add(row[0])
        else:  # the frame is in the order of rounds, so that a coder's last answer stays
            answers = judged.blind if arm == "blind" else judged.assisted
            answers.setdefault(coder, {})[variable] = code
    for *row, variable, odds in suggestions[[*place, "variable", "probabilities"]].itertuples(index=False, name=None):
        if (judged := of(row)) is not None:
            judged.suggested[variable] = json.loads(odds) if isinstance(odds, str) else odds
    return Judgements(
        spans=sorted(spans.values(), key=lambda s: (s.outlet, s.article, s.start, -s.end, s.unit)),
        coders=sorted(set(annotations["coder"])),
        simulated=sorted(set(annotations[annotations["simulated"].astype(bool)]["coder"])),
        annotations=len(annotations),
        model=next(iter(suggestions["model"]), None),
        versions=sorted(set(annotations["codebook_version"])),
        elsewhere=len(elsewhere),
    )
