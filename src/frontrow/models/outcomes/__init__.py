"""Several outcomes of a title for a viewer: whether it is played, and what comes of it; each calibrated."""
