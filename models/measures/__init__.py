"""Scores with their intervals, calibration, and the F1 of human coders."""
