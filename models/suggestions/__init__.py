"""Suggestions: a study's trained model and what it says of spans that nobody has coded."""
