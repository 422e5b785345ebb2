"""Feeds: poll RSS, Atom and JSON feeds politely and fetch the new articles."""
