"""Answers to an estimate besides those of single coders: settled ones, and those that are missing."""
