"""Whose words a span is in: the outlet's own or somebody else's."""
