"""HTTP: a thin face."""
