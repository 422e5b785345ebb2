"""Commands that train, evaluate and use the classifier, and the benchmarks."""
