"""Label Studio: started, filled with tasks and read back."""
