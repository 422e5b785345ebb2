"""Events: which articles report the same event."""
