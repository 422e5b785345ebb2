"""Record annotations, migrate them to a new codebook version, export them, and import public data."""
