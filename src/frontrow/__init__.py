"""Frontrow: a personalization engine for streaming services."""

__version__ = "0.1.0"
