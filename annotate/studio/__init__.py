"""Label Studio: start it, send tasks to it and fetch the answers."""
