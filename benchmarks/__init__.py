"""Benchmarks: what was measured, and how; their results are kept beside them."""
