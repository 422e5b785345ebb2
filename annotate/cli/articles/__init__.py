"""Commands for articles, codebooks, copies, events and terms."""
