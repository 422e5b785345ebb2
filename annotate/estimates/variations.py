"""Other ways to read a study: the variations of an estimate that a reviewer asks for, and why some do not apply."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from annotate.estimators.draws import Mask
from annotate.estimators.regression import Ints
from corpus.codebook import Variable
from corpus.copies.near_duplicates import MIN_SIMILARITY
from corpus.copies.thresholds import copy_groups_at
from corpus.errors import NoEstimate
from corpus.study import Study
from corpus.study.counting import select_answers

from .answers.settled import has_adjudications, settle
from .columns import Columns
from .conditions import Conditions
from .groups import OWN, read_predictions, whose_text
from .places import in_headline, in_last_revision
from .sample import Sample, read_sample

THRESHOLDS = (0.6, 0.9)  # of the similarity of copies; the study's is between them
MERGED = "codes merged"
MOST_EVENTS = 20  # each left out; those with the most coded spans


@dataclass(frozen=True)
class Reading:
    """How an estimate reads a study: the columns, the spans that count, and the codes that must be given besides.

    The values of the column `alike` (article, copy_group or outlet) count the same, by default each span does. `merged`
    has for a code the codes that count as it; of other codes there is no figure then.
    """

    columns: Columns
    rows: Mask
    domain: Conditions = field(default_factory=dict)
    alike: str = ""
    merged: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Variation:
    """One variation: its kind, its name, and how it reads the study, or why it does not apply.

    `read` may raise NoEstimate with the reason.
    """

    kind: str
    name: str
    read: Callable[[], Reading] | None
    why_not: str = ""


@dataclass(frozen=True)
class Variations:
    """The variations of an estimate: of a variable, by these properties, as `main` reads the study."""

    study: Study
    variable: Variable
    by: tuple[str, ...]
    main: Reading

    def __iter__(self) -> Iterator[Variation]:
        yield from self._weights()
        yield from self._own_words()
        yield from self._merged()
        yield from self._without_codes()
        yield from self._places()
        yield from self._without_coders()
        yield from self._without_events()
        yield from self._without_outlets()
        yield from self._revisions()
        yield from self._copy_thresholds()
        yield from self._references()

    def _only(self, rows: Mask) -> Callable[[], Reading]:
        return self._with(rows=self.main.rows & rows)

    def _with(self, **changed: Any) -> Callable[[], Reading]:
        return partial(replace, self.main, **changed)

    def _column(self, name: str) -> list[str]:
        values: list[str] = self.main.columns.sample.spans[name].tolist()
        return values

    def _coded(self) -> Mask:
        answers = self.main.columns.sample.answers
        return np.array([span in answers for span in self._column("span")], dtype=bool)

    @property
    def _unit(self) -> str:
        return self.study.codebook.unit

    def _weights(self) -> Iterator[Variation]:
        kind, spans = "what counts the same", self.main.columns.sample.spans
        within = ["outlet", "copy_group"] if "outlet" in self.by else ["copy_group"]
        articles, groups = spans["article"].nunique(), len(spans[within].drop_duplicates())
        sizes = set(spans["article"].value_counts())
        why_not = {
            "article": f"each article has as many {self._unit}s ({min(sizes)})" if len(sizes) == 1 else "",
            "copy_group": "no group has an article and a copy of it" if groups == articles else "",
            "outlet": self._no_pooled_outlets(spans["outlet"].nunique()),
        }
        for column, why in why_not.items():
            name = f"each {column.replace('_', ' ')} the same"
            yield Variation(kind, name, None if why else self._with(alike=column), why)

    def _no_pooled_outlets(self, outlets: int) -> str:
        return "each group is of one outlet" if "outlet" in self.by else "" if outlets > 1 else "there is one outlet"

    def _own_words(self) -> Iterator[Variation]:
        kind, (name, own) = "whose words", OWN
        variable = self.study.codebook.by_name.get(name)
        copied = np.array([bool(whose) for whose in whose_text(self.study, self.main.columns.sample)], dtype=bool)
        why = ""
        if variable is None or own not in variable.code_names:
            why = "the codebook does not ask whose words they are"
        elif name in (self.variable.name, *self.by):
            why = "the result is about whose words they are; copied text is a group of its own"
        strict = self._with(domain={name: (own,)}, rows=self.main.rows & ~copied)
        yield Variation(kind, "own words (strict: no copied text)", None if why else strict, why)
        why = why or ("" if copied.any() else "no article is a copy with another originator, so as strict")
        yield Variation(
            kind, "own words (wide: copied text too)", None if why else self._with(domain={name: (own,)}), why
        )

    def _references(self) -> Iterator[Variation]:
        kind = "reference"
        if self.main.columns.sample.single is not None:
            yield Variation(kind, "an average coder's answers", self._by_coders)
        elif not has_adjudications(self.study):
            why = "nothing was adjudicated under this version of the codebook"
            yield Variation(kind, "adjudicated codes", None, why)
        else:
            yield Variation(kind, "adjudicated codes", self._by_decisions)

    def _by_coders(self) -> Reading:
        return self._of_sample(read_sample(self.study))

    def _by_decisions(self) -> Reading:
        sample = settle(self.study, self.main.columns.sample)
        if sample.unsettled:
            raise NoEstimate("; ".join(sample.unsettled))
        return self._of_sample(sample)

    def _of_sample(self, sample: Sample) -> Reading:
        if set(sample.spans["span"]) <= set(self._column("span")):
            columns = self.main.columns.of_sample(sample)
        else:  # what was coded without a draw and not settled is in no adjudicated sample
            predictions, fold, _ = read_predictions(self.study, sample)
            columns = Columns(self.study, sample, predictions, fold)
        return Reading(columns, np.ones(len(sample.spans), dtype=bool))

    def _merged(self) -> Iterator[Variation]:
        kind, merge = MERGED, self.study.codebook.robustness.merge.get(self.variable.name, {})
        if not merge:
            yield Variation(kind, "merged codes", None, f"the codebook merges no codes of {self.variable.name}")
        for name, codes in merge.items():
            merged = self._with(merged=dict.fromkeys(codes, codes))
            yield Variation(kind, f"{', '.join(codes)} as {name}", merged)

    def _without_codes(self) -> Iterator[Variation]:
        kind, without = "codes left out", self.study.codebook.robustness.without
        if not without:
            yield Variation(kind, "without codes", None, "the codebook names no codes to leave out")
        for name, left_out in without.items():
            codes = self.study.codebook.by_name[name].code_names
            for some in [*((code,) for code in left_out), *([left_out] if len(left_out) > 1 else [])]:
                domain = {name: tuple(code for code in codes if code not in some)}
                yield Variation(kind, f"without {', '.join(some)}", self._with(domain=domain))

    def _places(self) -> Iterator[Variation]:
        kind = "headline and body"
        headline = in_headline(self.study, self._column("span"))
        why = ""
        if self._unit in ("headline", "article"):
            why = f"the unit is the {self._unit}"
        elif not headline.any() or headline.all():
            why = f"{'every' if headline.any() else 'no'} {self._unit} is in a headline"
        yield Variation(kind, "headlines alone", None if why else self._only(headline), why)
        yield Variation(kind, "body alone", None if why else self._only(~headline), why)

    def _without_coders(self) -> Iterator[Variation]:
        kind, coders = "a coder left out", sorted(select_answers(self.study).per_coder)
        settled = self.main.columns.sample.single is not None
        if len(coders) < 2 or settled:
            why = "what was settled rests on all coders" if settled else "one coder has coded"
            yield Variation(kind, "each coder left out", None, why)
            return
        for coder in coders:
            yield Variation(kind, f"without {coder}", partial(self._without_coder, coder))

    def _without_coder(self, coder: str) -> Reading:
        sample, main = read_sample(self.study, without=coder), self.main.columns.sample
        open_ = {name: rate for name, rate in sample.unfinished.items() if name not in main.unfinished}
        if open_:
            name, rate = next(iter(open_.items()))
            raise NoEstimate(f"without {coder} only {rate:.0%} of the blind draws of {name} are answered")
        return self._of_sample(sample)

    def _without_events(self) -> Iterator[Variation]:
        kind = "an event left out"
        events = self.study.events()
        of_article = dict(zip(events["article"], events["event"], strict=True))
        found = np.array([of_article.get(article, "") for article in self._column("article")], dtype=object)
        texts = Counter(event for event, _ in set(zip(found, self._column("copy_group"), strict=True)))
        coded = Counter(found[self._coded()])
        listed = [event for event, _ in coded.most_common() if event and texts[event] > 1]
        if not listed:
            why = "no coded span belongs to an event of several texts (slantwise events list finds events)"
            yield Variation(kind, "each event left out", None, why)
        for event in listed[:MOST_EVENTS]:
            yield Variation(kind, f"without {event}", self._only(found != event))
        if more := listed[MOST_EVENTS:]:
            why = f"each has at most {coded[more[0]]} coded spans"
            yield Variation(kind, f"{len(more)} more events", None, why)

    def _without_outlets(self) -> Iterator[Variation]:
        kind, outlets = "an outlet left out", sorted(set(self._column("outlet")))
        if why := self._no_pooled_outlets(len(outlets)):
            yield Variation(kind, "each outlet left out", None, why)
            return
        of_span = np.array(self._column("outlet"), dtype=object)
        for outlet in outlets:
            yield Variation(kind, f"without {outlet}", self._only(of_span != outlet))

    def _revisions(self) -> Iterator[Variation]:
        kind, name = "revisions", "as far as the last revision has it"
        kept, changed = in_last_revision(self.study, self._column("span"))
        why = ""
        if not changed:
            why = "each article has one revision; the first is what is drawn and coded"
        elif kept.all():
            why = f"the last revisions have every coded passage of the first; {changed} articles have several"
        yield Variation(kind, name, None if why else self._only(kept), why)

    def _copy_thresholds(self) -> Iterator[Variation]:
        kind = "copies"
        for threshold in THRESHOLDS:
            name = f"copies from {threshold:.0%} in common (here {MIN_SIMILARITY:.0%})"
            yield Variation(kind, name, partial(self._with_copies_from, threshold))

    def _with_copies_from(self, threshold: float) -> Reading:
        columns, articles = self.main.columns, self._column("article")
        groups = copy_groups_at(self.study, threshold, set(articles))
        cluster: Ints = np.unique([groups[article] for article in articles], return_inverse=True)[1].astype(np.int64)
        if (
            len(set(zip(cluster, self._column("copy_group"), strict=True)))
            == len(set(cluster))
            == len(set(self._column("copy_group")))
        ):
            raise NoEstimate("the copy groups are the same")
        if saw := _predictions_that_saw_copies(cluster, columns.fold, self._coded()):
            where = "1 copy group would lie" if saw == 1 else f"{saw} copy groups would lie"
            raise NoEstimate(f"{where} in several folds, whose predictions have seen answers to copies")
        sample = replace(columns.sample, cluster=cluster)
        return replace(self.main, columns=columns.of_sample(sample))


def _predictions_that_saw_copies(cluster: Ints, fold: Ints, coded: Mask) -> int:
    """Return the number of clusters with a span that a fold predicted which learned from a coded span of the cluster.

    >>> _predictions_that_saw_copies(np.array([0, 0, 1]), np.array([1, 2, 1]), np.array([True, False, True]))
    1
    """
    folds: dict[int, set[int]] = {}
    for one, of in zip(cluster.tolist(), fold.tolist(), strict=True):
        folds.setdefault(one, set()).add(of)
    return len({one for one in cluster[coded].tolist() if len(folds[one]) > 1})
