"""Shared by all commands: opening the study, and printing."""
