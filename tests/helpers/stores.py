"""Studies and databases that tests make: small ones on the disk, and a real PostgreSQL where one is installed."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from conftest import needs

from corpus.annotations.rows import add_annotations
from corpus.articles.ingest import add
from corpus.codebook import parse
from corpus.study import Study

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

BODY = "Northland’s army took the town of Velo at dawn on Monday, its ministry of defence said."
MORE = "Officials in Karsk denied it and spoke of fighting in the suburbs, where shops stayed closed."
FILES = {
    "a.txt": f"Velo falls\n\n{BODY}\n\n{MORE}",
    "b.txt": "Rain is expected in the south of the valley until the weekend.",
}

VALLEY = {**FILES, "c.txt": "Troops took Karsk and liberated Ardun.\n\nThey took nothing else, a witness said."}


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files into a folder, by name."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def study_in(folder: Path, book: str = BOOK, *, url: str = "sqlite", outlets: str = "[]") -> Study:
    """Make a study whose store lies behind a URL and whose outlets are declared."""
    Study.create(folder, book)
    settings = folder / "study.toml"
    text = (
        settings.read_text().replace('url = "sqlite"', f'url = "{url}"').replace("outlets = []", f"outlets = {outlets}")
    )
    settings.write_text(text)
    return Study.open(folder)


def valley_in(folder: Path, book: str = BOOK, texts: Mapping[str, str | bytes] = VALLEY) -> Study:
    """Make a study of some articles of one outlet."""
    study = study_in(folder, book)
    assert add(study, [write(folder.with_name(f"{folder.name} texts"), texts)], outlet="Herald").refusals == []
    return study


def rewritten(study: Study, old: str, new: str) -> Study:
    """Change the study's codebook as a person does, and open the study again."""
    file = study.folder / "codebook.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    parse(file.read_text())
    study.store.close()
    return Study.open(study.folder)


def spans_of(study: Study, unit: str) -> list[str]:
    frame = study.spans()
    return frame[frame["unit"] == unit]["text"].tolist()


def code(study: Study, words: str, answer: str = "plain", coder: str = "mira") -> str:
    """Code the first mention that reads so; return its span."""
    frame = study.spans()
    span = frame[(frame["unit"] == "mention") & (frame["text"] == words)]["span"].iloc[0]
    done = add_annotations(study, [{"span": span, "variable": "wording", "code": answer, "coder": coder}])
    assert done.refusals == []
    return str(span)


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """Run a PostgreSQL server in a temporary folder, on a unix socket; give its URL up to the database's name."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [Path(shutil.which("initdb") or "")]
    bin = programs[-1].parent
    if not (bin / "pg_ctl").is_file():
        needs("PostgreSQL is not installed; on Debian: apt-get install -y postgresql")
    # PostgreSQL refuses to run as root
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="slantwise-pg-") as folder:
        os.chmod(folder, 0o777)
        data = f"{folder}/data"

        def run(program: str, *options: str) -> None:
            done = subprocess.run(
                [*as_user, str(bin / program), *options], capture_output=True, text=True, timeout=120, cwd=folder
            )
            assert done.returncode == 0, f"{program}: {done.stderr or done.stdout}"

        # an ICU locale sorts as a dictionary does, so what relies on code points shows
        locale = ["--locale-provider=icu", "--icu-locale=en-US", "--locale=C", "--encoding=UTF8"]
        run("initdb", "-D", data, "-U", "slantwise", "--auth=trust", "--no-sync", *locale)
        server = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        run("pg_ctl", "-D", data, "-w", "-l", f"{folder}/log", "-o", server, "start")
        try:
            yield f"postgresql+psycopg://slantwise@/NAME?host={folder}"
        finally:
            run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
