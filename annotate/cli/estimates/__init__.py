"""Commands that estimate and plan."""
