"""Marking: how far coders agree on which words are mentions, where they mark the mentions themselves."""
