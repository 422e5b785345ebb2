"""The command line: a folder or file for each group of commands; only it imports both models and annotate."""
