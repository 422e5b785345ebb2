"""Sheets: a coder's queue as a workbook, out and back in."""
