"""The documentation is true: its commands run, its Python runs, its links lead somewhere, and no command goes unnamed."""

import ast
import csv
import importlib.metadata
import inspect
import json
import re
import shutil
import tomllib
from pathlib import Path

import pandas as pd
import pytest
import typer
import yaml
from command_line import commands, slantwise
from documents import GUIDES, PAGES, ROOT, anchors, blocks, fill_in, text, words
from packaging.requirements import Requirement

from annotate import agree
from annotate.cli.main import app
from corpus import Study, example

README = text(ROOT / "README.md")
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "CITATION.cff", "NOTICE")
CODERS = {"mira": "authors", "jon": "simulated-2"}  # the coders of the README, and those of the example who answer

STUDIO = {
    "studio start": "annotate.start_studio",
    "studio status": "annotate.studio_status",
    "studio stop": "annotate.stop_studio",
}


def with_texts(folder: Path) -> Path:
    """A folder with the texts and the manifest that the README speaks of."""
    shutil.copytree(example.files() / "articles", folder / "texts" / "articles")
    shutil.copy(example.files() / "manifest.csv", folder / "texts")
    return folder


def code_workbooks(folder: Path, known: pd.DataFrame) -> None:
    """Do what the README's two coders do in their workbooks."""
    study = Study.open(folder / "my-study")
    for coder, answers_of in CODERS.items():
        fill_in(folder / "to-code" / f"first-{coder}.xlsx", study, coder, known[known["coder"] == answers_of])
    study.store.close()


@pytest.fixture(scope="module")
def known(example_folder: Path) -> pd.DataFrame:
    """The answers of the example study."""
    return Study.open(example_folder).annotations()


@pytest.fixture(scope="module")
def by_command(known: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the README's commands were typed, line by line."""
    here = folder = with_texts(tmp_path_factory.mktemp("by-command"))
    before, after = blocks(ROOT / "README.md", "sh")
    for block in (before, after):
        for line in filter(None, map(words, block.splitlines())):
            if line[0] == "cd":
                folder = folder / line[1]
                continue
            assert line[0] == "slantwise", line
            said = slantwise(*line[1:], cwd=folder)
            assert said.returncode == 0, f"{line}\n{said.stderr}"
        if block is before:
            code_workbooks(here, known)
    return here


@pytest.fixture(scope="module")
def by_function(known: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the README's Python was run."""
    here = with_texts(tmp_path_factory.mktemp("by-function"))
    before, after = blocks(ROOT / "README.md", "python")
    names: dict[str, object] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(here)
        exec(compile(before, "README.md", "exec"), names)
        code_workbooks(here, known)
        exec(compile(after, "README.md", "exec"), names)
    return here


@pytest.mark.parametrize("door", ["by_command", "by_function"])
def test_each_door_of_the_readme_leads_from_texts_to_the_report(door: str, request: pytest.FixtureRequest) -> None:
    here = request.getfixturevalue(door)
    for page in ("report.html", "agreement.html"):
        assert (here / "my-study" / "reports" / page).stat().st_size > 10_000
    assert len(pd.read_csv(here / "tables" / "annotations.csv")) > 100
    assert len(pd.read_csv(here / "tables" / "suggestions.csv")) > 100


def test_both_doors_lead_to_the_same(by_command: Path, by_function: Path) -> None:
    studies = [Study.open(here / "my-study") for here in (by_command, by_function)]
    answers = [study.annotations().drop(columns="made_at") for study in studies]
    pd.testing.assert_frame_equal(*answers)
    assert agree(studies[0]).json() == agree(studies[1]).json()
    pd.testing.assert_frame_equal(*(study.suggestions() for study in studies), check_exact=False)


def test_the_guide_to_python_goes_from_texts_to_a_report_in_forty_lines(
    known: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (block,) = blocks(ROOT / "docs" / "python.md", "python")
    with_texts(tmp_path)
    few = known[known["outlet"].isin(["Free Marn", "Lantry Courier"]) & known["coder"].isin(["authors", "simulated-1"])]
    # as many as a first evening brings, which a head learns in seconds
    few = few[few["span"].isin(few.drop_duplicates("span").groupby("outlet")["span"].head(15))]
    few[["span", "variable", "code", "coder"]].to_csv(tmp_path / "answers.csv", index=False)
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "python.md", "exec"), {})
    said = capsys.readouterr().out
    assert len(block.splitlines()) <= 40
    assert "50 articles, 0 refusals" in said and "20 spans for" in said and "cannot be told yet" in said
    assert (tmp_path / "my-study" / "reports" / "report.html").is_file() and "report.html" in said.splitlines()[-1]


def test_every_command_is_named_in_the_readme() -> None:
    said = " ".join(README.split())  # a command may go over the end of a line
    names = [" ".join(command) for command in commands()]
    missing = [name for name in names if not re.search(rf"(slantwise |`){re.escape(name)}(?![\w-])", said)]
    assert missing == []


def test_the_readmes_table_names_the_functions_of_the_guide_and_the_pages() -> None:
    guide = dict(re.findall(r"^\| `([^`]+)` \| `([^`(]+)", text(ROOT / "docs" / "python.md"), flags=re.M))
    rows = re.findall(r"^\| [^|]+ \| `([^`]+)` \| (\S+) \| \[(\w+)\]\(docs/(\w+)\.md", README, flags=re.M)
    assert len(rows) >= len(commands())
    for command, function, shown, page in rows:
        data_set = command.startswith("benchmark ") and command != "benchmark extraction"
        door = guide.get("benchmark babe" if data_set else command) or STUDIO.get(command, "–")
        assert function.strip("`") == re.sub(r"^(corpus|annotate|models)\.", "", door), command
        assert shown == page or page == "setup", command
        assert all(word in text(ROOT / "docs" / f"{page}.md") for word in command.split()), (command, page)


def test_every_command_of_the_guides_exists_with_its_options() -> None:
    whole = typer.main.get_command(app)
    lines = [line for page in PAGES for block in blocks(page, "sh") for line in map(words, block.splitlines()) if line]
    for program, *line in lines:
        if program == "cd":
            continue
        rest, command = list(line), whole
        while inside := getattr(command, "commands", None):
            assert rest[0] in inside, line
            command = inside[rest.pop(0)]
        known = {name for parameter in command.params for name in parameter.opts}
        assert program == "slantwise" and {word for word in rest if word.startswith("--")} <= known, line
    assert len(lines) > 80


def test_the_python_of_the_guides_calls_functions_that_are_there_by_the_names_of_their_arguments() -> None:
    calls = 0
    for page in PAGES:
        names: dict[str, object] = {}
        for block in blocks(page, "python"):
            tree = ast.parse(block)
            imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
            exec(compile(ast.Module(imports, []), page.name, "exec"), names)
            for call in ast.walk(tree):
                if isinstance(call, ast.Call) and (name := ast.unparse(call.func)).split(".")[0] in names:
                    taken = inspect.signature(eval(name, names)).parameters
                    assert {word.arg for word in call.keywords} <= set(taken), (page.name, ast.unparse(call))
                    calls += 1
    assert calls > 60


def test_the_table_of_what_helps_is_made_of_the_lines_that_were_kept() -> None:
    from benchmarks import ablation

    said = text(ROOT / "docs" / "benchmarks.md")
    assert ablation.table("outlets") in said and ablation.table("folds") in said


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"], ids=lambda page: page.stem)
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text(page)):
        if not link.startswith("https://"):
            path, _, anchor = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            if not target.exists() or (anchor and anchor not in anchors(target)):
                broken.append(link)
    broken += [name for name in re.findall(r"`(notebooks/\S+?)`", text(page)) if not (ROOT / name).is_file()]
    assert broken == []


def test_every_page_is_linked_from_the_readme() -> None:
    assert [page.name for page in GUIDES if f"(docs/{page.name}" not in README] == []


def test_the_manifest_columns_of_the_guide_are_those_of_the_example() -> None:
    with (example.files() / "manifest.csv").open(encoding="utf-8", newline="") as table:
        columns = set(next(csv.reader(table)))
    said = text(ROOT / "docs" / "texts.md").split("A table `manifest.csv`", 1)[1].split("```", 1)[0]
    assert columns - {"country"} <= set(re.findall(r"\w+", said))


def test_the_answer_of_the_guide_is_one() -> None:
    (line,) = blocks(ROOT / "docs" / "coding.md", "json")
    assert {"span", "variable", "code", "coder"} == json.loads(line).keys()


def test_the_citation_is_whole_and_of_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {"cff-version", "message", "title", "authors", "abstract", "keywords", "type"} <= citation.keys()
    assert citation["cff-version"] == "1.2.0" and citation["type"] == "software"
    assert citation["version"] == project["version"] and citation["license"] == project["license"]
    assert [author.keys() for author in citation["authors"]] == [{"name"}]  # an entity: no persons
    assert f"## {citation['version']} ({citation['date-released']})" in text(ROOT / "CHANGELOG.md")


def test_the_notice_ships_and_names_every_library_that_slantwise_installs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license-files"] == ["LICENSE", "NOTICE"]
    wanted = project["dependencies"] + [
        one for extra in ("postgres", "quality") for one in project["optional-dependencies"][extra]
    ]
    names = {re.split(r"[<>=!\[ ]", one)[0].lower().replace("_", "-") for one in wanted}
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8").lower().replace("_", "-")
    assert {name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", notice)} == set()


def installed(names: set[str], found: set[str]) -> set[str]:
    """Add to `found` these libraries and all that they need in this environment."""
    for name in names - found:
        try:
            needed = [Requirement(one) for one in importlib.metadata.requires(name) or []]
        except importlib.metadata.PackageNotFoundError:  # of an extra that is not installed, or of another platform
            continue
        found.add(name)
        installed({one.name for one in needed if not one.marker or one.marker.evaluate({"extra": ""})}, found)
    return found


def test_the_notice_names_every_library_with_conditions_of_its_own() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8").lower()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    missing = set()
    for name in installed({Requirement(one).name for one in wanted}, set()):
        about = importlib.metadata.metadata(name)
        licence = about.get("License-Expression") or about.get("License", "").partition("\n")[0]
        declared = f"{licence} {[one for one in about.get_all('Classifier', []) if one.startswith('License')]}"
        if re.search(r"GPL|MPL|CNRI|TCL|Mozilla", declared) and not re.search(
            rf"^{re.escape(name.lower())} ", notice, flags=re.M
        ):
            missing.add(f"{name}: {declared}")
    assert missing == set()


def test_nothing_of_the_project_names_a_machines_paths() -> None:
    shipped = [
        f for floor in ("corpus", "models", "annotate", "docs") for f in (ROOT / floor).rglob("*") if f.is_file()
    ]
    for file in [*shipped, *(ROOT / name for name in DOCUMENTS)]:
        text = file.read_bytes() if file.suffix not in (".png", ".pyc") else b""
        assert b"/home/" not in text and b"/root/" not in text, file


def test_every_place_that_the_contributors_are_sent_to_is_there() -> None:
    said = text(ROOT / "CONTRIBUTING.md")
    places = re.findall(r"`((?:corpus|models|annotate|tests|docs|notebooks)/[\w./-]+)`", said)
    assert len(places) > 25 and [place for place in places if not (ROOT / place).exists()] == []
