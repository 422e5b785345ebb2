"""Take articles and coders out of a study for good."""
