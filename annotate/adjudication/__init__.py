"""Adjudication: final codes for disputed spans, and answers that may be mistakes."""
