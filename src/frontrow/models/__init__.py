"""Generators and their blend: fit, score, save, load; versioned artifacts."""
