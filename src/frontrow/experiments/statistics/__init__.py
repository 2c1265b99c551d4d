"""Experiment statistics one can trust: valid at every look, checked before read, said in words."""
