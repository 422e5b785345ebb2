"""Agreement: how far coders answer alike, and on what they differ."""
