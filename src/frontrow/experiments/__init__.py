"""Experiments: who is in which arm, and what the numbers say."""
