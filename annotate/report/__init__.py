"""The HTML pages: the report of a study, agreement, evaluation, codebook booklet and coder training."""

from .study_page import write

__all__ = ["write"]
