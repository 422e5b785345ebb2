"""The results of an evaluation of a classifier, which models/ computes and annotate/report shows."""

from .evaluation import Evaluation

__all__ = ["Evaluation"]
