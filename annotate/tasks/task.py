"""Build Label Studio tasks from assignments, and read answers from exported tasks; pure functions."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from corpus.annotation import Annotation, Assignment, Layout, Outcome, Suggestion, code_text
from corpus.attribution.attribution import RULES
from corpus.codebook import Codebook
from corpus.span import Span, passage

from .interface import MARK, MEMO, PASSAGE, SKIP

Task = dict[str, Any]
SUGGEST_FROM = 0.5  # minimum probability of a suggested code of a multiple-choice variable


@dataclass(frozen=True)
class ShownPassage:
    """The headline and passage that a coder reads for one draw; in the layout `unit` as HTML with the unit marked."""

    span: str
    layout: Layout
    headline: str
    content: str
    published: str = ""  # outlet and date; empty if they are masked
    pieces: tuple[str, str, str] = ("", "", "")  # the passage as text: before the unit, the unit, after it

    @property
    def field(self) -> str:
        """The task field that holds the passage."""
        return "sw_html" if self.layout == "unit" else "sw_text"

    @property
    def digest(self) -> str:
        """The SHA-256 of the span's id and the passage as shown."""
        return passage_digest(self.span, self.content)


@dataclass
class TaskAnswers:
    """The answers in an exported task or workbook row: outcome (None if unanswered), annotations, faults.

    A task that is not `trusted` differs from the one that was sent: it changes nothing in the store. `ignored` lists
    entries that were left out without affecting the rest; `where` is the place in the imported file. `times` is how
    often the coder gave the same answers.
    """

    outcome: Outcome | None = None
    given: list[Annotation] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    trusted: bool = True
    ignored: list[str] = field(default_factory=list)
    where: str = ""
    times: int = 1


def passage_digest(span: str, content: str) -> str:
    """Return the SHA-256 that ties a passage to its span."""
    return hashlib.sha256(f"{span}\n{content}".encode()).hexdigest()


def show_passage(
    span: Span, text: str, layout: Layout, *, headline: tuple[int, int] | None = None, published: str = ""
) -> ShownPassage:
    r"""Return the passage that is shown for a span of a revision's text; `headline` are the headline's offsets.

    Markup in the text has no effect: the layout `unit` escapes it, and `highlight` does not use HTML.

    >>> text = "Velo falls\n\nNorthland <b>took</b> Velo."
    >>> span = Span("0feaaab8ee6d-02b22a5b", 25, 29, "mention")
    >>> show_passage(span, text, "unit", headline=(0, 10)).content
    '<div dir="auto">Northland &lt;b&gt;<mark>took</mark>&lt;/b&gt; Velo.</div>'
    """
    title = "" if headline is None or span.start < headline[1] else text[slice(*headline)]
    if layout == "highlight":
        return ShownPassage(span.id, layout, title, text[span.start : span.end], published)
    context = passage(text, span.start, span.end)
    pieces = (context.text[: context.start], context.text[context.start : context.end], context.text[context.end :])
    content = '<div dir="auto">{}<mark>{}</mark>{}</div>'.format(*map(_escape_html, pieces))
    return ShownPassage(span.id, layout, title, content, published, pieces)


def _escape_html(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def make_task(
    passage: ShownPassage, assignment: Assignment, book: Codebook, suggestions: Mapping[str, Suggestion] | None = None
) -> Task:
    """Return the task of one assignment; it contains suggestions only if the assignment is assisted."""
    data = {
        "sw_span": passage.span, "sw_round": assignment.round, "sw_coder": assignment.coder,
        "sw_digest": passage.digest, "sw_codebook": f"{book.name} {book.version}", "sw_version": book.version,
        "sw_headline": passage.headline, "sw_place": passage.published, passage.field: passage.content,
    }  # fmt: skip
    task: Task = {"data": data}
    if assignment.arm == "assisted" and suggestions:
        task["predictions"] = [make_prediction(book, suggestions)]
    return task


def make_prediction(book: Codebook, suggestions: Mapping[str, Suggestion]) -> dict[str, Any]:
    """Return suggestions, by variable, as a Label Studio prediction, for the variables that are asked after them.

    Doubtful suggestions are left out, and so are those of variables that depend on them. A suggestion by rule is kept
    even without a model's suggestion for the variable it depends on: it appears once the coder's answer makes the
    question apply. The version is the model's, or RULES if all suggestions are by rule.
    """
    answers: dict[str, tuple[str, ...]] = {}
    results, scores = [], []
    for variable in book.variables:
        suggestion = suggestions.get(variable.name)
        if suggestion is None or suggestion.doubtful:
            continue
        by_rule_alone = suggestion.model == RULES and not set(variable.asked_when) & set(suggestions)
        if not by_rule_alone and not variable.is_asked(answers):
            continue
        codes = [suggestion.code]
        if variable.kind == "multiple":
            likely = suggestion.probabilities
            codes = [code for code in variable.code_names if likely.get(code, 0) >= SUGGEST_FROM] or codes
        answers[variable.name] = tuple(codes)
        scores.append(max(suggestion.probabilities.values()))
        results.append(
            {
                "id": f"sw-{variable.name}", "from_name": variable.name, "to_name": PASSAGE, "type": "choices",
                "value": {"choices": codes},
            }
        )  # fmt: skip
    models = [suggestion.model for suggestion in suggestions.values()]
    model = next((model for model in models if model != RULES), RULES)
    return {"model_version": model, "score": min(scores, default=0.0), "result": results}


def read_task(
    exported: Mapping[str, Any],
    passage: ShownPassage,
    assignment: Assignment,
    book: Codebook,
    accounts: Collection[int] | None = None,
) -> TaskAnswers:
    """Return a coder's answers in an exported task (raw JSON); `accounts` are the ids of the coder's accounts.

    Drafts are ignored. Of several equal answers the last counts; contradictory ones are not imported, since which one
    is meant cannot be known. Neither are a task that was changed on the server and answers from other accounts: all are
    listed in `faults`.
    """
    data = exported["data"]
    sent = passage_digest(passage.span, str(data.get(passage.field)))
    if data.get("sw_digest") != passage.digest or sent != passage.digest:
        fault = "the text on the server differs from the text that was sent; the answer was not imported"
        return TaskAnswers(faults=[fault], trusted=False)
    answered = TaskAnswers()
    answers = []
    for annotation in exported.get("annotations", []):
        account = _account(annotation)
        if accounts is not None and account not in accounts:
            answered.faults.append(f"answered by another account ({account}); the answer was not imported")
        else:
            answers.append(annotation)
    if not answers:
        return answered
    answers.sort(key=lambda answer: str(answer.get("updated_at") or ""))
    version = str(data.get("sw_version", book.version))
    read = [_read_answer(answer, passage, assignment, book, version) for answer in answers]
    if any(what_is_said(one) != what_is_said(read[0]) for one in read):
        said = "; ".join(_described(answer, one) for answer, one in zip(answers, read, strict=True))
        fault = (
            f"the coder has {len(read)} answers that contradict each other ({said}); none of them was imported: delete "
            "all but one and import again"
        )
        return TaskAnswers(faults=[*answered.faults, fault], trusted=False)
    last = read[-1]
    last.faults[:0] = answered.faults
    last.times = len(read)
    return last


def _read_answer(
    answer: Mapping[str, Any], passage: ShownPassage, assignment: Assignment, book: Codebook, version: str
) -> TaskAnswers:
    """Return what one answer to a task says."""
    answered = TaskAnswers()
    results: list[Mapping[str, Any]] = answer.get("result") or []
    memo = " ".join(word for r in results if r.get("from_name") == MEMO for word in r["value"].get("text", []))
    seconds, at = _number(answer.get("lead_time")), answer.get("updated_at")
    key = (assignment.round, assignment.span, assignment.coder)
    reasons = [choice for r in results if r.get("from_name") == SKIP for choice in r["value"].get("choices", [])]
    if answer.get("was_cancelled") or reasons:
        answered.outcome = Outcome(*key, "skipped", code_text(reasons), memo, seconds, at)
        return answered
    if passage.layout == "unit":
        codes = {passage.span: _read_answers(results, book, answered.faults)}
    else:
        codes = _read_marks(results, passage, book, answered.faults)
    answered.given = annotations_of(assignment, codes, memo, version, at, seconds)
    state = "answered" if answered.given or passage.layout == "highlight" else "empty"
    answered.outcome = Outcome(*key, state, "", memo, seconds, at)  # type: ignore[arg-type]
    return answered


def what_is_said(answered: TaskAnswers) -> tuple[object, ...]:
    """Return what two answers to a task must have in common to be the same: state, reason, codes and faults."""
    outcome = answered.outcome
    codes = sorted((one.span, one.variable, sorted(one.codes)) for one in answered.given)
    return (outcome and (outcome.state, outcome.reason), codes, answered.faults)


def words_of(answered: TaskAnswers) -> str:
    """Return in words what the answers to a task say.

    >>> words_of(TaskAnswers(given=[Annotation("s", "wording", ("plain",), "mira", "1")]))
    'wording plain'
    """
    if answered.outcome and answered.outcome.state != "answered":
        return " ".join(filter(None, (answered.outcome.state, answered.outcome.reason)))
    return ", ".join(f"{one.variable} {one.code}" for one in answered.given) or "nothing"


def _described(answer: Mapping[str, Any], read: TaskAnswers) -> str:
    id = f"annotation {answer['id']}" if "id" in answer else "annotation"
    account = _account(answer)
    return f"{id}{'' if account is None else f' by account {account}'} of {answer.get('updated_at')}: {words_of(read)}"


def annotations_of(
    assignment: Assignment,
    codes_by_span: Mapping[str, Mapping[str, tuple[str, ...]]],
    memo: str,
    version: str,
    at: str | None,
    seconds: float | None = None,
) -> list[Annotation]:
    """Return a coder's answers, codes by variable by span, as annotations.

    The memo belongs to the whole answer, so only the first annotation of a span has it.
    """
    return [
        Annotation(
            span, variable, codes, assignment.coder, version, assignment.round, assignment.arm, at,
            "" if number else memo, seconds,
        )
        for span, answers in codes_by_span.items()
        for number, (variable, codes) in enumerate(answers.items())
    ]  # fmt: skip


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _account(annotation: Mapping[str, Any]) -> int | None:
    account = annotation.get("completed_by")
    return account.get("id") if isinstance(account, Mapping) else account


def _read_answers(
    results: Sequence[Mapping[str, Any]], book: Codebook, faults: list[str]
) -> dict[str, tuple[str, ...]]:
    """Return variable → codes in the codebook's order, without variables that do not apply after these answers."""
    chosen = {str(r["from_name"]): tuple(r["value"].get("choices", [])) for r in results if r.get("type") == "choices"}
    faults += [f"{name!r} is not a variable of this codebook" for name in chosen if name not in book.by_name]
    answers: dict[str, tuple[str, ...]] = {}
    for variable in book.variables:
        if not variable.is_asked(answers):
            continue
        if chosen.get(variable.name):
            answers[variable.name] = chosen[variable.name]
        elif chosen:
            faults.append(f"{variable.name} has no answer; the others were imported")
    return answers


def _read_marks(
    results: Sequence[Mapping[str, Any]], passage: ShownPassage, book: Codebook, faults: list[str]
) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the answers for each span that a coder marked; a mark whose words and offsets differ is a fault."""
    drawn = Span.from_id(passage.span)
    regions: dict[str, list[Mapping[str, Any]]] = {}
    for result in results:
        if result.get("from_name") == MARK or result.get("from_name") in book.by_name:
            regions.setdefault(str(result.get("id")), []).append(result)
    codes_by_span: dict[str, dict[str, tuple[str, ...]]] = {}
    for region in regions.values():
        value = region[0]["value"]
        start, end, words = value.get("start"), value.get("end"), value.get("text")
        if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(passage.content):
            faults.append(f"a mark from {start} to {end} is outside its passage; the coder must mark it again")
            continue
        marked = passage.content[start:end]
        if words is not None and marked != words:
            faults.append(
                f"a mark has the words {words!r}, but its offsets {start}-{end} contain {marked!r}; "
                "it was not imported, the coder must mark it again"
            )
            continue
        span = Span(drawn.revision, drawn.start + start, drawn.start + end, book.unit)
        answers = _read_answers([r for r in region if r.get("from_name") != MARK], book, faults)
        if not answers:
            faults.append(f"{marked!r} is marked but not coded")
        codes_by_span.setdefault(span.id, {}).update(answers)
    return codes_by_span
