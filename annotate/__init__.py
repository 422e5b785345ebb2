"""Human coding: draw rounds, send them to coders, compare and adjudicate their answers, and write the pages.

from annotate import draw, push, pull, agree, adjudicate
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .adjudication.adjudicate import adjudicate
    from .adjudication.adjudicators import pull_decisions, push_disputed
    from .adjudication.disputed import list_disputed
    from .adjudication.label_errors import find_doubtful
    from .agreement.agreement import agree
    from .agreement.coder_training import compare_with_reference
    from .agreement.study_verdicts import verdicts
    from .agreement.verdicts import weakest
    from .anchoring.anchoring import measure_anchoring
    from .estimates.estimate import estimate
    from .estimates.plan_estimate import plan_estimate
    from .estimates.robustness import check_robustness
    from .plans.frozen import freeze_plan, list_plans
    from .plans.plan_file import new_plan
    from .regressions.model import fit_model
    from .regressions.outlet_groups import compare_outlets
    from .regressions.uncoded import expect_uncoded
    from .report.agreement_page import write_agreement_page
    from .report.codebook_page import write_codebook_page
    from .report.coder_training_page import write_training_pages
    from .report.evaluation_page import write_evaluation_page
    from .report.robustness_page import write_robustness_page
    from .rounds.close import close_round
    from .rounds.draw import draw
    from .rounds.progress import show_round
    from .rounds.rounds import list_rounds
    from .rounds.sample_size import plan_round
    from .sheets.answer_files import import_answers
    from .sheets.workbook import export_workbooks
    from .studio.offline_files import export_label_studio
    from .studio.own_server import start_studio, stop_studio, studio_status
    from .studio.round_projects import check_round, pull, push

_WHERE = {
    "adjudicate": "adjudication.adjudicate",
    "agree": "agreement.agreement",
    "check_robustness": "estimates.robustness",
    "check_round": "studio.round_projects",
    "close_round": "rounds.close",
    "compare_outlets": "regressions.outlet_groups",
    "compare_with_reference": "agreement.coder_training",
    "draw": "rounds.draw",
    "estimate": "estimates.estimate",
    "expect_uncoded": "regressions.uncoded",
    "export_label_studio": "studio.offline_files",
    "export_workbooks": "sheets.workbook",
    "find_doubtful": "adjudication.label_errors",
    "fit_model": "regressions.model",
    "freeze_plan": "plans.frozen",
    "import_answers": "sheets.answer_files",
    "list_disputed": "adjudication.disputed",
    "list_plans": "plans.frozen",
    "list_rounds": "rounds.rounds",
    "measure_anchoring": "anchoring.anchoring",
    "new_plan": "plans.plan_file",
    "plan_estimate": "estimates.plan_estimate",
    "plan_round": "rounds.sample_size",
    "pull": "studio.round_projects",
    "pull_decisions": "adjudication.adjudicators",
    "push": "studio.round_projects",
    "push_disputed": "adjudication.adjudicators",
    "show_round": "rounds.progress",
    "start_studio": "studio.own_server",
    "stop_studio": "studio.own_server",
    "studio_status": "studio.own_server",
    "verdicts": "agreement.study_verdicts",
    "weakest": "agreement.verdicts",
    "write_agreement_page": "report.agreement_page",
    "write_codebook_page": "report.codebook_page",
    "write_evaluation_page": "report.evaluation_page",
    "write_robustness_page": "report.robustness_page",
    "write_training_pages": "report.coder_training_page",
}
__all__ = [
    "adjudicate",
    "agree",
    "check_robustness",
    "check_round",
    "close_round",
    "compare_outlets",
    "compare_with_reference",
    "draw",
    "estimate",
    "expect_uncoded",
    "export_label_studio",
    "export_workbooks",
    "find_doubtful",
    "fit_model",
    "freeze_plan",
    "import_answers",
    "list_disputed",
    "list_plans",
    "list_rounds",
    "measure_anchoring",
    "new_plan",
    "plan_estimate",
    "plan_round",
    "pull",
    "pull_decisions",
    "push",
    "push_disputed",
    "show_round",
    "start_studio",
    "stop_studio",
    "studio_status",
    "verdicts",
    "weakest",
    "write_agreement_page",
    "write_codebook_page",
    "write_evaluation_page",
    "write_robustness_page",
    "write_training_pages",
]


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
    if name == "report":  # so that `annotate.report.write` needs no import of its own
        return importlib.import_module(f"{__name__}.report")
    raise AttributeError(f"module {__name__!r} has no {name!r}")
