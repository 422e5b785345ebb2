"""Training data: coded spans as datasets, their folds, and the codes that count as correct."""
