"""Ways in for data that others wrote: MovieLens, tables."""
