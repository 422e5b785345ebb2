"""Measures: scores with their intervals, calibration, and how well one coder does."""
