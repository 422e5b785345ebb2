"""Estimates of a study: which spans, answers and predictions enter them, what is refused, and the results."""
