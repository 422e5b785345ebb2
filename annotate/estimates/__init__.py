"""Estimates: corrected shares, differences and regressions from coded spans and a classifier's predictions."""
