"""What all commands share: opening the study, and printing."""
