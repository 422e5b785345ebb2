"""Text processing that needs no study: terms, sentences, boilerplate, markup and language detection."""
