"""The trained model of a study and its suggestions for spans that nobody has coded."""
