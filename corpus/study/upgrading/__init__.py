"""Bring the store of an earlier version of Slantwise up to date, with all that is in it."""
