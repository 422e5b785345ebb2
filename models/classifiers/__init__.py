"""Classifiers of spans: the fine-tuned encoder, the head on a frozen one, and the baselines."""
