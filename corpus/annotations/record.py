"""Check annotations against the codebook and the text, and store them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from sqlalchemy import Connection, func, select

from corpus.annotation import Annotation, stored_row
from corpus.article import normalise
from corpus.articles.spans import link_coded_spans, span_row
from corpus.codebook import Codebook
from corpus.draft import Refusal
from corpus.errors import SlantwiseError, SpanOutOfText
from corpus.result import Result, printed_as
from corpus.span import UNITS, Span
from corpus.study import Study
from corpus.study import database as db
from corpus.study.bookkeeping import lock, note_pending, tallied

BATCH = 1000  # rows whose spans are looked up at once


@dataclass(frozen=True)
class RecordResult(Result):
    """How many annotations were new, changed or stored already, and which were refused."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refusals: list[Refusal] = printed_as("refused", default_factory=list)

    @property
    def total(self) -> int:
        """The number of annotations that were accepted, new or known."""
        return self.new + self.changed + self.unchanged


@dataclass
class _Taken:
    """Annotations that were accepted, keyed by what identifies an answer, and those that were refused."""

    accepted: dict[tuple[str, str, str, str], Annotation] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)


def record(study: Study, annotations: Iterable[tuple[str, Annotation | str]]) -> RecordResult:
    """Store annotations; a coder's earlier answer to the same question in the same round is replaced.

    Each is given with its place in the file, for refusals; a str says why a row is not an annotation. Only the articles
    and spans that they name are read, so that the cost does not depend on the size of the study.
    """
    study.remember_codebook()
    with study.store.writing() as connection:
        lock(connection)
        spans = _SpanLookup(connection)
        taken = _take(study.codebook, spans, annotations)
        coded = list(dict.fromkeys(annotation.span for annotation in taken.accepted.values()))
        stored = _stored_answers(connection, coded)
        rows = [stored_row(annotation) for annotation in taken.accepted.values()]
        new = changed = 0
        for key, row in zip(taken.accepted, rows, strict=True):
            new += key not in stored
            changed += stored.get(key) not in (None, (row["code"], row["arm"], row["memo"]))
        if spans.marked:
            with tallied(connection, {span.revision for span in spans.marked}):
                db.put(connection, db.spans, [span_row(span, "coder") for span in spans.marked])
        db.put(connection, db.annotations, rows, replace=[c.name for c in db.annotations.c if not c.primary_key])
        link_coded_spans(connection, _articles(connection, coded))
        note_pending(
            connection, "score", {span.partition(":")[0] for span, *_ in taken.accepted.keys() - stored.keys()}
        )
    return RecordResult(new, changed, len(rows) - new - changed, taken.refusals)


def _take(book: Codebook, spans: _SpanLookup, annotations: Iterable[tuple[str, Annotation | str]]) -> _Taken:
    taken, remaining = _Taken(), iter(annotations)
    names = lru_cache(maxsize=1000)(normalise)  # a file has few coders, rounds and versions
    while batch := list(islice(remaining, BATCH)):
        spans.read(annotation.span for _, annotation in batch if not isinstance(annotation, str))
        for where, annotation in batch:
            if isinstance(annotation, str):
                taken.refusals.append(Refusal(where, annotation))
                continue
            try:
                one = _checked(book, annotation, names)
                spans.check(one.span)  # last: a refused answer must not leave a new span
            except SlantwiseError as error:
                taken.refusals.append(Refusal(where, str(error)))
            else:
                taken.accepted[one.span, one.variable, one.coder, one.round] = one
    return taken


def _checked(book: Codebook, one: Annotation, names: Callable[[str], str]) -> Annotation:
    """Return the annotation with its codes in the codebook's order and its words normalised; `names` does so for names.

    Raises UnknownCode or BadText.
    """
    variable = names(one.variable)
    return Annotation(
        span=one.span,
        variable=variable,
        codes=book.checked_codes(variable, one.codes),
        coder=names(one.coder),
        codebook_version=names(one.codebook_version),
        round=names(one.round),
        arm=one.arm,
        made_at=(normalise(one.made_at) or None) if one.made_at else None,
        memo=normalise(one.memo) if one.memo else "",
        seconds=one.seconds,
        simulated=one.simulated,
    )


def _stored_answers(
    connection: Connection, spans: Iterable[str]
) -> dict[tuple[str, str, str, str], tuple[str, str, str]]:
    t = db.annotations.c
    query = select(t.span, t.variable, t.coder, t.round, t.code, t.arm, t.memo)
    rows = (row for part in db.batches(spans) for row in connection.execute(query.where(t.span.in_(part))))
    return {(r.span, r.variable, r.coder, r.round): (r.code, r.arm, r.memo) for r in rows}


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
