"""The floors of the house stay apart: imports go down, never sideways or up."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ALLOWED = {
    "corpus": {"corpus"},
    "models": {"models", "corpus"},
    "annotate": {"annotate", "corpus"},
    "annotate/cli": {"annotate", "corpus", "models"},
}
FORBIDDEN_ON_THE_GROUND = {"torch", "transformers", "sklearn", "label_studio_sdk"}


def imported(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names


def files(floor: str) -> list[Path]:
    inside = sorted((ROOT / floor).rglob("*.py"))
    return [f for f in inside if floor != "annotate" or "cli" not in f.relative_to(ROOT / floor).parts]


@pytest.mark.parametrize("floor", ALLOWED)
def test_a_floor_imports_only_itself_and_what_lies_below(floor: str) -> None:
    ours = {"corpus", "models", "annotate"}
    found = {file.relative_to(ROOT).as_posix(): imported(file) & ours - ALLOWED[floor] for file in files(floor)}
    assert {file: names for file, names in found.items() if names} == {}


def test_the_ground_floor_knows_no_model_and_no_annotation_server() -> None:
    found = {file.name: imported(file) & FORBIDDEN_ON_THE_GROUND for file in files("corpus")}
    assert {file: names for file, names in found.items() if names} == {}


def test_one_file_loads_models_by_name_and_never_runs_their_code() -> None:
    loading = {f.name for f in files("models") if "from_pretrained(" in f.read_text(encoding="utf-8")}
    assert loading == {"encoder.py"}
    assert not [f for f in ROOT.glob("models/*.py") if "trust_remote_code=True" in f.read_text(encoding="utf-8")]


def test_a_file_has_one_subject_and_seldom_exceeds_300_lines() -> None:
    longest = {f.name: len(f.read_text(encoding="utf-8").splitlines()) for floor in ALLOWED for f in files(floor)}
    assert {name: n for name, n in longest.items() if n > 330} == {}
