"""Plans of a study, frozen before its main draw: what will be compared, with how many spans, by which rules."""
