"""Wording: keywords in context, term frequencies, and the changes between two texts."""
