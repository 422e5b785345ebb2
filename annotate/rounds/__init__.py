"""Rounds: which spans are drawn, who codes them, and how far the coders are."""
