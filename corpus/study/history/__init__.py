"""What changed a study, and what was taken out of it."""
