"""Write a round as files for a Label Studio run by others, and import its JSON export."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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
from corpus.errors import BadFile, BadRound
from corpus.result import Result, printed_as
from corpus.study import Study
from corpus.study.files import make_folder, write_whole

TASK_KEYS = ("sw_span", "sw_round", "sw_coder")  # the fields that identify a task


@dataclass(frozen=True)
class ExportedTasks(Result):
    """The folder with the files of rounds, and the number of tasks in each file of a coder."""

    folder: Path
    tasks: Mapping[str, int] = printed_as("rows")
    printed = ("format",)
    rows = "tasks"

    @property
    def format(self) -> str:
        """The format, as `slantwise export --format` names it."""
        return "labelstudio"


def export_label_studio(study: Study, folder: str | Path, *, round: str | None = None) -> ExportedTasks:
    """Write the files to import rounds by hand: each coder's tasks, the configuration, the instructions.

    All rounds are written, or only `round`. Only the tasks of assisted assignments have suggestions. Raises BadRound.
    """
    names = [round] if round else rounds.list_rounds(study).names
    if not names:
        raise BadRound("there is no round yet; draw one: slantwise round draw pilot --coders mira,jon --spans 50")
    task_counts: dict[str, int] = {}
    folder = Path(folder).expanduser()
    make_folder(folder)
    book, sides = study.codebook, study.settings.sides
    for name in names:
        drawn_round = rounds.get_round(study, name)
        rounds.check_codebook_version(study, drawn_round)
        for coder, file in file_names(name, rounds.coders(study, name), ".tasks.json").items():
            tasks = [
                task
                for chunk in queue.chunks(rounds.assignments(study, name, coder))
                for task in queue.make_tasks(study, drawn_round, chunk)
            ]
            write_whole(folder / file, json.dumps(tasks, ensure_ascii=False, indent=1))
            task_counts[file] = len(tasks)
        write_whole(folder / f"{name}.labels.xml", configuration(book, drawn_round.layout, sides=sides))
        write_whole(folder / f"{name}.instructions.html", instructions(book, sides))
    return ExportedTasks(folder, task_counts)


def is_workbook(file: Path) -> bool:
    """Return whether a file is a workbook, judged by its content."""
    return zipfile.is_zipfile(file)


def is_label_studio(file: Path) -> bool:
    """Return whether a file is a JSON export of Label Studio (one list) and not JSON lines."""
    try:
        with file.open("rb") as opened:
            start = opened.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    except OSError:
        return False
    return start.startswith(b"[") and b"{" in start[1:].lstrip()[:1]


def import_json_export(study: Study, file: Path) -> ImportSummary:
    """Import the answers of a full JSON export of Label Studio; importing it twice changes nothing.

    Each task names its round and coder. Raises BadFile if the file is not such an export.
    """
    by_queue: dict[tuple[str, str], list[Task]] = {}
    summary = ImportSummary()
    for number, task in enumerate(_load_tasks(file), 1):
        data = task.get("data")
        if "sw_span" in task or (data and not isinstance(task.get("annotations"), list)):
            raise BadFile(f"{file}: its tasks have no annotations; export the project as JSON, not as JSON-MIN")
        if isinstance(data, dict) and all(isinstance(data.get(key), str) for key in TASK_KEYS):
            by_queue.setdefault((data["sw_round"], data["sw_coder"]), []).append(dict(task))
        else:
            reason = "it does not name its round, coder and span, so it is not a task of slantwise; it was not imported"
            summary.refusals.append(Refusal(f"{file.name}, task {number}", reason))
    for (name, coder), tasks in by_queue.items():
        round = rounds.get_round(study, name)
        assigned = {one.span: one for one in rounds.assignments(study, name, coder)}
        by_span: dict[str, list[Task]] = {}
        for task in tasks:
            by_span.setdefault(task["data"]["sw_span"], []).append(task)
        reason = "the task does not belong to this round; it was not imported"
        summary.refusals += [Refusal(f"{name}, {coder}, {span}", reason) for span in by_span if span not in assigned]
        wanted = [one for span, one in assigned.items() if span in by_span]
        summary.add(store_answers(study, round, coder, _read_tasks(study, round, wanted, by_span)))
    return summary


def _read_tasks(
    study: Study, round: Round, assignments: Sequence[Assignment], by_span: Mapping[str, Sequence[Task]]
) -> Iterator[tuple[Assignment, TaskAnswers]]:
    for chunk in queue.chunks(assignments):
        passages = queue.show_passages(study, [one.span for one in chunk], round.layout)
        for assignment in chunk:
            annotations = [answer for copy in by_span[assignment.span] for answer in copy["annotations"]]
            if len({str(answer.get("completed_by")) for answer in annotations}) > 1:
                fault = "answered from several accounts; expected one coder per project"
                yield assignment, TaskAnswers(faults=[fault], trusted=False)
            else:
                merged = {**by_span[assignment.span][0], "annotations": annotations}
                yield assignment, read_task(merged, passages[assignment.span], assignment, study.codebook)


def _load_tasks(file: Path) -> list[Mapping[str, Any]]:
    try:
        tasks = json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadFile(f"{file} cannot be opened ({error.strerror}); check the name") from None
    except (ValueError, RecursionError) as error:
        raise BadFile(
            f"{file} is not a complete JSON export ({str(error)[:80]}); export the project again, as JSON"
        ) from None
    if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
        raise BadFile(f"{file} is not a list of tasks; expected a JSON export of Label Studio")
    return tasks
