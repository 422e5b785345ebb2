"""The arithmetic of estimates, on arrays: weights of draws, corrected shares, differences and regressions."""
