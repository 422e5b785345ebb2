"""Help texts and messages are plain English: placeholders and metaphors that say less than a noun would are refused."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from annotate.cli.main import app

ROOT = Path(__file__).parent.parent
SPOKEN = {"say", "print", "Refusal"}  # whose texts reach the user, as those of raised errors do; print is rich's

# Each pattern with what to write instead.
PATTERNS = {
    r"\bso (many|much|few)\b": "name the number: 'Minimum number of spans', not 'so many spans'",
    r"(?<!here )\b(is|are|was|were) no (?!longer\b)": "is not a …",
    r"(?<!here )\b(is|are|was|were) (none|nothing)\b|\bnothing that (a|an|the)\b": "is not one; has none; is empty",
    r"\b(stand|stands|stood)\b(?! for\b)": "is; is written",
    r"\b(lie|lies|lay)\b": "is",
    r"\b(speak|speaks|spoke)\b(?! to\b)": "concerns; supports; sends",
    r"\b(hear|hears|heard)\b": "receives",
    r"\b(hang|hangs|hung)\b": "depends on",
    r"\b[Ww]hat (is|are|was|were|has|have|comes|came) [^.,;:]*?\b(is|are|was|were|stays?|must|goes|counts?)\b": (
        "a noun for the subject: 'stored answers are kept', not 'what was stored stays'"
    ),
    r"\bbeside\b": "as well as; with; next to",
    r"\b(told|tells?|tell apart)\b": "reported; shows; identifies",
    r"\b(is|are|was|were|be) said\b|\bsaid (of|by|to)\b": "reported; printed",
    r"\botherwise than\b": "differently from",
    r"\brather what\b": "prefer",
    r"\bshall\b": "must; should; will",
    r"\b(is|are|was) (another|an other)( one)? now\b": "has changed",
    r"\bno whole\b|\bfall(s)? away\b|\bas it goes\b|\bhow it goes\b": "incomplete; no longer applies; status",
    r"\bnot looked at\b|\bgoes? over\b": "is not used; passes",
}

# Texts that a pattern finds and that are right: the text's beginning, and why.
RIGHT: dict[str, str] = {}


def literals(node: ast.AST) -> Iterator[str]:
    """Yield each string of an expression once; what an f-string computes is an ellipsis, and its own strings follow."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield from literals(part.value)
    else:
        for below in ast.iter_child_nodes(node):
            yield from literals(below)


def messages() -> Iterator[tuple[str, str]]:
    """Yield (file:line, text) of every error that is raised, every refusal, and everything that a command says."""
    for floor in ("corpus", "models", "annotate"):
        for file in sorted((ROOT / floor).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                call = node.exc if isinstance(node, ast.Raise) else node
                if not isinstance(call, ast.Call):
                    continue
                name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
                if isinstance(node, ast.Raise) or name in SPOKEN:
                    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
                    for text in (text for argument in arguments for text in literals(argument)):
                        yield f"{file.relative_to(ROOT).as_posix()}:{call.lineno}", text


def helps() -> Iterator[tuple[str, str]]:
    """Yield (command, text) of every help text: of groups and commands, of their arguments and options, and epilogs."""
    waiting = [("slantwise", typer.main.get_command(app))]
    while waiting:
        name, command = waiting.pop(0)
        for text in (command.help, command.epilog, *(getattr(one, "help", None) for one in command.params)):
            if text:
                yield name, " ".join(text.split())
        waiting += [(f"{name} {below}", one) for below, one in getattr(command, "commands", {}).items()]


def wrong(texts: Iterator[tuple[str, str]], pattern: str) -> list[str]:
    found = {f"{place}: {text}" for place, text in texts if re.search(pattern, text)}
    return sorted(one for one in found if not any(one.partition(": ")[2].startswith(right) for right in RIGHT))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_no_help_text_has_a_word_that_says_less_than_a_noun(pattern: str) -> None:
    assert wrong(helps(), pattern) == [], PATTERNS[pattern]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_no_message_has_a_word_that_says_less_than_a_noun(pattern: str) -> None:
    assert wrong(messages(), pattern) == [], PATTERNS[pattern]


def test_the_texts_are_found() -> None:
    assert len(list(helps())) > 200 and len(list(messages())) > 300
    assert any("slantwise: stopped" in text for _, text in messages())


def test_every_exception_is_still_needed() -> None:
    texts = [text for _, text in (*helps(), *messages())]
    for right in RIGHT:
        assert any(text.startswith(right) and any(re.search(p, text) for p in PATTERNS) for text in texts), right
