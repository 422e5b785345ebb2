"""Tasks: build what a coder sees in Label Studio, and store the answers."""
