"""Anchoring: the effect that seeing a suggestion has on coders."""
