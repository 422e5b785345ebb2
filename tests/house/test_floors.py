"""The floors of the house stay apart, and so do the rooms on a floor: imports go down, never sideways or up."""

import ast
import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("corpus", "models", "annotate")
ALLOWED = {
    "corpus": {"corpus"},
    "models": {"models", "corpus"},
    "annotate": {"annotate", "corpus"},
    "annotate/cli": {"annotate", "corpus", "models"},
}
FORBIDDEN_ON_THE_GROUND = {"torch", "transformers", "sklearn", "label_studio_sdk"}
# Rooms, and files beside them, in the order in which they may know each other: each imports only what stands before it.
ORDER = {
    "corpus": (
        *("installed", "errors", "result", "article", "span", "annotation", "draft"),
        *("text", "attribution", "codebook", "readers", "study", "evaluation", "wording", "copies", "events"),
        *("articles", "annotations", "feeds", "removal", "example", "integrity"),
    ),
    "corpus/attribution": (
        *(
            "languages",
            "speakers",
            "quotations",
            "sentence",
            "headline_sources",
            "attributive_participles",
            "quoted_speakers",
        ),
        *("scare_quotes", "unnamed_sources", "reported_speech", "attribution"),
    ),
    "corpus/readers": (
        *(
            "text",
            "live_blog",
            "deadline",
            "pages",
            "html",
            "tables",
            "sentence_rows",
            "table",
            "manifest",
            "json_rows",
            "workbook",
            "other_files",
        ),
        *("kinds", "folders", "archives", "formats", "__init__"),
    ),
    "models": ("data", "measures", "classifiers", "suggestions", "evaluation"),
    "annotate": (
        *(
            "rounds",
            "tasks",
            "studio",
            "sheets",
            "agreement",
            "anchoring",
            "adjudication",
            "estimators",
            "plans",
            "estimates",
            "regressions",
            "report",
        ),
        "cli",
    ),
    "annotate/report": (
        *(
            "parts",
            "agreement_page",
            "codebook_page",
            "coder_training_page",
            "evaluation_page",
            "robustness_page",
            "study_page",
        ),
        "__init__",
    ),
    "annotate/cli": (
        "shared",
        "estimates",
        "report",
        "learning",
        "articles",
        "coding",
        "feeds",
        "study",
        "keeping",
        "main",
    ),
}
DOORS = {f"{floor}/__init__.py" for floor in OURS}  # what a scholar imports: they stand outside the order
MOST_FILES = 12  # in a room: what one look takes in


def files(floor: str) -> list[Path]:
    inside = sorted((ROOT / floor).rglob("*.py"))
    return [f for f in inside if floor != "annotate" or "cli" not in f.relative_to(ROOT / floor).parts]


def named(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


EVERY = {named(file): file for floor in ALLOWED for file in files(floor)}


def statements(file: Path) -> Iterator[tuple[str, str | None]]:
    """Yield every module that is imported anywhere in a file, in functions and for typing too, with each name."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = list(file.relative_to(ROOT).parts[: -node.level]) if node.level else []
            module = ".".join(above + ([node.module] if node.module else []))
            yield from ((module, alias.name) for alias in node.names)


def imported(file: Path) -> set[str]:
    return {module.split(".")[0] for module, _ in statements(file)}


def file_of(module: str) -> str | None:
    path = module.replace(".", "/")
    return next((f for f in (f"{path}.py", f"{path}/__init__.py") if f in EVERY), None)


@cache
def targets(file: Path) -> set[str]:
    """Return the files of ours that a file imports."""
    found = set()
    for module, name in statements(file):
        if module.split(".")[0] in OURS:
            found.add(file_of(f"{module}.{name}") or file_of(module) or f"{module} (no such file)")
    return found


def arrows() -> Iterator[tuple[str, str, str, str]]:
    """Yield for each import on a floor: the folder that both files lie in, its two parts, and the importing file."""
    for name, file in EVERY.items():
        for target in targets(file) - {name} if name not in DOORS else ():
            here, there = name.removesuffix(".py").split("/"), target.removesuffix(".py").split("/")
            if here[0] == there[0]:
                same = next(i for i, (a, b) in enumerate(zip(here, there, strict=False)) if a != b)
                yield "/".join(here[:same]), here[same], there[same], name


@pytest.mark.parametrize("floor", ALLOWED)
def test_a_floor_imports_only_itself_and_what_lies_below(floor: str) -> None:
    found = {named(file): imported(file) & set(OURS) - ALLOWED[floor] for file in files(floor)}
    assert found
    assert {file: names for file, names in found.items() if names} == {}


def test_the_ground_floor_knows_no_model_and_no_annotation_server() -> None:
    found = {named(file): imported(file) & FORBIDDEN_ON_THE_GROUND for file in files("corpus")}
    assert {file: names for file, names in found.items() if names} == {}


@pytest.mark.parametrize("folder", ORDER)
def test_a_room_imports_only_rooms_that_stand_before_it(folder: str) -> None:
    order = ORDER[folder]
    inside = {
        f.stem if f.is_file() else f.name for f in (ROOT / folder).iterdir() if f.suffix == ".py" or any(f.glob("*.py"))
    }
    assert inside - {"__init__"} == set(order) - {"__init__"}
    up = {
        f"{file} imports {target}"
        for where, source, target, file in arrows()
        if where == folder and (target == "__init__" or order.index(target) >= order.index(source))
    }
    assert up == set()


def test_no_files_of_a_room_import_each_other_in_a_circle() -> None:
    graphs: dict[str, dict[str, set[str]]] = {}
    for folder, source, target, _ in arrows():
        graphs.setdefault(folder, {}).setdefault(source, set()).add(target)
    circles = {}
    for folder, graph in graphs.items():
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            circles[folder] = error.args[1]
    assert circles == {}


def test_no_file_imports_a_front_door_or_what_is_not_there() -> None:
    found = {name: {t for t in targets(file) if t in DOORS or t not in EVERY} for name, file in EVERY.items()}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def typed_imports(tree: ast.Module) -> list[ast.alias]:
    """Return what a front door imports for typing: the names that it loads on first use."""
    blocks = [node for node in tree.body if isinstance(node, ast.If)]
    return [
        alias for block in blocks for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names
    ]


@pytest.mark.parametrize("door", sorted(DOORS))
def test_a_front_door_hands_out_on_first_use_what_it_names(door: str) -> None:
    floor = importlib.import_module(door.split("/")[0])
    assert sorted(alias.name for alias in typed_imports(ast.parse(EVERY[door].read_text()))) == sorted(floor.__all__)
    assert all(callable(getattr(floor, name)) for name in floor.__all__)


def test_a_room_hands_out_no_name_that_one_of_its_files_bears() -> None:
    """`from annotate.agreement import agreement` would be the file or the function, as the imports before it have it."""
    found = {}
    for name, file in EVERY.items():
        if file.name == "__init__.py":
            beside = {f.stem for f in file.parent.iterdir() if f.suffix == ".py" or any(f.glob("*.py"))}
            tree = ast.parse(file.read_text(encoding="utf-8"))
            handed = {a.asname or a.name for node in tree.body if isinstance(node, ast.ImportFrom) for a in node.names}
            handed |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
            if name in DOORS:
                handed |= {str(a.asname or a.name) for a in typed_imports(tree)}
            found[name] = handed & beside
    assert {name: both for name, both in found.items() if both} == {}


def test_no_function_below_the_roof_takes_more_than_seven_arguments() -> None:
    """More are a noun that is missing."""
    found = {
        f"{name}: {node.name}": len(taken)
        for name, file in EVERY.items()
        if not name.startswith("annotate/cli/")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (taken := [a for a in (*node.args.args, *node.args.kwonlyargs) if a.arg not in ("self", "cls")])
    }
    assert found and {name: n for name, n in found.items() if n > 7} == {}


def test_private_helpers_stay_in_their_file() -> None:
    found = {
        name: {what for _, what in statements(file) if what and what.startswith("_")} for name, file in EVERY.items()
    }
    assert {name: names - {"__future__"} for name, names in found.items() if names} == {}


def test_a_front_door_loads_no_heavy_library() -> None:
    """Nor does what it hands out on first use before it is used."""
    heavy = "{'pandas', 'numpy', 'sqlalchemy', 'torch', 'transformers', 'datasets', 'sklearn', 'pydantic', 'label_studio_sdk'}"
    code = f"import sys, corpus, models, annotate, annotate.report; print(sorted({heavy} & set(sys.modules)))"
    said = subprocess.run(
        [sys.executable, "-P", "-c", code], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert said.stdout.strip() == "[]", said.stderr


def test_two_files_talk_to_label_studio_through_its_sdk() -> None:
    """`client` and `connection` also use httpx: for its errors, and for a form that the SDK has no call for."""
    speaks = {"label_studio_sdk", "httpx", "requests", "urllib.request", "http.client", "aiohttp"}
    found = {
        name: imported
        for name, file in EVERY.items()
        if name.startswith("annotate/")
        and (imported := {w for module, _ in statements(file) for w in speaks if f"{module}.".startswith(f"{w}.")})
    }
    assert found == {
        "annotate/studio/client.py": {"label_studio_sdk", "httpx"},
        "annotate/studio/connection.py": {"label_studio_sdk", "httpx"},
        "annotate/studio/server.py": {"urllib.request"},  # has a server started?
        "annotate/studio/backend_connection.py": {"urllib.request"},  # does our own backend answer?
    }


def test_label_studios_sdk_is_loaded_by_signing_in_only() -> None:
    """It takes a second, and `studio status`, `import` and `export` do without it."""
    modules = [
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in EVERY
        if name.startswith("annotate/") and name not in ("annotate/studio/client.py", "annotate/studio/connection.py")
    ]
    code = f"import importlib, sys\nfor name in {modules}: importlib.import_module(name)\nprint('label_studio_sdk' in sys.modules)"
    said = subprocess.run(
        [sys.executable, "-P", "-c", code], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert said.stdout.strip() == "False", said.stderr


def test_a_room_has_at_most_twelve_files() -> None:
    rooms: dict[str, list[str]] = {}
    for name in EVERY:
        folder, _, file = name.rpartition("/")
        rooms.setdefault(folder, []).extend([file] if file != "__init__.py" else [])
    assert {room: inside for room, inside in rooms.items() if len(inside) > MOST_FILES} == {}


def test_one_file_loads_models_by_name_and_never_runs_their_code() -> None:
    texts = {named(file): file.read_text(encoding="utf-8") for file in files("models")}
    assert [name for name, text in texts.items() if "from_pretrained(" in text] == ["models/classifiers/encoder.py"]
    assert not [name for name, text in texts.items() if "trust_remote_code=True" in text]


def test_a_file_has_one_subject_and_seldom_exceeds_300_lines() -> None:
    longest = {name: len(file.read_text(encoding="utf-8").splitlines()) for name, file in EVERY.items()}
    assert {name: n for name, n in longest.items() if n > 330} == {}
