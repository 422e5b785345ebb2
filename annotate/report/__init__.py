"""The HTML pages: the report of a study, agreement, evaluation, codebook booklet and coder training.

`annotate.report.write(study)` writes the report.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .study_page import write

__all__ = ["write"]


def __getattr__(name: str) -> Any:
    if name == "write":  # loaded on first use, like all that a front door hands out
        from .study_page import write

        return write
    raise AttributeError(f"module {__name__!r} has no {name!r}")
