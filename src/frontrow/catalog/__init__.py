"""Titles, tags, rights windows, artwork, filters."""
