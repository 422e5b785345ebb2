"""Text by itself: terms, sentences, boilerplate, markup and language."""
