"""Add articles to a study, cut them into spans, and split texts that hold several articles."""
