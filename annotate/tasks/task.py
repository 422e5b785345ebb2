"""Tasks: what is shown to a coder as a Label Studio task, and an exported task back as answers; pure, both ways."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from corpus.annotation import Assignment, Layout, Outcome, Suggestion
from corpus.attribution.attribution import RULES
from corpus.codebook import Codebook
from corpus.span import Span, passage

from .interface import MARK, MEMO, PASSAGE, SKIP

Task = dict[str, Any]
SUGGEST_FROM = 0.5  # from here on a code of a multiple-choice variable is suggested


@dataclass(frozen=True)
class ShownPassage:
    """What a coder reads for one draw: the headline, and the passage as text (`highlight`) or with its unit marked."""

    span: str
    layout: Layout
    headline: str
    content: str
    published: str = ""  # outlet and date; empty, as it should be, where they are masked
    pieces: tuple[str, str, str] = ("", "", "")  # the passage as text: before the unit, the unit, after it

    @property
    def field(self) -> str:
        """The task's field that holds the passage."""
        return "sw_html" if self.layout == "unit" else "sw_text"

    @property
    def digest(self) -> str:
        """The sha256 of the span's id and the passage as it is shown."""
        return passage_digest(self.span, self.content)


@dataclass
class TaskAnswers:
    """What an exported task says: its outcome (None where nobody answered), rows for `record`, faults.

    A task that is not `trusted` is not the one that was sent: it says nothing, not even that nobody answered. `ignored`
    is what was not taken without any doubt about the rest, `where` the place in a file that all this stands at.
    """

    outcome: Outcome | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    trusted: bool = True
    ignored: list[str] = field(default_factory=list)
    where: str = ""


def passage_digest(span: str, content: str) -> str:
    """Return the sha256 that ties a passage to its span."""
    return hashlib.sha256(f"{span}\n{content}".encode()).hexdigest()


def show_passage(
    span: Span, text: str, layout: Layout, *, headline: tuple[int, int] | None = None, published: str = ""
) -> ShownPassage:
    r"""Return what is shown of a revision's text for a span; `headline` are the headline's offsets.

    Markup in the text is inert, in the layout `unit` by escaping, in `highlight` since a Text is no HTML.

    >>> text = "Velo falls\n\nNorthland <b>took</b> Velo."
    >>> span = Span("0feaaab8ee6d-02b22a5b", 25, 29, "mention")
    >>> show_passage(span, text, "unit", headline=(0, 10)).content
    '<div dir="auto">Northland &lt;b&gt;<mark>took</mark>&lt;/b&gt; Velo.</div>'
    """
    title = "" if headline is None or span.start < headline[1] else text[slice(*headline)]
    if layout == "highlight":
        return ShownPassage(span.id, layout, title, text[span.start : span.end], published)
    read = passage(text, span.start, span.end)
    pieces = (read.text[: read.start], read.text[read.start : read.end], read.text[read.end :])
    content = '<div dir="auto">{}<mark>{}</mark>{}</div>'.format(*map(_escape_html, pieces))
    return ShownPassage(span.id, layout, title, content, published, pieces)


def _escape_html(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def make_task(
    seen: ShownPassage, assignment: Assignment, book: Codebook, suggestions: Mapping[str, Suggestion] | None = None
) -> Task:
    """Return the task of one assignment; suggestions are put in only where the assignment is assisted."""
    data = {
        "sw_span": seen.span, "sw_round": assignment.round, "sw_coder": assignment.coder, "sw_digest": seen.digest,
        "sw_codebook": f"{book.name} {book.version}", "sw_version": book.version,
        "sw_headline": seen.headline, "sw_place": seen.published, seen.field: seen.content,
    }  # fmt: skip
    made: Task = {"data": data}
    if assignment.arm == "assisted" and suggestions:
        made["predictions"] = [make_prediction(book, suggestions)]
    return made


def make_prediction(book: Codebook, suggestions: Mapping[str, Suggestion]) -> dict[str, Any]:
    """Return suggestions, by variable, as Label Studio's prediction: for the variables that they let be asked.

    What is doubtful is not shown, nor what waits for it. What the rules say stands also where no model says what it
    waits for: it shows once the coder's answer asks for it. The version is the model's, or the rules' where no model
    has a part in it.
    """
    answers: dict[str, str] = {}
    results, scores = [], []
    for variable in book.variables:
        found = suggestions.get(variable.name)
        if found is None or found.doubtful:
            continue
        by_rule_alone = found.model == RULES and not set(variable.asked_when) & set(suggestions)
        if not by_rule_alone and not variable.is_asked(answers):
            continue
        codes = [found.code]
        if variable.kind == "multiple":
            codes = [code for code in variable.code_names if found.probabilities.get(code, 0) >= SUGGEST_FROM] or codes
        answers[variable.name] = "|".join(codes)
        scores.append(max(found.probabilities.values()))
        results.append(
            {
                "id": f"sw-{variable.name}", "from_name": variable.name, "to_name": PASSAGE, "type": "choices",
                "value": {"choices": codes},
            }
        )  # fmt: skip
    models = [one.model for one in suggestions.values()]
    model = next((one for one in models if one != RULES), RULES)
    return {"model_version": model, "score": min(scores, default=0.0), "result": results}


def read_task(
    exported: Mapping[str, Any],
    expected: ShownPassage,
    assignment: Assignment,
    book: Codebook,
    accounts: Collection[int] | None = None,
) -> TaskAnswers:
    """Return what a coder answered in an exported task, as raw JSON; `accounts` are the ids of the coder's accounts.

    Drafts are no answers. Of several answers the last counts. What is not as it was sent, or was answered by somebody
    else, is not taken and stands in `faults`.
    """
    data = exported["data"]
    if (
        data.get("sw_digest") != expected.digest
        or passage_digest(expected.span, str(data.get(expected.field))) != expected.digest
    ):
        return TaskAnswers(
            faults=["the text on the server is not the text that was sent; its answer was not taken"], trusted=False
        )
    done = TaskAnswers()
    answers = []
    for annotation in exported.get("annotations", []):
        if accounts is not None and _account(annotation) not in accounts:
            done.faults.append(f"answered by another account ({_account(annotation)}), which is not taken")
        else:
            answers.append(annotation)
    if not answers:
        return done
    last = max(answers, key=lambda answer: str(answer.get("updated_at") or ""))
    results: list[Mapping[str, Any]] = last.get("result") or []
    memo = " ".join(word for r in results if r.get("from_name") == MEMO for word in r["value"].get("text", []))
    seconds, at = last.get("lead_time"), last.get("updated_at")
    who = (assignment.round, assignment.span, assignment.coder)
    reasons = [choice for r in results if r.get("from_name") == SKIP for choice in r["value"].get("choices", [])]
    if last.get("was_cancelled") or reasons:
        done.outcome = Outcome(*who, "skipped", "|".join(reasons), memo, seconds, at)
        return done
    version = str(data.get("sw_version", book.version))
    if expected.layout == "unit":
        coded = {expected.span: _read_answers(results, book, done.faults)}
    else:
        coded = _read_marks(results, expected, book, done.faults)
    done.rows = annotation_rows(assignment, coded, memo, version, at, seconds)
    state = "answered" if done.rows or expected.layout == "highlight" else "empty"
    done.outcome = Outcome(*who, state, "", memo, seconds, at)  # type: ignore[arg-type]
    return done


def annotation_rows(
    assignment: Assignment,
    coded: Mapping[str, Mapping[str, str]],
    memo: str,
    version: str,
    at: str | None,
    seconds: float | None = None,
) -> list[dict[str, Any]]:
    """Return a coder's answers, codes by variable by span, as rows for `record`.

    The memo speaks of the whole answer and stands once.
    """
    origin = {
        "coder": assignment.coder, "round": assignment.round, "arm": assignment.arm, "codebook_version": version,
        "made_at": at, "seconds": seconds,
    }  # fmt: skip
    return [
        {"span": span, "variable": name, "code": code, "memo": "" if i else memo, **origin}
        for span, codes in coded.items()
        for i, (name, code) in enumerate(codes.items())
    ]


def _account(annotation: Mapping[str, Any]) -> int | None:
    who = annotation.get("completed_by")
    return who.get("id") if isinstance(who, Mapping) else who


def _read_answers(results: Sequence[Mapping[str, Any]], book: Codebook, faults: list[str]) -> dict[str, str]:
    """Return variable → code in the codebook's order, without what is not asked after these answers."""
    given = {
        str(r["from_name"]): "|".join(r["value"].get("choices", [])) for r in results if r.get("type") == "choices"
    }
    faults += [f"{name!r} is no variable of this codebook" for name in given if name not in book.by_name]
    answers: dict[str, str] = {}
    for variable in book.variables:
        if not variable.is_asked(answers):
            continue
        if given.get(variable.name):
            answers[variable.name] = given[variable.name]
        elif given:
            faults.append(f"{variable.name} has no answer; the others were taken")
    return answers


def _read_marks(
    results: Sequence[Mapping[str, Any]], expected: ShownPassage, book: Codebook, faults: list[str]
) -> dict[str, dict[str, str]]:
    """Return the answers by span of what a coder marked; a mark whose words and offsets differ is a fault."""
    passage_of = Span.from_id(expected.span)
    regions: dict[str, list[Mapping[str, Any]]] = {}
    for result in results:
        if result.get("from_name") == MARK or result.get("from_name") in book.by_name:
            regions.setdefault(str(result.get("id")), []).append(result)
    found: dict[str, dict[str, str]] = {}
    for region in regions.values():
        value = region[0]["value"]
        start, end, words = value.get("start"), value.get("end"), value.get("text")
        if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(expected.content):
            faults.append(f"a mark from {start} to {end} does not lie in its passage; the coder must mark it again")
            continue
        if words is not None and expected.content[start:end] != words:
            faults.append(
                f"a mark says {words!r} and its offsets {start}-{end} say {expected.content[start:end]!r}; "
                "it was not taken, the coder must mark it again"
            )
            continue
        span = Span(passage_of.revision, passage_of.start + start, passage_of.start + end, book.unit)
        answers = _read_answers([r for r in region if r.get("from_name") != MARK], book, faults)
        if not answers:
            faults.append(f"{expected.content[start:end]!r} is marked and not coded")
        found.setdefault(span.id, {}).update(answers)
    return found
