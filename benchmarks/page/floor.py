"""The floor of a page: what no page can avoid, on one core.

One product of a user vector with a 10,000 x 128 float32 matrix, the 500 best, and the JSON of 400 items. Page latencies
are quoted as multiples of this, measured in the same run.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import time

import msgspec
import numpy as np

TITLES, WIDTH, BEST, ITEMS, ROUNDS = 10_000, 128, 500, 400, 500


class FloorReason(msgspec.Struct):
    """As an item's reason."""

    code: str
    text: str
    because: list[str]


class FloorItem(msgspec.Struct):
    """As an item of a page."""

    title_id: str
    name: str
    column: int
    score: float
    source: str
    reason: FloorReason


def floor_ms(rounds: int = ROUNDS) -> tuple[float, float]:
    """p50 and p99 of the loop, in milliseconds."""
    rng = np.random.default_rng(0)
    titles = rng.standard_normal((TITLES, WIDTH), dtype=np.float32)
    viewers = rng.standard_normal((rounds + 20, WIDTH), dtype=np.float32)
    reason = FloorReason("because_you_watched", "Because you watched The Long Harbour", ["t-0012"])
    items = [FloorItem(f"t-{n:04}", "The name of a title", n % 20, 0.5, "linear", reason) for n in range(ITEMS)]
    encode = msgspec.json.Encoder().encode
    took = []
    for viewer in viewers:
        started = time.perf_counter()
        scores = titles @ viewer
        np.argpartition(-scores, BEST)[:BEST]
        encode(items)
        took.append((time.perf_counter() - started) * 1e3)
    p50, p99 = np.percentile(took[20:], [50, 99])
    return float(p50), float(p99)


if __name__ == "__main__":
    print("floor p50 {:.3f} ms, p99 {:.3f} ms".format(*floor_ms()))
