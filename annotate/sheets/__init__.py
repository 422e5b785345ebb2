"""Sheets: write a coder's queue as a workbook, and read it back."""
