"""Events: which articles tell of the same happening."""
