"""Commands that train, evaluate and suggest."""
