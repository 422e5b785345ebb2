"""Build the tasks of each coder's queue from the store, in chunks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from annotate.rounds import frozen_suggestions, shown_suggestions
from corpus.annotation import Assignment, Layout, Round, Suggestion
from corpus.study import Study
from corpus.study.passages import spans_in_text

from .task import ShownPassage, Task, make_task, show_passage

NO_SUGGESTION = "{} assisted spans have no suggestion of the current model; first: slantwise suggest"
TASKS_PER_REQUEST = 500  # Label Studio 1.23.2 takes 2,700 tasks a second, so no request times out

_LONGEST_NAME = 200  # bytes of a file's name, without its ending: file systems take 255


def chunks(assignments: Sequence[Assignment], size: int = TASKS_PER_REQUEST) -> Iterator[list[Assignment]]:
    """Cut assignments into chunks.

    >>> [len(chunk) for chunk in chunks([Assignment("r", str(i), "mira", "blind", 1.0) for i in range(5)], 2)]
    [2, 2, 1]
    """
    rest = iter(assignments)
    while chunk := list(islice(rest, size)):
        yield chunk


def show_passages(
    study: Study, spans: Sequence[str], layout: Layout, *, unmasked: bool = False
) -> dict[str, ShownPassage]:
    """Return the passage shown for each span; `unmasked` adds outlet and date. Only these spans' texts are read."""
    passages = {}
    for id, located in spans_in_text(study, spans).items():
        published = ", ".join(part for part in (located.outlet, located.date) if part) if unmasked else ""
        passages[id] = show_passage(located.span, located.text, layout, headline=located.headline, published=published)
    return passages


def make_tasks(study: Study, round: Round, chunk: Sequence[Assignment], *, unmasked: bool = False) -> list[Task]:
    """Return the tasks of a chunk of assignments; assisted ones have the suggestions stored at drawing."""
    passages = show_passages(study, [one.span for one in chunk], round.layout, unmasked=unmasked)
    suggestions = assisted_suggestions(study, round, chunk)
    return [make_task(passages[one.span], one, study.codebook, suggestions.get(one.span)) for one in chunk]


def assisted_suggestions(study: Study, round: Round, chunk: Sequence[Assignment]) -> dict[str, dict[str, Suggestion]]:
    """Return the suggestions stored at drawing for the assisted assignments of a chunk, by span and variable."""
    assisted = [one.span for one in chunk if one.arm == "assisted"]
    return frozen_suggestions.round_suggestions(study, round.name, assisted) or shown_suggestions.suggestions(
        study, assisted
    )


def file_names(round: str, coders: Sequence[str], ending: str) -> dict[str, str]:
    """Return a distinct file name for each coder; characters that are unsafe in file names become _.

    >>> file_names("pilot", ["Ann Lee", "Ann/Lee"], ".xlsx")
    {'Ann Lee': 'pilot-Ann_Lee.xlsx', 'Ann/Lee': 'pilot-Ann_Lee-2.xlsx'}
    """
    names: dict[str, str] = {}
    for coder in coders:
        plain = f"{round}-" + re.sub(r"[^\w.-]+", "_", coder).encode()[:_LONGEST_NAME].decode(errors="ignore")
        taken, n = {name.casefold() for name in names.values()}, 1  # some systems do not tell Ann from ann
        name = plain + ending
        while name.casefold() in taken:
            n += 1
            name = f"{plain}-{n}{ending}"
        names[coder] = name
    return names
