"""Protocols, metrics, comparison."""
