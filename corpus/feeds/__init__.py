"""Feeds: asked politely for new articles, and what was fetched."""
