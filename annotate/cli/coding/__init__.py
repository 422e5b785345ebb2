"""Commands about rounds, Label Studio, agreement and adjudication."""
