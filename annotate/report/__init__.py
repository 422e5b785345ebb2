"""The HTML pages: the report of a study, agreement, evaluation, codebook booklet and coder training."""

from .evaluation_page import write_evaluation
from .study_page import write

__all__ = ["write", "write_evaluation"]
