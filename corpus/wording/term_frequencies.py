"""Count how often each outlet uses contested terms: per 1,000, in whose words, negated, and near which names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from corpus.attribution.attribution import ATTRIBUTIONS, UNKNOWN, attribute_span
from corpus.attribution.languages import load_lexicon, reads_language
from corpus.errors import NothingToLearn
from corpus.result import Result
from corpus.study import Study, dataframes
from corpus.text import terms
from corpus.text.language import assumed_language

if TYPE_CHECKING:
    import pandas as pd

DRAWS = 1000  # of the bootstrap over articles; fixes the ends of a 95 % interval to about a twentieth of its width
SEED = 1
NEAR = 400  # characters in which these words are searched: a sentence may be very long
MAX_WORDS_BETWEEN = 4  # between a term and its negation or name

_WORD = re.compile(r"\w+(?:[’'-]\w+)*")


@dataclass(frozen=True)
class Rate:
    """Occurrences per 1,000 with a 95 % interval; without occurrences its upper end is 3 in all (rule of three)."""

    value: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class TermUsage:
    """One outlet's use of one term; `attribution` counts whose words the occurrences are in, by rules.

    Occurrences in languages of which the rules do not know all ways to report are counted as "unknown".
    """

    term: str
    outlet: str
    articles: int
    sentences: int
    mentions: int
    hits: int
    per_1000_sentences: Rate | None
    per_1000_mentions: Rate | None
    negated: int
    attribution: dict[str, int]
    beside: tuple[tuple[str, int], ...]

    @property
    def own_words(self) -> float | None:
        """The share of the outlet's own words among the occurrences of which the rules know whose words they are."""
        known = self.hits - self.attribution.get(UNKNOWN, 0)
        return self.attribution["outlet"] / known if known else None


@dataclass(frozen=True)
class TermUsages(Result):
    """Each outlet's use of each term, without `cut_texts` texts; `weighted` says what the intervals resample."""

    weighted: str
    terms: tuple[TermUsage, ...]
    cut_texts: int = 0
    rows = "terms"

    def table(self) -> pd.DataFrame:
        """Return a row per term and outlet: `articles, hits`, the rates with their intervals, `negated, own_words`.

        `own_words` is the share of the occurrences in the outlet's own words, by rules; occurrences in languages that
        the rules do not read are left out.
        """
        import pandas as pd

        columns = ("term", "outlet", "articles", "hits", "negated")
        rows = []
        for usage in self.terms:
            row = {name: getattr(usage, name) for name in columns}
            for name in ("per_1000_sentences", "per_1000_mentions"):
                rate = getattr(usage, name)
                row |= {name: rate and rate.value, f"{name}_interval": rate and rate.interval}
            rows.append(row | {"own_words": usage.own_words})
        return pd.DataFrame(rows)


@dataclass
class _OutletCounts:
    """Counts by article: of sentences and headlines, of mentions, and of each term's occurrences."""

    sentences: list[int] = field(default_factory=list)
    mentions: list[int] = field(default_factory=list)
    hits: dict[str, list[int]] = field(default_factory=dict)
    negated: Counter[str] = field(default_factory=Counter)
    kinds: dict[str, Counter[str]] = field(default_factory=dict)
    beside: dict[str, Counter[str]] = field(default_factory=dict)


def term_usage(study: Study, patterns: str | Sequence[str] = (), *, draws: int = DRAWS) -> TermUsages:
    """Return each outlet's use of each term, by term and then by rate, the highest first.

    `patterns` are terms such as "liberat*"; by default those of the codebook that occur. Sentences include headlines;
    furniture, teasers and cut texts do not count. Every other article counts, including copies. The intervals are drawn
    `draws` times.
    Raises NothingToLearn if there is no article or no term.
    """
    wanted = (patterns,) if isinstance(patterns, str) else tuple(patterns)
    search = tuple(dict.fromkeys(term.strip() for term in wanted or study.codebook.mention_terms if term.strip("* ")))
    if not search:
        raise NothingToLearn('no term is given and the codebook has none; give one: slantwise terms "liberat*"')
    articles = study.articles()
    counted = _count_terms(study, search, articles[~articles["cut"]])
    if not counted:
        why = "the study has only cut texts" if len(articles) else "the study has no articles yet"
        raise NothingToLearn(f"{why}; add some with: slantwise add PATH")
    usages: list[TermUsage] = []
    for term in search:
        rows = [_outlet_usage(term, outlet, counts, draws) for outlet, counts in counted.items()]
        if wanted or any(row.hits for row in rows):
            usages += sorted(
                rows, key=lambda row: (-(row.per_1000_sentences.value if row.per_1000_sentences else 0), row.outlet)
            )
    return TermUsages("by article", tuple(usages), dataframes.count_cut(articles))


def _count_terms(study: Study, search: tuple[str, ...], articles: pd.DataFrame) -> dict[str, _OutletCounts]:
    spans = dataframes.counted(study.store, study.spans())
    spans = spans[spans["unit"].isin(["sentence", "headline", "mention"])]
    units: dict[str, list[tuple[int, int, str]]] = {}
    for article, start, end, unit in spans[["article", "start", "end", "unit"]].itertuples(index=False):
        units.setdefault(article, []).append((start, end, unit))
    outlets: dict[str, _OutletCounts] = {}
    columns = articles[["article", "outlet", "text", "language"]].astype(object)
    for article, outlet, text, declared in columns.itertuples(index=False):
        counts = outlets.setdefault(outlet, _OutletCounts(hits={term: [] for term in search}))
        article_units = units.get(article, [])
        sentences = [(start, end, unit) for start, end, unit in article_units if unit != "mention"]
        counts.sentences.append(len(sentences))
        counts.mentions.append(len(article_units) - len(sentences))
        # the rules of a language say nothing about a text in another script
        language = declared if isinstance(declared, str) else assumed_language(text, study.codebook.language) or ""
        for term in search:
            hits = 0
            for start, end, unit in sentences:
                for a, b in terms.find([term], text[start:end]):
                    hits += 1
                    _count_context(
                        counts, term, text, (start, end), (start + a, start + b), language, unit == "headline"
                    )
            counts.hits[term].append(hits)
    return outlets


def _count_context(
    counts: _OutletCounts,
    term: str,
    text: str,
    unit: tuple[int, int],
    place: tuple[int, int],
    language: str,
    headline: bool,
) -> None:
    if headline:  # a headline is analysed alone: it contains its source
        voice = attribute_span(text[slice(*unit)], place[0] - unit[0], place[1] - unit[0], language, headline=True)
    else:
        voice = attribute_span(text, *place, language)
    # where only some ways to report are known, shares of what is told would not be those of all occurrences
    counts.kinds.setdefault(term, Counter())[voice.kind if reads_language(language) else UNKNOWN] += 1
    counts.negated[term] += is_negated(text[unit[0] : place[0]], language)
    if name := nearest_name(text[slice(*unit)], place[0] - unit[0], place[1] - unit[0]):
        counts.beside.setdefault(term, Counter())[name] += 1


def is_negated(before: str, language: str = "en") -> bool:
    """Return whether a term is negated, by the part of its sentence `before` it: a negation at most four words away.

    >>> is_negated("Northland did not "), is_negated("They will not talk; later troops ")
    (True, False)
    """
    table = load_lexicon(language)
    clause = re.split(r"[,;:()]", before[-NEAR:])[-1].replace("n’t", " n't").replace("n't", " n't")
    nearest_words = " ".join(re.findall(r"\S+", clause)[-MAX_WORDS_BETWEEN:])
    return bool(table and table.negations.search(nearest_words))


def nearest_name(sentence: str, start: int, end: int) -> str | None:
    """Return the name nearest to a term: the next one after it, else the one before it, at most four words away.

    >>> nearest_name("Troops in the liberated town of Velo Bridge rested.", 14, 23)
    'Velo Bridge'
    """
    names = re.compile(r"[^\W\d_a-zа-яіїєґß-ÿ][\w’'-]*(?:\s+[^\W\d_a-zа-яіїєґß-ÿ][\w’'-]*)*")
    after = names.search(sentence, end, end + NEAR)
    if (
        after
        and len(_WORD.findall(sentence[end : after.start()])) <= MAX_WORDS_BETWEEN
        and not re.search(r"[.;:]", sentence[end : after.start()])
    ):
        return after[0]
    before = list(names.finditer(sentence, max(0, start - NEAR), start))
    if not before or len(_WORD.findall(sentence[before[-1].end() : start])) > MAX_WORDS_BETWEEN:
        return None
    name = before[-1][0]
    if before[-1].start() == 0:  # the sentence's first word is capitalised anyway
        name = name.partition(" ")[2]
    return name or None


def _outlet_usage(term: str, outlet: str, counts: _OutletCounts, draws: int) -> TermUsage:
    hits = np.array(counts.hits[term])
    kinds = counts.kinds.get(term, Counter())
    return TermUsage(
        term,
        outlet,
        articles=len(hits),
        sentences=sum(counts.sentences),
        mentions=sum(counts.mentions),
        hits=int(hits.sum()),
        per_1000_sentences=rate_per_1000(hits, np.array(counts.sentences), draws),
        per_1000_mentions=rate_per_1000(hits, np.array(counts.mentions), draws),
        negated=counts.negated[term],
        attribution={kind: kinds[kind] for kind in ATTRIBUTIONS}
        | ({UNKNOWN: kinds[UNKNOWN]} if kinds[UNKNOWN] else {}),
        beside=tuple(sorted(counts.beside.get(term, Counter()).items(), key=lambda item: (-item[1], item[0]))[:5]),
    )


def rate_per_1000(hits: NDArray[Any], among: NDArray[Any], draws: int = DRAWS) -> Rate | None:
    """Return hits per 1,000 units, both counted by article, with a bootstrap interval; None without units.

    >>> rate_per_1000(np.array([0, 1, 0, 1]), np.array([10, 10, 10, 10])).value
    50.0
    """
    total = int(among.sum())
    if not total:
        return None
    if not hits.sum():
        return Rate(0.0, (0.0, round(min(3000 / total, 1000.0), 2)))
    random = np.random.default_rng(SEED)
    rates = []
    for first in range(0, draws, 100):  # a hundred draws of 7,000 articles are 6 MB
        drawn = random.integers(0, len(hits), size=(min(100, draws - first), len(hits)))
        below = among[drawn].sum(axis=1)
        rates.append(1000 * hits[drawn].sum(axis=1)[below > 0] / below[below > 0])
    low, high = np.percentile(np.concatenate(rates), (2.5, 97.5))
    return Rate(round(1000 * float(hits.sum()) / total, 2), (round(float(low), 2), round(float(high), 2)))
