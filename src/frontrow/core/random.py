"""Random streams that depend on a seed, a purpose and a key, never on call order."""

from __future__ import annotations

import hashlib

import numpy as np


def stable_hash(*parts: str | int) -> int:
    """64 unsigned bits of BLAKE2b over the parts; the same on every machine, Python and run."""
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        data = str(part).encode()
        digest.update(len(data).to_bytes(4, "little") + data)
    return int.from_bytes(digest.digest(), "little")


def stream(seed: int, purpose: str, key: str | int = "") -> np.random.Generator:
    """A generator of its own for (seed, purpose, key): adding another stream moves none."""
    return np.random.Generator(np.random.PCG64(stable_hash(seed, purpose, key)))
