"""The ground floor: the nouns, the texts and the store."""

from typing import Any

__all__ = ["Study"]


def __getattr__(name: str) -> Any:
    if name == "Study":  # at first use: `slantwise --help` must not wait for the database library
        from .study import Study

        return Study
    raise AttributeError(f"module 'corpus' has no {name!r}")
