"""What an evaluation of a classifier measured: the nouns that models/ makes and annotate/report shows."""

from .evaluation import Evaluation

__all__ = ["Evaluation"]
