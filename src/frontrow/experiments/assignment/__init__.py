"""Who is in which arm: pure hashing, the same on every machine; no lock, no clock, no input or output."""
