"""Copy groups: which articles are copies or near-copies of one text."""
