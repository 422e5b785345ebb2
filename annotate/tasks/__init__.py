"""Tasks: what a coder is shown and asked, and the answers into the store."""
