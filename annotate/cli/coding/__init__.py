"""Commands for rounds, Label Studio, agreement and adjudication."""
