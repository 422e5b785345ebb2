"""The report: a page of its own that shows a study to a reader who has never seen the tool."""

from .study_page import page

__all__ = ["page"]
