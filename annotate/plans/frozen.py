"""Freeze a plan: store it with its digest, which the study's log has too, and write it for a registry."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import select

from annotate.rounds import rounds
from corpus.errors import BadPlan
from corpus.installed import installed_version
from corpus.result import Result
from corpus.study import Study
from corpus.study import database as db
from corpus.study.counting import select_answers
from corpus.study.files import write_whole
from corpus.study.history.log import note

from .plan_file import Planned, read_plan

COMMAND = "plan freeze"  # in the study's log


@dataclass(frozen=True)
class FrozenPlan(Result):
    """A plan as it was frozen: `number` 1 is the plan, later ones are amendments of it.

    `answers` is the number of answers that counted then, `rounds` are the main rounds that had been drawn. `digest` is
    the SHA-256 of the file plan-NUMBER.json. `intact` is whether the stored plan still has the digest in the log.
    """

    number: int
    at: str
    digest: str
    intact: bool
    when: str
    study: str
    version: str
    codebook: str
    codebook_version: str
    codebook_digest: str
    answers: int
    rounds: tuple[str, ...]
    planned: dict[str, Any]

    @property
    def plan(self) -> Planned:
        """What was planned."""
        return Planned.model_validate(self.planned)


@dataclass(frozen=True)
class Plans(Result):
    """The frozen plans of a study, the oldest first."""

    plans: tuple[FrozenPlan, ...]
    rows = "plans"


def freeze_plan(study: Study, file: str | Path) -> FrozenPlan:
    """Freeze a plan: check it, store it, and write plan-1.json and plan-1.md next to its file, for a registry.

    A second plan is an amendment, numbered 2; the first one stays. The same plan again only writes its files. A plan
    may be frozen after the main draw or after answers, and then says so. Raises BadPlan if it is incomplete or does not
    fit the study, or if other files are in the way.
    """
    planned = read_plan(study, file)
    study.remember_codebook()
    with study.store.writing() as connection:
        earlier = list_plans(study).plans
        number = len(earlier) + 1
        text = _content(study, planned, number)
        if earlier and _same(earlier[-1], json.loads(text)):
            number -= 1
            text = db.get_meta(connection, f"{db.PLAN}{number}") or text
        as_json, as_page = (Path(file).parent / f"plan-{number}.{kind}" for kind in ("json", "md"))
        if as_json.exists() and as_json.read_bytes() != text.encode():
            raise BadPlan(f"{as_json} exists already, and a frozen plan replaces no file; move it elsewhere")
        if number > len(earlier):
            db.set_meta(connection, f"{db.PLAN}{number}", text)
            note(connection, COMMAND, [("file", Path(file).name), ("digest", _digest(text))], {"number": number})
    plans = list_plans(study).plans
    write_whole(as_json, text)
    write_whole(as_page, page(plans[number - 1], plans[: number - 1]))
    return plans[number - 1]


def _content(study: Study, planned: Planned, number: int) -> str:
    """Return what is frozen: the plan, and what the study has at that time."""
    content = {
        "number": number,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "study": study.settings.name,
        "version": installed_version() or "not installed",
        "codebook": study.codebook.name,
        "codebook_version": study.codebook.version,
        "codebook_digest": codebook_digest(study),
        "answers": len(select_answers(study).frame),
        "rounds": [one.round for one in rounds.list_rounds(study).rounds if one.purpose == "main"],
        "planned": planned.model_dump(mode="json"),
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _same(frozen: FrozenPlan, content: dict[str, Any]) -> bool:
    return (frozen.planned, frozen.codebook_digest) == (content["planned"], content["codebook_digest"])


def list_plans(study: Study) -> Plans:
    """Return the frozen plans of a study, and whether they are as they were."""
    with study.store.reading() as connection:
        stored = dict(
            connection.execute(select(db.meta.c.key, db.meta.c.value).where(db.meta.c.key.like(f"{db.PLAN}%")))
            .tuples()
            .all()
        )
        logged = connection.execute(select(db.log.c.arguments).where(db.log.c.command == COMMAND).order_by(db.log.c.id))
        digests = [json.loads(arguments).get("digest") for arguments in logged.scalars()]
    found = []
    for key, text in sorted(stored.items(), key=lambda item: int(item[0].removeprefix(db.PLAN))):
        content, number = json.loads(text), int(key.removeprefix(db.PLAN))
        digest = _digest(text)
        intact = number <= len(digests) and digests[number - 1] == digest
        content["rounds"] = tuple(content["rounds"])
        found.append(FrozenPlan(**content, digest=digest, intact=intact, when=_when(content)))
    return Plans(tuple(found))


def codebook_digest(study: Study) -> str:
    """Return the SHA-256 of codebook.yaml."""
    return sha256(study.codebook_file.read_bytes()).hexdigest()


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _when(content: dict[str, Any]) -> str:
    """Return in words what the study had when a plan was frozen.

    >>> _when({"answers": 0, "rounds": []}), _when({"answers": 12, "rounds": ["main"]})
    ('frozen before the main draw', 'frozen after the draw of main, after 12 answers were in')
    """
    drawn = f"after the draw of {', '.join(content['rounds'])}" if content["rounds"] else "before the main draw"
    return f"frozen {drawn}" + (f", after {content['answers']} answers were in" if content["answers"] else "")


def page(frozen: FrozenPlan, earlier: tuple[FrozenPlan, ...] = ()) -> str:
    """Return a frozen plan as Markdown, to be uploaded to a registry as it is."""
    return "\n".join(_lines(frozen, earlier)) + "\n"


def _lines(frozen: FrozenPlan, earlier: tuple[FrozenPlan, ...]) -> Iterator[str]:
    plan = frozen.plan
    yield f"# {'Amendment' if earlier else 'Plan'} {frozen.number} of the study {frozen.study}"
    yield f"\n{frozen.when.capitalize()}, on {frozen.at}, by Slantwise {frozen.version}."
    yield f"\nSHA-256 of plan-{frozen.number}.json: `{frozen.digest}`"
    if not frozen.intact:
        yield "\n**The stored plan was changed after it was frozen.**"
    for one in earlier:
        yield f"\nIt amends plan {one.number} of {one.at} (`{one.digest}`), which stays as it is."
    yield f"\n## Question\n\n{plan.question}"
    yield "\n## Comparisons\n"
    for number, compared in enumerate(plan.comparisons, 1):
        pairs = "; ".join(f"{a} – {b}" for a, b in compared.pairs)
        yield f"{number}. {compared.variable}: {compared.code}, by {', '.join(compared.by)}, target {compared.target}"
        yield f"   Family of {len(compared.pairs)} pairs (Holm): {pairs}"
    yield "\nEvery other estimate is exploratory."
    yield f"\n## Sample\n\nCoded spans by {', '.join(plan.strata) or 'stratum'}:\n"
    yield from (f"- {name}: {n}" for name, n in plan.spans.items())
    yield f"\n{plan.coders} coders; {plan.overlap:.0%} of the spans are coded by two or more."
    yield f"\n## Exclusions\n\n{plan.exclusions}"
    yield f"\n## Stopping rule\n\n{plan.stopping_rule}\n\nLooks at agreement while coding goes on: {plan.looks}"
    yield (
        f"\n## Codebook\n\n{frozen.codebook} {frozen.codebook_version}, SHA-256 of codebook.yaml: "
        f"`{frozen.codebook_digest}`"
    )
