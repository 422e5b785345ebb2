"""The documentation is true: its commands run, its Python runs, and no command goes unnamed."""

import ast
import csv
import inspect
import json
import re
import shutil
from pathlib import Path

import pytest
import typer
from command_line import commands, process

from annotate.cli.main import app
from corpus import Study, example

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def walked(example_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the README's lines were typed, with texts and answers as it describes them."""
    here = tmp_path_factory.mktemp("readme")
    shutil.copytree(example.files() / "articles", here / "texts" / "articles")
    shutil.copy(example.files() / "manifest.csv", here / "texts")
    answers = Study.open(example_folder).annotations()
    few = answers[
        answers["outlet"].isin(["Free Marn", "Lantry Courier"]) & answers["coder"].isin(["authors", "simulated-1"])
    ]
    # as many as a first evening brings, which a head learns in seconds
    few = few[few["span"].isin(few.drop_duplicates("span").groupby("outlet")["span"].head(15))]
    columns = ["span", "variable", "code", "coder"]
    (here / "answers.jsonl").write_text(
        "".join(json.dumps(row) + "\n" for row in few[columns].to_dict("records")), encoding="utf-8"
    )
    (block,) = re.findall(r"```sh\n(.*?)```", README, flags=re.S)
    folder = here
    for line in block.splitlines():
        words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', line.split("  #")[0])]
        if words[0] == "cd":
            folder = folder / words[1]
            continue
        assert words[0] == "slantwise", line
        said = process(*words[1:], cwd=folder)
        assert said.returncode == 0, f"{line}\n{said.stderr}"
    return here


def test_the_readmes_first_own_study_runs_line_by_line(walked: Path) -> None:
    assert (walked / "my-study" / "reports" / "report.html").stat().st_size > 50_000
    assert (walked / "to-code" / "spans.jsonl").is_file()


def test_the_readmes_python_runs(
    walked: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(walked)
    (block,) = re.findall(r"```python\n(.*?)```", README, flags=re.S)
    exec(compile(block, "README.md", "exec"), {})
    said = capsys.readouterr().out
    assert "Free Marn" in said and "liberation" in said


def test_the_guide_to_python_goes_from_texts_to_a_report_in_forty_lines(
    walked: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", page, flags=re.S)
    shutil.copytree(walked / "texts", tmp_path / "texts")
    answers = [json.loads(line) for line in (walked / "answers.jsonl").read_text(encoding="utf-8").splitlines()]
    with (tmp_path / "answers.csv").open("w", encoding="utf-8", newline="") as out:
        table = csv.DictWriter(out, answers[0].keys())
        table.writeheader()
        table.writerows(answers)
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "python.md", "exec"), {})
    said = capsys.readouterr().out
    assert len(block.splitlines()) <= 40
    assert "50 articles, 0 refusals" in said and "20 spans for" in said and "relied on" in said
    assert (tmp_path / "my-study" / "reports" / "report.html").is_file() and "report.html" in said.splitlines()[-1]


def test_every_command_is_named_in_the_readme() -> None:
    said = " ".join(README.split())  # a command may go over the end of a line
    names = [" ".join(command) for command in commands()]
    missing = [name for name in names if not re.search(rf"(slantwise |`){re.escape(name)}(?![\w-])", said)]
    assert missing == []


def test_every_command_of_the_guides_exists_with_its_options() -> None:
    lines = []
    for page in sorted((ROOT / "docs").glob("*.md")):
        blocks = re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.S)
        lines += [line for block in blocks for line in block.splitlines()]
    for line in lines:
        program, *words = line.split()
        command = typer.main.get_command(app)
        while inside := getattr(command, "commands", None):
            assert words[0] in inside, line
            command = inside[words.pop(0)]
        known = {name for parameter in command.params for name in parameter.opts}
        assert program == "slantwise" and {word for word in words if word.startswith("--")} <= known, line
    assert len(lines) > 10


def test_the_python_of_the_guides_calls_functions_that_are_there_by_the_names_of_their_arguments() -> None:
    calls = 0
    for page in sorted((ROOT / "docs").glob("*.md")):
        for block in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.S):
            tree, names = ast.parse(block), {}
            imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
            exec(compile(ast.Module(imports, []), page.name, "exec"), names)
            for call in ast.walk(tree):
                if isinstance(call, ast.Call) and (name := ast.unparse(call.func)).split(".")[0] in names:
                    taken = inspect.signature(eval(name, names)).parameters
                    assert {word.arg for word in call.keywords} <= set(taken), (page.name, ast.unparse(call))
                    calls += 1
    assert calls > 5


def test_the_table_of_what_helps_is_made_of_the_lines_that_were_kept() -> None:
    from benchmarks import ablation

    said = (ROOT / "docs" / "classifier.md").read_text(encoding="utf-8")
    assert ablation.table("outlets") in said and ablation.table("folds") in said


def test_every_file_that_the_documents_link_to_is_there() -> None:
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md"):
        links = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")) + re.findall(
            r"`(notebooks/\S+?)`", README
        )
        assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_manifest_columns_of_the_readme_are_those_of_the_example() -> None:
    with (example.files() / "manifest.csv").open(encoding="utf-8", newline="") as table:
        columns = set(next(csv.reader(table)))
    assert columns - {"country"} <= set(
        re.findall(r"\w+", README.split("manifest.csv", 1)[1].split("Without one", 1)[0])
    )


def test_nothing_of_the_project_names_a_machines_paths() -> None:
    shipped = [
        f for floor in ("corpus", "models", "annotate", "docs") for f in (ROOT / floor).rglob("*") if f.is_file()
    ]
    for file in [*shipped, ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]:
        text = file.read_bytes() if file.suffix not in (".png", ".pyc") else b""
        assert b"/home/" not in text and b"/root/" not in text, file
