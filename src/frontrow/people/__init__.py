"""Profiles, consent, pseudonyms, and the protocol of erasure."""
