"""Evaluation: what a classifier is worth on outlets that it has never seen."""
