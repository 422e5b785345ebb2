"""The classifier: train it on a study's annotations, evaluate it on outlets it has not seen, and suggest codes.

from models import train, evaluate, suggest
"""

import importlib
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .evaluation.benchmark import BenchmarkSettings, benchmark
    from .evaluation.cross_fitting import cross_fitted_probabilities
    from .evaluation.evaluate import evaluate
    from .suggestions.checkpoint import train
    from .suggestions.cross_fit import cross_fit
    from .suggestions.suggest import suggest
    from .suggestions.word_shares import word_shares

# Set before torch starts its threads. By default waiting threads spin, and while another program is busy training then
# took five times as long; sleeping threads share the processor.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

_WHERE = {
    "BenchmarkSettings": "evaluation.benchmark",
    "benchmark": "evaluation.benchmark",
    "cross_fit": "suggestions.cross_fit",
    "cross_fitted_probabilities": "evaluation.cross_fitting",
    "evaluate": "evaluation.evaluate",
    "suggest": "suggestions.suggest",
    "train": "suggestions.checkpoint",
    "word_shares": "suggestions.word_shares",
}
__all__ = [
    "BenchmarkSettings",
    "benchmark",
    "cross_fit",
    "cross_fitted_probabilities",
    "evaluate",
    "suggest",
    "train",
    "word_shares",
]


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no {name!r}")
