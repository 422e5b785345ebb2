"""Columns, cells and separators of tables."""
