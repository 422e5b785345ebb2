"""Commands about articles, codebooks, copies, events and terms."""
