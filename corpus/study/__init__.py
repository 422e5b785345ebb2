"""A study: its folder, its settings and its database."""

from .study import Study

__all__ = ["Study"]
