"""The glossary of CONTRIBUTING.md is executed: no module, class, table or command bears a word that it rules out."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from command_line import commands

from corpus.study import database as db

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (?P<say>[^|]+) \| [^|]+ \| (?P<not>[^|]*)\|$", re.M)

# Names that bear such a word for another thing than the row's, and why.
OTHER_THINGS = {
    "module corpus/attribution/headline_sources.py": "a news source, whom a headline names; not who publishes",
    "class Source": "a news source: whom a sentence gives its words to",
    "module corpus/attribution/unnamed_sources.py": "news sources that a sentence does not name",
    "module annotate/adjudication/label_errors.py": "the field's term for answers that a model finds implausible",
    "class Batch": "passages that the encoder reads at once, as transformers calls them; no round",
    "module corpus/study/codebook_versions.py": "a codebook has versions; a text has revisions",
    "module corpus/study/tables/versions.py": "the store's tables have a version; a text has revisions",
}


def glossary() -> dict[str, list[str]]:
    """The words that are ruled out, by what we say instead."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = {row["say"]: re.sub(r'\([^)]*\)|"| alone', "", row["not"]).strip() for row in ROW.finditer(text)}
    rows.pop("we say")
    return {say: [word.strip() for word in ruled.split(",") if word.strip()] for say, ruled in rows.items()}


@cache
def names() -> list[tuple[str, str]]:
    """(kind, name) of every module, room, class, table and command."""
    found = [("table", name) for name in db.metadata.tables] + [("command", " ".join(path)) for path in commands()]
    for floor in ("corpus", "models", "annotate"):
        for file in sorted((ROOT / floor).rglob("*.py")):
            path = file.relative_to(ROOT)
            found.append(("module", (path.parent if file.name == "__init__.py" else path).as_posix()))
            tree = ast.parse(file.read_text(encoding="utf-8"))
            found += [("class", node.name) for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    return found


def words(name: str) -> set[str]:
    """The words of a name, in the singular too.

    >>> sorted(words("LabelSets_of.py"))
    ['label', 'of', 'py', 'set', 'sets']
    """
    found = {word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name.rpartition("/")[2])}
    return found | {word.removesuffix("s") for word in found}


def test_the_glossary_is_read_whole() -> None:
    found = glossary()
    assert found["Coder"] == ["annotator", "user"] and found["Outlet"] == ["source"] and found["blind, assisted"] == []
    assert len(found) >= 15


@pytest.mark.parametrize("say", [say for say, ruled in glossary().items() if ruled])
def test_nothing_bears_a_word_that_the_glossary_rules_out(say: str) -> None:
    ruled = [set(word.split()) for word in glossary()[say]]
    wrong = {f"{kind} {name}" for kind, name in names() if any(word <= words(name) for word in ruled)}
    assert wrong - OTHER_THINGS.keys() == set()


def test_every_exception_is_still_needed() -> None:
    ruled = [set(word.split()) for row in glossary().values() for word in row]
    there = {f"{kind} {name}" for kind, name in names() if any(word <= words(name) for word in ruled)}
    assert OTHER_THINGS.keys() <= there
