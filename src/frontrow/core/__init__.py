"""Ids, time, randomness, settings, errors: what every room stands on."""
