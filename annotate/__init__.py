"""The human side: draw rounds, send them to coders, compare and adjudicate their answers, and write the pages.

from annotate import draw
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .rounds.draw import draw

_WHERE = {
    "draw": "rounds.draw",
}
__all__ = ["draw"]


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no {name!r}")
