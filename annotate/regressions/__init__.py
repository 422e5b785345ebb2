"""Models of codes on covariates: formulas, what a study knows of its spans, refusals, and the results."""
