"""Evaluate classifiers on outlets that they were not trained on."""
