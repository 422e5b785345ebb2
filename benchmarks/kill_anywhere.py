"""Kill commands at random moments, give them again, and compare the store with an undisturbed run's, on both databases.

`python benchmarks/kill_anywhere.py --kills 200` goes on where the last run ended and appends a JSON line for each kill:
the command, the database, the share of the undisturbed run's time after which it was killed (`kill -9`), whether it was
still running then, and whether the stores are equal afterwards, but for times. `--acts add,import` runs some commands
only; `pull` needs Label Studio's program (see tests/conftest.py), or one that runs, whose folder `--studio` names.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.kept_lines import append_line, read_lines

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).parent / "results" / "kill_anywhere.jsonl"
DATABASES = ("sqlite", "postgresql")
# columns that hold times, or what was counted with them
CLOCKS = {"made_at", "at", "checked_at", "fetched_at", "next_try", "robots_until", "rest_until", "seconds"}
OF_A_RUN = {
    "removals": {"id"},
    "pages": {"headers"},
    "rounds": {"digest"},
    "outcomes": {"digest"},
    "feeds": {"headers"},
}
NOT_COMPARED = ("log", "row_sums")  # sums over rows that have times
IDENTITY = "studio"  # in meta: drawn at random
PORTION = 20  # articles, spans or rows a transaction here, so that a small study has several

BOOK = """\
name: valley
version: "1"
unit: mention
mention:
  terms: [took, liberat*]
variables:
  - name: wording
    question: Which wording?
    codes: [{name: plain}, {name: liberation}]
  - name: seen
    question: What did you notice?
    kind: multiple
    codes: [{name: quote}, {name: irony}, {name: number}]
"""
MIGRATION = "migration: [{from: '1', codes: {wording: {plain: neutral}}}]\n"
TOWNS = ("Velo", "Karsk", "Ardun", "Marn", "Lantry", "Tessel", "Brod", "Orsk")


@dataclass(frozen=True)
class Act:
    """A command that is killed: how its study is prepared, and what is typed."""

    prepare: Callable[[Any, Path], None]
    words: Callable[[Path], list[str]]


def article(number: int) -> str:
    """Return an article of several paragraphs; every sixth is a copy of the one before, reworded a little."""
    chance = random.Random(number - (number % 6 == 5))  # noqa: S311 -- not for secrets
    paragraphs = []
    for _ in range(chance.randint(2, 6)):
        town, other, day = chance.choice(TOWNS), chance.choice(TOWNS), chance.randint(1, 28)
        verb = chance.choice(("took", "liberated", "left", "shelled"))
        paragraphs.append(
            f"Northland’s army {verb} the town of {town} on day {day}, its ministry of defence said. Officials in "
            f"{other} denied it and spoke of {chance.randint(2, 90)} wounded in the suburbs, where shops stayed closed."
        )
    if number % 6 == 5:
        paragraphs[0] = "By our own correspondent. " + paragraphs[0]
    return "\n\n".join(paragraphs)


def write_articles(folder: Path, numbers: range) -> Path:
    """Write articles as a table, with a later state of some, and as files with a footer that each outlet repeats."""
    folder.mkdir(parents=True)
    rows = [
        {"id": f"a{n}", "outlet": f"Outlet {n % 3}", "published": f"2024-03-{n % 28 + 1:02}", "text": article(n)}
        for n in numbers
    ]
    rows += [row | {"text": row["text"] + "\n\nMore was said later.", "published": "2024-04-01"} for row in rows[::7]]
    (folder / "table.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    for n in numbers[::10]:
        footer = "Subscribe to our newsletter for the latest news from the whole valley."
        (folder / f"{n}.txt").write_text(f"Report {n}\n\n{article(n + 10_000)}\n\n{footer}", encoding="utf-8")
    return folder


def answers(study: Any, every: int = 1) -> list[dict[str, str]]:
    """Return two coders' answers to the mentions."""
    frame = study.spans()
    spans = frame[frame["unit"] == "mention"]["span"].tolist()[::every]
    return [
        {"span": span, "variable": "wording", "coder": coder, "code": ("plain", "liberation")[(i + i // 3 * c) % 2]}
        for i, span in enumerate(spans)
        for c, coder in enumerate(("mira", "jon"))
    ]


def with_articles(study: Any, beside: Path, number: int = 60) -> None:
    """Add articles to a study."""
    from corpus import add

    add(study, [write_articles(beside / "texts", range(number))], outlet="Herald")


def with_answers(study: Any, beside: Path) -> None:
    """Add articles, and write answers to them beside the study."""
    with_articles(study, beside)
    lines = "\n".join(map(json.dumps, answers(study)))
    (beside / "answers.jsonl").write_text(lines, encoding="utf-8")


def with_stored_answers(study: Any, beside: Path, every: int = 1) -> None:
    """Add articles and answers."""
    from corpus import add_annotations

    with_articles(study, beside)
    add_annotations(study, answers(study, every))


def with_round(study: Any, beside: Path) -> None:
    """Add articles and answers, draw a round, and write beside the study which articles are to be removed."""
    from annotate import draw

    with_stored_answers(study, beside, every=2)
    draw(study, "main-1", "mira,jon", spans=40)
    (beside / "ids").write_text(" ".join(study.articles()["article"][::3]), encoding="utf-8")


def with_later_codebook(study: Any, beside: Path) -> None:
    """Add articles and answers under the first version, and write the codebook's second version."""
    with_stored_answers(study, beside)
    text = BOOK.replace("name: plain", "name: neutral").replace('version: "1"', 'version: "2"') + MIGRATION
    (study.folder / "codebook.yaml").write_text(text, encoding="utf-8")


def with_few_answers(study: Any, beside: Path) -> None:
    """Add articles, and answers to few, so that a head is trained and not the encoder."""
    with_stored_answers(study, beside, every=6)


def with_model(study: Any, beside: Path) -> None:
    """The same, with a model, and articles of another outlet that it has not scored."""
    from corpus import add
    from models import train

    with_few_answers(study, beside)
    train(study)
    more = [{"id": f"m{n}", "outlet": "Mirror", "text": article(n)} for n in range(200, 230)]
    (beside / "more.jsonl").write_text("\n".join(map(json.dumps, more)), encoding="utf-8")
    add(study, [beside / "more.jsonl"])


def with_feed(study: Any, beside: Path) -> None:
    """Subscribe to a feed on loopback."""
    from corpus.feeds.subscriptions import add_feed

    file = study.folder / "study.toml"
    text = file.read_text(encoding="utf-8").replace("delay = 5.0 ", "# ").replace("allow = []\n", "")
    file.write_text(text.replace("[feeds]\n", '[feeds]\ndelay = 0.0\nallow = ["127.0.0.1"]\n'), encoding="utf-8")
    add_feed(study, (beside.parent / "site").read_text(), outlet="Herald")


def with_answers_on_a_server(study: Any, beside: Path) -> None:
    """Send a round to two coders' projects on the Label Studio, and let them answer."""
    from studios import Person, pushed

    from annotate.rounds import rounds
    from annotate.rounds.draw import draw

    with_articles(study, beside)
    (study.folder / "studio").mkdir(exist_ok=True)
    shutil.copy((beside.parent / "studio").read_text() + "/servers.json", study.folder / "studio")
    draw(study, "main-1", ["mira", "jon"], spans=30)
    for coder in ("mira", "jon"):
        person = Person(study, coder, pushed(study, "main-1", coder).project)
        for n, one in enumerate(rounds.assignments(study, "main-1", coder)):
            seen = ["quote", "number"][: 1 + n % 2]
            person.answer(one.span, {"wording": ("plain", "liberation")[n % 2], "seen": seen})


ACTS = {
    "add": Act(lambda study, beside: write_articles(beside / "texts", range(60)) and None, lambda beside: [
        "add", str(beside / "texts"), "--outlet", "Herald"]),
    "import": Act(with_answers, lambda beside: ["import", str(beside / "answers.jsonl")]),
    "draw": Act(with_articles, lambda beside: ["round", "draw", "main-1", "--coders", "mira,jon", "--spans", "60"]),
    "poll": Act(with_feed, lambda beside: ["feeds", "poll"]),
    "migrate": Act(with_later_codebook, lambda beside: ["codebook", "migrate", "--yes"]),
    "remove": Act(with_round, lambda beside: ["article", "remove", *(beside / "ids").read_text().split(), "--yes"]),
    "suggest": Act(with_model, lambda beside: ["suggest"]),
    "train": Act(with_few_answers, lambda beside: ["train"]),
    "pull": Act(with_answers_on_a_server, lambda beside: ["studio", "pull", "main-1"]),
}  # fmt: skip
QUICK = ("add", "import", "draw", "poll", "migrate", "pull", "remove")  # without a model


class Bench:
    """Studies in a scratch folder and on a PostgreSQL server of its own, with a site on loopback."""

    def __init__(self, scratch: Path, server: str) -> None:
        self.scratch, self.server = scratch, server
        self.number = 0
        self.undisturbed: dict[tuple[str, str], tuple[float, dict[str, list[str]]]] = {}

    def template(self, act: str, database: str) -> Path:
        """Return the folder with the study of an act as it is before the command, made at the first call."""
        from corpus import Study

        beside = self.scratch / f"{act}-{database}"
        folder = beside / "study"
        if not folder.exists():
            beside.mkdir()
            Study.create(folder, BOOK, name="valley")
            self._point(folder, database, f"template_{act}")
            if not (process := os.fork()):  # a process that has trained cannot be forked
                with opened(folder) as study:
                    ACTS[act].prepare(study, beside)
                os._exit(0)
            if ended(process):
                sys.exit(f"{act} on {database} could not be prepared")
        return folder

    def copy(self, act: str, database: str) -> Path:
        """Return a copy of an act's study, with a store of its own."""
        folder = self.template(act, database)
        self.number += 1
        mine = self.scratch / f"run-{self.number}"
        shutil.copytree(folder, mine)
        if database == "postgresql":
            self._sql(f"CREATE DATABASE run_{self.number} TEMPLATE template_{act}")
            file = mine / "study.toml"
            file.write_text(file.read_text().replace(f"template_{act}", f"run_{self.number}"))
        return mine

    def drop(self, folder: Path, database: str) -> None:
        """Remove a copy."""
        shutil.rmtree(folder)
        if database == "postgresql":
            self._sql(f"DROP DATABASE run_{folder.name.partition('-')[2]} WITH (FORCE)")

    def _point(self, folder: Path, database: str, name: str) -> None:
        if database == "postgresql":
            self._sql(f"CREATE DATABASE {name}")
            file, url = folder / "study.toml", self.server.replace("NAME", name)
            file.write_text(file.read_text().replace('url = "sqlite"', f'url = "{url}"'))

    def _sql(self, statement: str) -> None:
        from sqlalchemy import create_engine, text

        engine = create_engine(self.server.replace("NAME", "postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


def start(folder: Path, words: list[str], *, said: Path | None = None) -> int:
    """Give a command in a process of its own, which has everything imported already; return its id."""
    if process := os.fork():
        return process
    os.chdir(folder)
    out = os.open(said or folder.with_suffix(".said"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for stream, target in ((0, nothing), (1, out), (2, out)):
        os.dup2(target, stream)
    code = 70
    try:
        portions()
        sys.argv = ["slantwise", *words]
        from annotate.cli.main import run

        run()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def portions() -> None:
    """Let a small study have as many transactions as a large one."""
    from annotate.tasks import queue
    from corpus.articles import ingest, spans
    from corpus.copies import groups
    from corpus.removal import articles as removal
    from corpus.study import database

    removal._BATCH = PORTION // 4
    ingest.BATCH = spans.BATCH = groups._PORTION = PORTION
    database.batches.__defaults__ = (PORTION,)
    queue.chunks.__defaults__ = (PORTION // 2,)
    if "models.suggestions.suggest" in sys.modules:
        sys.modules["models.suggestions.suggest"].PORTION = PORTION  # type: ignore[attr-defined]


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Any]:
    """Open a study and close it at the end, since a process that is forked must not have a connection."""
    from corpus import Study

    study = Study.open(folder)
    try:
        yield study
    finally:
        study.store.close()


def ended(process: int) -> int:
    """Wait for a process; return its exit code, below 0 for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def contents(folder: Path) -> dict[str, list[str]]:
    """Return what each table holds, and the digests of the files beside the store, without times."""
    from sqlalchemy import select

    from corpus.study import database as db

    held: dict[str, list[str]] = {}
    with opened(folder) as study, study.store.reading() as connection:
        for name, table in db.metadata.tables.items():
            if name in NOT_COMPARED:
                continue
            left_out = CLOCKS | OF_A_RUN.get(name, set())
            columns = [column for column in table.c if column.name not in left_out]
            rows = connection.execute(select(*columns)).all()
            held[name] = sorted(repr(tuple(row)) for row in rows if not (name == "meta" and row[0] == IDENTITY))
    names = sorted(p for place in ("pages", "checkpoints", "reports") for p in (folder / place).rglob("*"))
    held["files"] = [
        f"{file.relative_to(folder)} {hashlib.sha256(file.read_bytes()).hexdigest()}"
        for file in names
        if file.is_file() and not file.name.startswith(".")  # half-written files of killed commands are swept later
    ]
    return held


def differences(held: dict[str, list[str]], expected: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the rows of each table that only one of two stores has, a few of them."""
    return {
        name: [f"- {row[:300]}" for row in sorted(set(rows) - set(held[name]))][:3]
        + [f"+ {row[:300]}" for row in sorted(set(held[name]) - set(rows))][:3]
        for name, rows in expected.items()
        if rows != held[name]
    }


def undisturbed(bench: Bench, act: str, database: str) -> tuple[float, dict[str, list[str]]]:
    """Return how long an act takes that nobody disturbs, and what the store holds then."""
    if (act, database) not in bench.undisturbed:
        folder = bench.copy(act, database)
        words = ACTS[act].words(bench.scratch / f"{act}-{database}")
        started = time.monotonic()
        code = ended(start(folder, words))
        seconds = time.monotonic() - started
        if code not in (0, 3):
            sys.exit(f"{act} on {database} ended with {code}: {folder.with_suffix('.said').read_text()}")
        bench.undisturbed[act, database] = seconds, contents(folder)
        bench.drop(folder, database)
    return bench.undisturbed[act, database]


def kill(bench: Bench, act: str, database: str, number: int) -> dict[str, Any]:
    """Kill an act at the moment that its number decides, give it again and compare; return the line of the results."""
    seconds, expected = undisturbed(bench, act, database)
    share = random.Random(f"{act} {database} {number}").random()  # noqa: S311 -- not for secrets
    folder = bench.copy(act, database)
    words = ACTS[act].words(bench.scratch / f"{act}-{database}")
    process = start(folder, words)
    time.sleep(share * seconds)
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    killed = ended(process) == -signal.SIGKILL
    again = ended(start(folder, words))
    said = folder.with_suffix(".said").read_text(encoding="utf-8", errors="replace")
    unlike = differences(contents(folder), expected)
    bench.drop(folder, database)
    line: dict[str, Any] = {
        "act": act, "database": database, "kill": number, "share": round(share, 4), "seconds": round(seconds, 2),
        "killed": killed, "again": again, "equal": not unlike,
    }  # fmt: skip
    plain = not any(word in said for word in ("Traceback", "bug in Slantwise", "locked"))
    line["plain"] = plain
    if unlike or not plain:
        line |= {"unlike": unlike, "said": said[-2000:]}
    return line


def is_right(line: dict[str, Any]) -> bool:
    """Return whether nothing was lost: the command given again ended well, or its round had been drawn already."""
    return bool(line["equal"] and line["plain"] and line["again"] in ((0, 2, 3) if line["act"] == "draw" else (0, 3)))


@contextlib.contextmanager
def site(scratch: Path) -> Iterator[None]:
    """Serve a feed and its pages on loopback in a process of its own, and write its address into the scratch folder."""
    from newsroom import publish
    from servers import serving

    if not (process := os.fork()):
        with serving() as one:
            address = publish(one, range(1, 13))
            (scratch / "site.part").write_text(address)
            (scratch / "site.part").rename(scratch / "site")
            signal.pause()
    try:
        while not (scratch / "site").exists():
            time.sleep(0.05)
        yield
    finally:
        os.kill(process, signal.SIGTERM)
        ended(process)


@contextlib.contextmanager
def studio(scratch: Path, running: Path | None) -> Iterator[None]:
    """Start a Label Studio, unless one runs, and write its folder into the scratch folder."""
    from annotate.studio.client import Studio
    from annotate.studio.server import Servers

    (scratch / "studio").write_text(str(running or scratch / "label-studio"))
    if running:
        yield
        return
    servers = Servers(scratch / "label-studio")
    try:
        (server,) = servers.start([], port=None, isolate=False, say=lambda message: None)
        with Studio(server.url, server.token) as api:
            for coder in ("mira", "jon"):
                account = servers.account(coder)
                api.sign_up(account.email, account.password)
        servers.save()
        yield
    finally:
        servers.stop()


def main() -> None:
    """Kill as often as asked, each act on each database equally often, and go on where the last run ended."""
    sys.path[1:1] = [str(ROOT / "tests"), str(ROOT / "tests" / "helpers")]
    from stores import postgres

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=200, help="of these acts, with those of earlier runs")
    parser.add_argument("--acts", default=",".join(ACTS), help="commands, separated by commas")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--studio", type=Path, help="the folder of a Label Studio that runs, for pull")
    options = parser.parse_args()
    acts = options.acts.split(",")
    load(with_models=not set(acts) <= set(QUICK))
    lines = [line for line in read_lines(options.results) if line["act"] in acts]
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="slantwise-kill-"))
        stack.enter_context(site(Path(folder)))
        server = stack.enter_context(postgres())
        if "pull" in acts:
            stack.enter_context(studio(Path(folder), options.studio))
        bench = Bench(Path(folder), server)
        cases = [(act, database) for act in acts for database in DATABASES]
        while sum(line["killed"] for line in lines) < options.kills:
            act, database = cases[len(lines) % len(cases)]
            number = sum(line["act"] == act and line["database"] == database for line in lines)
            line = kill(bench, act, database, number)
            lines.append(line)
            append_line(options.results, line)
            if not is_right(line):
                sys.stderr.write(json.dumps(line, ensure_ascii=False)[:3000] + "\n")
    wrong = sum(not is_right(line) for line in lines)
    sys.stdout.write(f"{len(lines)} kills, {sum(line['killed'] for line in lines)} while running, {wrong} wrong\n")
    sys.exit(1 if wrong else 0)


def load(*, with_models: bool) -> None:
    """Import what commands need, so that their processes, which are forked, spend their time on the work."""
    names = ["annotate.cli.main", "annotate.rounds.draw", "corpus.annotations.migrate", "corpus.annotations.rows"]
    names += [
        "corpus.articles.ingest",
        "corpus.feeds.poll",
        "annotate.studio.client",
        "annotate.studio.round_projects",
        "corpus.study.dataframes",
        "trafilatura",
        "psycopg",
    ]
    for name in [
        *names,
        *(["models.suggestions.suggest", "models.classifiers.span_classifier"] if with_models else []),
    ]:
        importlib.import_module(name)


if __name__ == "__main__":
    main()
