"""Training: what is held out, every model fitted, how they are joined learned, and all fitted again."""
