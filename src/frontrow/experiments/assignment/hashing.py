"""FNV-1a and the two versions of GrowthBook's bucket hash.

FNV: Fowler, Noll and Vo, http://www.isthe.com/chongo/tech/comp/fnv. Characters are hashed by UTF-16 code unit, as
GrowthBook's reference SDK in JavaScript does, so that an app that hashes by itself finds the same arm for any id.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

OFFSET: Final = 0x811C9DC5
PRIME: Final = 0x01000193
MASK: Final = 0xFFFFFFFF
BUCKETS: Final = 10_000
"""Resolution of version 2: shares are kept to 1/10,000."""


def code_units(text: str) -> Sequence[int]:
    """The UTF-16 code units of `text`; lone surrogates are kept."""
    if text.isascii():
        return text.encode("ascii")
    return memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H").tolist()


def fnv1a32(units: Sequence[int], state: int = OFFSET) -> int:
    """32-bit FNV-1a of code units. `state` continues a hash: what comes first can be hashed once and kept."""
    for unit in units:
        state = ((state ^ unit) * PRIME) & MASK
    return state


def bucket_of(state: int) -> float:
    """Version 2's bucket for the hash of seed and value: a multiple of 1/10,000 in [0, 1).

    The hash is hashed once more, as decimal text, because FNV's last characters reach only its low bits: without it,
    ids that differ in the last digit land in related buckets, and two experiments share their arms.
    """
    digits = str(state)
    if len(digits) < _KNOWN:
        return fnv1a32(digits.encode("ascii")) % BUCKETS / BUCKETS
    return fnv1a32(digits[_KNOWN:].encode("ascii"), _BEGUN[int(digits[:_KNOWN])]) % BUCKETS / BUCKETS


_KNOWN: Final = 4
_BEGUN: Final = tuple(fnv1a32(f"{number:04d}".encode("ascii")) for number in range(10**_KNOWN))
"""The hash of a decimal text's first four digits: seven in ten states have ten, so that six are left to go through."""


def bucket_hash(seed: str, value: str, version: int) -> float | None:
    """GrowthBook's `hash`: in [0, 1), of resolution 1/1,000 (version 1) or 1/10,000 (version 2); None: no such version.

    Version 1 keeps old experiments in place; its buckets correlate between experiments, so new ones take version 2.
    """
    if version == 2:
        return bucket_of(fnv1a32(code_units(seed + value)))
    if version == 1:
        return fnv1a32(code_units(value + seed)) % 1000 / 1000
    return None
