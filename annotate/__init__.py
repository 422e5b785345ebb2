"""The human side: draw rounds, send them to coders, compare and adjudicate their answers, and write the pages.

from annotate import draw
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .rounds.draw import draw
    from .rounds.progress import show_round
    from .rounds.rounds import list_rounds
    from .rounds.sample_size import plan_round
    from .sheets.workbook import export_workbooks

_WHERE = {
    "draw": "rounds.draw",
    "export_workbooks": "sheets.workbook",
    "list_rounds": "rounds.rounds",
    "plan_round": "rounds.sample_size",
    "show_round": "rounds.progress",
}
__all__ = ["draw", "export_workbooks", "list_rounds", "plan_round", "show_round"]


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no {name!r}")
