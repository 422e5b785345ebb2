"""The human side: draw rounds, send them to coders, compare and adjudicate their answers, and write the pages.

from annotate import draw, agree
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .agreement.agreement import agree
    from .agreement.anchoring import measure_anchoring
    from .agreement.coder_training import compare_with_reference
    from .report.agreement_page import write_agreement_page
    from .report.coder_training_page import write_training_pages
    from .rounds.draw import draw
    from .rounds.progress import show_round
    from .rounds.rounds import list_rounds
    from .rounds.sample_size import plan_round
    from .sheets.workbook import export_workbooks

_WHERE = {
    "agree": "agreement.agreement",
    "compare_with_reference": "agreement.coder_training",
    "draw": "rounds.draw",
    "export_workbooks": "sheets.workbook",
    "list_rounds": "rounds.rounds",
    "measure_anchoring": "agreement.anchoring",
    "plan_round": "rounds.sample_size",
    "show_round": "rounds.progress",
    "write_agreement_page": "report.agreement_page",
    "write_training_pages": "report.coder_training_page",
}
__all__ = [
    "agree",
    "compare_with_reference",
    "draw",
    "export_workbooks",
    "list_rounds",
    "measure_anchoring",
    "plan_round",
    "show_round",
    "write_agreement_page",
    "write_training_pages",
]


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no {name!r}")
