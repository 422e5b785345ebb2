"""By hand: a round as files for a Label Studio that somebody else runs, and the JSON export that comes back."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from annotate.rounds import rounds
from annotate.tasks import queue
from annotate.tasks.interface import configuration, instructions
from annotate.tasks.queue import file_names
from annotate.tasks.store_answers import ImportSummary, store_answers
from annotate.tasks.task import Task, TaskAnswers, read_task
from corpus.annotation import Assignment, Round
from corpus.draft import Refusal
from corpus.errors import BadFile
from corpus.study import Study

TASK_KEYS = ("sw_span", "sw_round", "sw_coder")  # the fields by which a task is known again


def export(study: Study, folder: Path, names: Iterable[str], *, unmasked: bool = False) -> dict[str, int]:
    """Write rounds to import by hand into Label Studio: tasks for each coder, the configuration, the instructions.

    Return the number of tasks by file. Suggestions are in the tasks of assisted assignments only. Raises BadRound.
    """
    written: dict[str, int] = {}
    folder.mkdir(parents=True, exist_ok=True)
    book, sides = study.codebook, study.settings.sides
    for name in names:
        round = rounds.get_round(study, name)
        rounds.check_codebook_version(study, round)
        for coder, file in file_names(name, rounds.coders(study, name), ".tasks.json").items():
            tasks = [
                task
                for chunk in queue.chunks(rounds.assignments(study, name, coder))
                for task in queue.make_tasks(study, round, chunk, unmasked=unmasked)
            ]
            _write(folder / file, json.dumps(tasks, ensure_ascii=False, indent=1))
            written[file] = len(tasks)
        _write(folder / f"{name}.labels.xml", configuration(book, round.layout, sides=sides))
        _write(folder / f"{name}.instructions.html", instructions(book, sides))
    return written


def _write(file: Path, text: str) -> None:
    scratch = file.with_name(f".{file.name}.part")  # so that a file is whole or not there
    scratch.write_text(text, encoding="utf-8")
    scratch.replace(file)


def is_workbook(file: Path) -> bool:
    """Say whether a file is a workbook, by what stands in it."""
    try:
        return zipfile.is_zipfile(file)
    except OSError:
        return False


def is_label_studio(file: Path) -> bool:
    """Say whether a file is a JSON export of Label Studio and not JSON lines: it is one list."""
    try:
        with file.open("rb") as opened:
            start = opened.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    except OSError:
        return False
    return start.startswith(b"[") and b"{" in start[1:].lstrip()[:1]


def import_json_export(study: Study, file: Path) -> ImportSummary:
    """Take over the answers of a full JSON export of Label Studio; taking it twice changes nothing.

    A task says itself whose round and queue it belongs to. Raises BadFile where the file is no such export.
    """
    by_queue: dict[tuple[str, str], list[Task]] = {}
    done = ImportSummary()
    for number, task in enumerate(_load_tasks(file), 1):
        data = task.get("data")
        if "sw_span" in task or (data and not isinstance(task.get("annotations"), list)):
            raise BadFile(f"{file}: its tasks have no annotations; export the project as JSON, not as JSON-MIN")
        if isinstance(data, dict) and all(isinstance(data.get(key), str) for key in TASK_KEYS):
            by_queue.setdefault((data["sw_round"], data["sw_coder"]), []).append(dict(task))
        else:
            why = "it does not say its round, coder and span, so it is no task of slantwise; it was not taken"
            done.refusals.append(Refusal(f"{file.name}, task {number}", why))
    for (name, coder), tasks in by_queue.items():
        round = rounds.get_round(study, name)
        assigned = {one.span: one for one in rounds.assignments(study, name, coder)}
        here: dict[str, list[Task]] = {}
        for task in tasks:
            here.setdefault(task["data"]["sw_span"], []).append(task)
        why = "the task is none of this round's; it was not taken"
        done.refusals += [Refusal(f"{name}, {coder}, {span}", why) for span in here if span not in assigned]
        wanted = [one for span, one in assigned.items() if span in here]
        done.add(store_answers(study, round, coder, _read_tasks(study, round, wanted, here)))
    return done


def _read_tasks(
    study: Study, round: Round, wanted: Sequence[Assignment], here: Mapping[str, Sequence[Task]]
) -> Iterator[tuple[Assignment, TaskAnswers]]:
    for chunk in queue.chunks(wanted):
        shown = queue.show_passages(study, [one.span for one in chunk], round.layout)
        for one in chunk:
            answers = [answer for copy in here[one.span] for answer in copy["annotations"]]
            if len({str(answer.get("completed_by")) for answer in answers}) > 1:
                yield (
                    one,
                    TaskAnswers(
                        faults=["answered from several accounts; one project belongs to one coder"], trusted=False
                    ),
                )
            else:
                yield (
                    one,
                    read_task({**here[one.span][0], "annotations": answers}, shown[one.span], one, study.codebook),
                )


def _load_tasks(file: Path) -> list[Mapping[str, Any]]:
    try:
        found = json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadFile(f"{file} cannot be opened ({error.strerror}); check the name") from None
    except (ValueError, RecursionError) as error:
        raise BadFile(
            f"{file} is no whole JSON export ({str(error)[:80]}); export the project again, as JSON"
        ) from None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise BadFile(f"{file} is no list of tasks; expected a JSON export of Label Studio")
    return found
