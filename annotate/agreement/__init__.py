"""Agreement: how far coders give the same answers, and where they differ."""
