"""Rounds: draw spans, assign them to coders and report their progress."""
