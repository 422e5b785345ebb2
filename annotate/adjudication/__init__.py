"""Adjudication: final codes for disputed spans, and answers that look like mistakes."""
