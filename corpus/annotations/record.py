"""Check annotations against the codebook and the text, and store them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any, ClassVar

from sqlalchemy import Connection, func, select

from corpus.annotation import Annotation, stored_row
from corpus.article import normalise
from corpus.articles.spans import link_coded_spans, span_row
from corpus.codebook import Codebook
from corpus.draft import Refusal
from corpus.errors import SlantwiseError, SpanOutOfText
from corpus.result import Result, balance, printed_as
from corpus.span import UNITS, Span
from corpus.study import Study
from corpus.study import database as db
from corpus.study.bookkeeping import note_pending, tallied
from corpus.study.history.handing_in import CORRECTED, LATE, handed_in, keep_changes, late_codes
from corpus.study.history.removals import days_of_removal
from corpus.study.row_digests import values_of

from .coder_names import clean_coder, clean_name, look_alike_warnings
from .contradictions import Given, contradictions, one_answer

BATCH = 1000  # rows whose spans are looked up at once
Key = tuple[str, str, str, str]  # what identifies an answer: span, variable, coder and round


@dataclass(frozen=True)
class RecordResult(Result):
    """How many annotations were new, changed or stored already, and what is not among them.

    An answer that is given twice in the same words is unchanged the second time. `passed_over` are rows without any
    answer, so that `read` is the sum of new, changed, unchanged, passed over and refused; `warnings` concern answers
    that were stored all the same. `late` of the changed ones were changed after the coder had handed the round in: they
    are kept, and the first answers count. `closed` assignments were open before their answers were imported.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    late: int = 0
    closed: int = 0
    refusals: list[Refusal] = printed_as("refused", default_factory=list)
    passed_over: list[Refusal] = field(default_factory=list)
    warnings: list[Refusal] = field(default_factory=list)
    printed: ClassVar[tuple[str, ...]] = ("read",)

    @property
    def total(self) -> int:
        """The number of annotations that were accepted, new or known."""
        return self.new + self.changed + self.unchanged

    @property
    def read(self) -> int:
        """The number of annotations that were read, and of rows without one."""
        return self.total + len(self.passed_over) + len(self.refusals)

    @property
    def balance(self) -> str:
        """What became of everything that was read, in a line that adds up."""
        outcomes = self.new, self.changed, self.unchanged
        return balance(self.read, *outcomes, len(self.passed_over), len(self.refusals))


class NoAnswer(str):
    """Why a row has no answer, where nothing is wrong with it."""

    __slots__ = ()


class Doubt(str):
    """A doubt about a file or about rows whose answers are stored all the same."""

    __slots__ = ()


@dataclass
class _Taken:
    """Annotations that were accepted, keyed by what identifies an answer, and those that were refused."""

    accepted: dict[Key, Annotation] = field(default_factory=dict)
    repeated: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    passed_over: list[Refusal] = field(default_factory=list)
    doubts: list[Refusal] = field(default_factory=list)


def record(study: Study, annotations: Iterable[tuple[str, Annotation | str]]) -> RecordResult:
    """Store annotations; a coder's earlier answer to the same question in the same round is replaced.

    Once the coder has handed the round in, the earlier answer stays, and the new one is kept among the changes of
    answers; so is each answer that is replaced. Each is given with its place in the file, for refusals; a str says why
    a row is not an annotation. Answers of one coder to one question that contradict each other are all refused, and an
    earlier answer stays. Only the articles and spans that they name are read, so that the cost does not depend on the
    size of the study.
    """
    study.remember_codebook()
    annotations = list(annotations)  # before others have to wait: they may come from a server, one after the other
    with study.store.writing() as connection:
        spans = _SpanLookup(connection)
        taken = _take(study.codebook, spans, annotations)
        answered = dict.fromkeys(annotation.span for annotation in taken.accepted.values())
        coded = list(answered)
        stored = _stored_answers(connection, coded)
        given = {key: stored_row(annotation) for key, annotation in taken.accepted.items()}
        sorted_rows = _sort_by_handing_in(connection, stored, given)
        rows, new = sorted_rows.counting, len(given.keys() - stored.keys())
        changed, late = len(sorted_rows.corrected) + len(sorted_rows.late), len(sorted_rows.late)
        keep_changes(connection, CORRECTED, sorted_rows.corrected)
        keep_changes(connection, LATE, sorted_rows.late)
        if marked := [span for span in spans.marked if span.id in answered]:
            with tallied(connection, {span.revision for span in marked}):
                db.put(connection, db.spans, [span_row(span, "coder") for span in marked])
        db.put(connection, db.annotations, rows, replace=[c.name for c in db.annotations.c if not c.primary_key])
        link_coded_spans(connection, _articles(connection, coded))
        note_pending(
            connection, "score", {span.partition(":")[0] for span, *_ in taken.accepted.keys() - stored.keys()}
        )
        warnings = look_alike_warnings(connection, taken.accepted.values())
    unchanged = len(given) - new - changed + taken.repeated
    return RecordResult(
        new, changed, unchanged, late,
        refusals=taken.refusals, passed_over=taken.passed_over, warnings=taken.doubts + warnings,
    )  # fmt: skip


@dataclass
class _Sorted:
    """Rows that count from now on, those that they replace, and those that came after the round was handed in."""

    counting: list[dict[str, Any]] = field(default_factory=list)
    corrected: list[dict[str, Any]] = field(default_factory=list)
    late: list[dict[str, Any]] = field(default_factory=list)


def _sort_by_handing_in(
    connection: Connection, stored: Mapping[Key, dict[str, Any]], given: Mapping[Key, dict[str, Any]]
) -> _Sorted:
    """Sort the given rows into those that count, those that they replace, and late ones."""
    done = _Sorted([row for key, row in given.items() if key not in stored])
    again = {key: row for key, row in given.items() if key in stored}
    if not again:
        return done
    parts = _parts(connection, again)
    closed, later = handed_in(connection, parts.values()), late_codes(connection, {key[0] for key in again})
    for key, row in again.items():
        before, latest = stored[key], later.get(key, _facts(stored[key]))
        if parts.get(key) not in closed:
            done.counting.append(row)
            if _facts(row) != _facts(before):
                done.corrected.append(before)
        elif _facts(row)[:2] != latest[:2]:
            done.late.append(row)
        elif key not in later and row["memo"] != before["memo"]:
            done.counting.append({**before, "memo": row["memo"]})  # the answer itself is the first
    return done


def _parts(connection: Connection, keys: Iterable[Key]) -> dict[Key, tuple[str, str]]:
    """Return the round and coder whose part each answer belongs to; one without a round, that of its blind assignment.

    An answer without a round that could belong to several belongs to none.
    """
    found = {key: (key[3], key[2]) for key in keys if key[3]}
    without = [key for key in keys if not key[3]]
    a = db.assignments.c
    assigned: dict[tuple[str, str], list[str]] = {}
    for batch in db.batches({key[0] for key in without}):
        for row in connection.execute(select(a.span, a.coder, a.round).where(a.span.in_(batch), a.arm == "blind")):
            assigned.setdefault((row.span, row.coder), []).append(row.round)
    for key in without:
        if len(rounds := assigned.get((key[0], key[2]), [])) == 1:
            found[key] = (rounds[0], key[2])
    return found


def _facts(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row["code"], row["arm"], row["memo"]


def _take(book: Codebook, spans: _SpanLookup, annotations: Iterable[tuple[str, Annotation | str]]) -> _Taken:
    taken, remaining = _Taken(), enumerate(annotations)
    names = lru_cache(maxsize=1000)(clean_name)  # a file has few coders, rounds and versions
    coders = lru_cache(maxsize=1000)(clean_coder)
    refused: list[tuple[int, Refusal]] = []
    first: dict[Key, tuple[int, str]] = {}
    again: dict[Key, list[Given]] = {}
    while batch := list(islice(remaining, BATCH)):
        spans.read(annotation.span for _, (_, annotation) in batch if not isinstance(annotation, str))
        for number, (where, annotation) in batch:
            if isinstance(annotation, NoAnswer):
                taken.passed_over.append(Refusal(where, str(annotation)))
                continue
            if isinstance(annotation, Doubt):
                taken.doubts.append(Refusal(where, str(annotation)))
                continue
            if isinstance(annotation, str):
                refused.append((number, Refusal(where, annotation)))
                continue
            try:
                one = _checked(book, annotation, names, coders)
                spans.check(one.span)  # last: a refused answer must not leave a new span
            except SlantwiseError as error:
                refused.append((number, Refusal(where, str(error))))
                continue
            key = (one.span, one.variable, one.coder, one.round)
            if key in taken.accepted:
                again.setdefault(key, []).append(Given(number, where, one))
            else:
                taken.accepted[key], first[key] = one, (number, where)
    for key, others in again.items():
        given = [Given(*first[key], taken.accepted[key]), *others]
        if one_for_all := one_answer(given):
            taken.accepted[key] = one_for_all
            taken.repeated += len(others)
        else:
            del taken.accepted[key]
            refused += contradictions(given)
    taken.refusals += [refusal for _, refusal in sorted(refused, key=lambda numbered: numbered[0])]
    return taken


def _checked(book: Codebook, one: Annotation, names: Callable[[str], str], coders: Callable[[str], str]) -> Annotation:
    """Return the annotation with its codes in the codebook's order and its words normalised; `names`
    and `coders` do so for names.

    Raises UnknownCode or BadText.
    """
    variable = names(one.variable)
    return Annotation(
        span=one.span,
        variable=variable,
        codes=book.checked_codes(variable, one.codes),
        coder=coders(one.coder),
        codebook_version=names(one.codebook_version),
        round=names(one.round),
        arm=one.arm,
        made_at=(normalise(one.made_at) or None) if one.made_at else None,
        memo=normalise(one.memo) if one.memo else "",
        seconds=one.seconds,
        simulated=one.simulated,
    )


def _stored_answers(connection: Connection, spans: Iterable[str]) -> dict[Key, dict[str, Any]]:
    t = db.annotations.c
    query = select(*values_of(db.annotations))
    rows = (row for part in db.batches(spans) for row in connection.execute(query.where(t.span.in_(part))).mappings())
    return {(r["span"], r["variable"], r["coder"], r["round"]): dict(r) for r in rows}


def _articles(connection: Connection, spans: Iterable[str]) -> set[str]:
    """Return the articles of these spans."""
    r = db.revisions.c
    revisions = {span.partition(":")[0] for span in spans}
    return {
        article
        for part in db.batches(revisions)
        for article in connection.execute(select(r.article).where(r.id.in_(part))).scalars()
    }


class _SpanLookup:
    """Look spans up by their ids; new ones are noted as marked by a coder."""

    def __init__(self, connection: Connection) -> None:
        self.marked: list[Span] = []
        self._connection = connection
        self._known: set[str] = set()
        self._length: dict[str, int] = {}  # of revisions

    def read(self, ids: Iterable[str]) -> None:
        """Read the stored rows of these spans."""
        s, r = db.spans.c, db.revisions.c
        spans: dict[str, Span] = {}
        for id in dict.fromkeys(ids):
            if id not in self._known:
                try:
                    spans[id] = _coded_span(id)
                except SpanOutOfText:
                    continue  # `check` says why
        for part in db.batches(spans):
            self._known |= set(self._connection.execute(select(s.id).where(s.id.in_(part))).scalars())
        revisions = {span.revision for id, span in spans.items() if id not in self._known} - self._length.keys()
        for part in db.batches(revisions):
            lengths = select(r.id, func.length(r.text)).where(r.id.in_(part))
            self._length |= dict(self._connection.execute(lengths).tuples().all())

    def check(self, id: str) -> None:
        """Raise SpanOutOfText unless the span, read before, is in one of the study's texts and may be coded."""
        if id in self._known:
            return
        span = _coded_span(id)
        length = self._length.get(span.revision)
        if length is None:
            if day := days_of_removal(self._connection, [article := span.revision.partition("-")[0]]).get(article):
                raise SpanOutOfText(f"its article was removed from the study on {day}; the answer is not stored")
            raise SpanOutOfText(f"the study has no revision {span.revision}; was the span exported from this study?")
        if not 0 <= span.start < span.end <= length:
            raise SpanOutOfText(f"{span.start}-{span.end} is outside the text, which has {length} characters")
        self._known.add(id)
        self.marked.append(span)


def _coded_span(id: str) -> Span:
    span = Span.from_id(id)
    if span.unit not in UNITS:
        raise SpanOutOfText(f"{span.unit!r} is not a unit that can be coded; expected one of {', '.join(UNITS)}")
    return span
