"""Groups of commands whose help names every command with its whole description, and the stages of a study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import typer
from typer.core import TyperGroup

from .stopping import stopped

# The stages of a study with their commands, both in the order of `slantwise --help`; in a stage the most used first.
STAGES: dict[str, tuple[str, ...]] = {
    "Set up": ("init", "status", "codebook", "demo", "respan"),
    "Collect": ("add", "feeds", "article"),
    "Look": ("kwic", "terms", "events", "copies"),
    "Code": ("round", "plan", "studio", "import", "training"),
    "Agree": ("agree", "adjudicate", "doubtful", "anchoring"),
    "Learn": ("train", "evaluate", "suggest"),
    "Report": ("estimate", "report", "export"),
    "Keep": ("study", "doctor"),
    "For developers": ("benchmark",),
}

command_given: list[str] = []  # the names of the command that runs, such as feeds, poll

WHOLE = 10**6  # letters of a description: no limit


class CommandGroup(TyperGroup):
    """A group whose help wraps long descriptions, where Typer's own cuts them off."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that is named, and remember its name."""
        found = super().resolve_command(ctx, args)
        command_given.append(str(found[0]))
        return found

    def invoke(self, ctx: Any) -> Any:
        """Run the command; Typer would end one that is interrupted without a word."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise stopped() from None

    def sections(self) -> Mapping[str, tuple[str, ...]]:
        """Return the names of the commands by section."""
        return {"Commands": tuple(self.commands)}

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the sections; their descriptions begin in the same column. (The types are private to Typer.)"""
        width = max(map(len, self.commands))
        for title, names in self.sections().items():
            with formatter.section(title):
                rows = [(name.ljust(width), self.commands[name].get_short_help_str(WHOLE)) for name in names]
                formatter.write_dl(rows)


class CommandsByStage(CommandGroup):
    """All commands of Slantwise."""

    def sections(self) -> Mapping[str, tuple[str, ...]]:
        """Return the names of the commands by stage."""
        return STAGES

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the commands in the order of the help, which is also that of completion."""
        return [name for names in STAGES.values() for name in names]


def command_group(help: str) -> typer.Typer:
    """Return a group of commands that prints its help if it is called without a command."""
    return typer.Typer(cls=CommandGroup, no_args_is_help=True, help=help)
