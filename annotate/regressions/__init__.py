"""Models of codes on covariates, and groups of outlets: what is asked of a study, refusals, and the results."""
