"""Annotations: recorded, read again under a new codebook version, and written to files for others."""
