"""What classifiers learn from: coded spans as datasets, their folds, and the codes that count as right."""
