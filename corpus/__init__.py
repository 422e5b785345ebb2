"""The ground floor of Slantwise: articles, spans and annotations, and the store that holds them."""

from typing import Any

__all__ = ["Study"]


def __getattr__(name: str) -> Any:
    if name == "Study":  # imported on first use, because the database library would slow down `slantwise --help`
        from .study import Study

        return Study
    raise AttributeError(f"module 'corpus' has no {name!r}")
