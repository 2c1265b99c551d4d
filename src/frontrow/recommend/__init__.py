"""Which titles, in which rows, in which order, and why."""
