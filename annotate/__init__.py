"""The human side: the command line, and the pages that people look at."""
