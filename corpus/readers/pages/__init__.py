"""What a web page states of itself."""
