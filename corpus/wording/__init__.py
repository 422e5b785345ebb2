"""How texts word things: keywords in context, term frequencies, what changed between two texts."""
