"""The help lists the commands by stage of a study, and cuts no description off."""

from __future__ import annotations

import re

import pytest
import typer
from command_line import ROOT, slantwise

from annotate.cli.main import app
from annotate.cli.shared.command_groups import STAGES

COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
GROUPS = [(), *((name,) for name, command in COMMANDS.items() if hasattr(command, "commands"))]


def listed(text: str) -> dict[str, list[str]]:
    """Return the names under each heading of a help text."""
    sections: dict[str, list[str]] = {}
    for line in text.splitlines():
        if heading := re.fullmatch(r"(\w[\w ]*):", line):
            sections[heading[1]] = []
        elif sections and (name := re.match(r"  ([a-z]+) ", line)):
            sections[list(sections)[-1]].append(name[1])
    return sections


def test_every_command_belongs_to_one_stage() -> None:
    assert sorted(name for names in STAGES.values() for name in names) == sorted(COMMANDS)


@pytest.mark.parametrize("columns", [80, 60])
def test_the_help_lists_the_commands_by_stage_in_the_order_of_a_study(columns: int) -> None:
    sections = listed(slantwise("--help", cwd=ROOT, columns=columns).stdout)
    assert list(sections.items())[1:] == [(stage, list(names)) for stage, names in STAGES.items()]
    assert list(sections) == [
        *("Options", "Set up", "Collect", "Look", "Code", "Agree", "Learn", "Report", "Keep", "For developers"),
    ]


@pytest.mark.parametrize("columns", [80, 60])
@pytest.mark.parametrize("group", GROUPS, ids=" ".join)
def test_no_description_is_cut_off(group: tuple[str, ...], columns: int) -> None:
    said = slantwise(*group, "--help", cwd=ROOT, columns=columns).stdout
    assert "..." not in said.replace("[ARGS]...", "") and max(map(len, said.splitlines())) <= columns


@pytest.mark.parametrize("group", GROUPS, ids=" ".join)
def test_each_description_is_one_line_of_a_usual_window(group: tuple[str, ...]) -> None:
    said = slantwise(*group, "--help", cwd=ROOT, columns=80).stdout
    lines = said.partition("Commands:" if group else "Set up:")[2].splitlines()
    names = COMMANDS[group[0]].commands if group else COMMANDS
    shown = [line for line in lines if line.startswith("  ") and "Begin with" not in line]
    assert len(shown) == len(names), "a description is wrapped: shorten it"


def test_groups_list_their_commands_in_the_order_of_use() -> None:
    found = {group[0]: listed(slantwise(*group, "--help", cwd=ROOT).stdout)["Commands"] for group in GROUPS if group}
    assert found["round"] == ["plan", "draw", "list", "show", "close", "export"]
    assert found["studio"] == ["start", "push", "serve", "pull", "status", "doctor", "stop"]
    assert found["codebook"] == ["list", "show", "check", "page", "diff", "migrate"]
    assert found["events"] == ["import", "list", "show"]
    assert found["feeds"] == ["add", "poll", "retry", "watch", "list"]
