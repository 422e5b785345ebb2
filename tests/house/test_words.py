"""Help, messages and docstrings are plain English: placeholders and metaphors that say less than a noun are refused."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import typer

from annotate.cli.main import app

ROOT = Path(__file__).parents[2]
SHOWN = {
    "say",
    "say_and_exit",
    "print",
    "Refusal",
}  # calls whose texts the user sees, as those of raised errors; print is rich's

# Each pattern, by what to write instead.
PATTERNS = {
    "the number's name, as in 'Minimum number of spans'": r"\bso (many|much|few)\b",
    "'is not a …'": r"(?<!here )\b(is|are|was|were) no (?!longer\b)|\b(is|are|was|were) nothing that\b",
    "'does not belong to …', 'is not one', 'is empty'": r"(?<!here )\b(is|are|was|were) none\b",
    "'is', 'is written' or 'is listed'": r"\b(stands?|stood)\b(?! for\b)",
    "'is' or 'is stored'": r"\b(lies?|lay)\b",
    "'concerns', 'supports' or 'sends'": r"\b(speaks?|spoke)\b",
    "'receives'": r"\b(hears?|heard)\b",
    "'depends on'": r"\b(hangs?|hung)\b",
    "a noun as the subject, as in 'answers are kept'": (
        r"\b[Ww]hat (is|are|was|were|has|have|comes|came) [^.,;:]*?\b(is|are|was|were|stays?|must|goes|counts?)\b"
    ),
    "'as well as', 'with', 'next to' or 'compared with'": r"\bbeside\b",
    "'shows', 'reports', 'identifies' or 'distinguishes'": r"\btold\b(?! yet\b)|\btells\b|\btell (apart|of|one)\b|\barticles tell\b",
    "'reported' or 'printed'": r"\b(is|are|was|were|be|as) said\b|\bsaid (of|by|to)\b",
    "'differently from'": r"\botherwise than\b",
    "'prefer'": r"\brather what\b",
    "'must' or 'should'": r"\bshall\b",
    "'has changed'": r"\b(is|are) another( one)? now\b",
    "'incomplete'": r"\bno whole\b",
    "'no longer applies'": r"\bfalls? away\b",
    "'its status'": r"\bhow it goes\b",
    "'is not used for …'": r"\bnot looked at\b",
    "'Return whether …' or 'Return in words …'": r"^Say\b",
    "'The result of …'": r"\bWhat [^.,;:]* (did|does)\b",
}

# Texts that a pattern finds and that are right, by their beginnings, and why.
RIGHT: dict[str, str] = {}


def literals(node: ast.AST) -> Iterator[str]:
    """Yield each string of an expression; what an f-string computes is an ellipsis, and strings in that follow."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield from literals(part.value)
    else:
        for below in ast.iter_child_nodes(node):
            yield from literals(below)


@cache
def messages() -> set[tuple[str, str]]:
    """Return (file:line, text) of every error that is raised, every refusal, and everything that a command prints."""
    found = set()
    for floor in ("corpus", "models", "annotate"):
        for file in (ROOT / floor).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                call = node.exc if isinstance(node, ast.Raise) else node
                if isinstance(call, ast.Call):
                    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
                    if isinstance(node, ast.Raise) or name in SHOWN:
                        place = f"{file.relative_to(ROOT).as_posix()}:{call.lineno}"
                        arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
                        found |= {(place, text) for argument in arguments for text in literals(argument)}
    return found


@cache
def helps() -> set[tuple[str, str]]:
    """Return (command, text) of every help text: of groups and commands, their arguments and options, and epilogs."""
    found = set()
    commands = [("slantwise", typer.main.get_command(app))]
    for name, command in commands:
        texts = (command.help, command.short_help, command.epilog, *(getattr(p, "help", None) for p in command.params))
        found |= {(name, " ".join(text.split())) for text in texts if text}
        commands += [(f"{name} {below}", one) for below, one in getattr(command, "commands", {}).items()]
    return found


@cache
def docstrings() -> set[tuple[str, str]]:
    """Return (file:line, text) of every docstring, without examples, names in backticks and values in quotation marks."""
    found = set()
    for floor in ("corpus", "models", "annotate"):
        for file in (ROOT / floor).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                    prose = (ast.get_docstring(node) or "").partition(">>>")[0]
                    place = f"{file.relative_to(ROOT).as_posix()}:{getattr(node, 'lineno', 1)}"
                    found.add((place, " ".join(re.sub(r'`[^`]*`|"[^"]*"', "…", prose).split())))
    return found


def wrong(texts: set[tuple[str, str]], pattern: str) -> list[str]:
    return sorted(
        f"{place}: {text}" for place, text in texts if re.search(pattern, text) and not text.startswith(tuple(RIGHT))
    )


@pytest.mark.parametrize("instead", PATTERNS)
def test_help_says_it_in_plain_words(instead: str) -> None:
    assert wrong(helps(), PATTERNS[instead]) == [], f"write {instead}"


@pytest.mark.parametrize("instead", PATTERNS)
def test_messages_say_it_in_plain_words(instead: str) -> None:
    assert wrong(messages(), PATTERNS[instead]) == [], f"write {instead}"


@pytest.mark.parametrize("instead", PATTERNS)
def test_docstrings_say_it_in_plain_words(instead: str) -> None:
    assert wrong(docstrings(), PATTERNS[instead]) == [], f"write {instead}"


def test_only_commands_name_options() -> None:
    """An error names the argument of the function at fault, whose option the command line prints; see SlantwiseError."""
    below = {(place, text) for place, text in messages() if not place.startswith("annotate/cli/")}
    rest = {(place, re.sub(r"slantwise [a-z-][^;:()\n]*", "", text)) for place, text in below}  # a command to be pasted
    assert sorted(f"{place}: {text}" for place, text in rest if re.search(r"(?<![\w-])--[a-z]", text)) == []


def test_the_texts_are_found() -> None:
    assert len(helps()) > 200 and len(messages()) > 400 and len(docstrings()) > 1500
    assert any(text.startswith("slantwise: stopped") for _, text in messages())
    assert any(text == "The study's folder (default: the one you are in)." for _, text in helps())
    assert any(text == "Print one JSON object." for _, text in docstrings())


def test_the_patterns_find_what_they_are_for() -> None:
    was = [
        "So many of each stratum at least.".lower(),
        "'docx' is no format; expected one of",
        "the task is none of this round's",
        "Passwords stand in studio.json",
        "this folder lies in no study",
        "each with what speaks for it",
        "would not hear Ctrl+C",
        "the score hangs on",
        "what was stored stays stored",
        "Passages without any term, beside the round",
        "told by the name's ending",
        "what is simulated is said",
        "answered otherwise than the adjudicated code",
        "Draw rather what the model is unsure of",
        "shall be known to ±",
        "its text is another one now",
        "is no whole JSON export",
        "makes a question fall away",
        "List the study's feeds, and how it goes with them.",
        "kept and shown, and not looked at",
        "Say whether a host is public.",
        "What adding articles did: the ids of new ones",
    ]
    assert [text for text, pattern in zip(was, PATTERNS.values(), strict=True) if not re.search(pattern, text)] == []


def test_every_exception_is_still_needed() -> None:
    texts = [
        text for _, text in helps() | messages() | docstrings() if any(re.search(p, text) for p in PATTERNS.values())
    ]
    assert [right for right in RIGHT if not any(text.startswith(right) for text in texts)] == []
