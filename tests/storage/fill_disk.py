"""Posts batches until the disk takes no more, then frees it and posts again. Run by test_full_disk.

    python fill_disk.py FOLDER BYTES

The disk is a limit of file sizes: writes past it fail, in the middle of a transaction as likely as not.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "events"))
from world import World, event

from frontrow.core.errors import Unavailable

BATCH = 200


def main(folder: Path, limit: int) -> None:
    world = World(folder)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    acknowledged: list[str] = []
    refused = 0
    for number in range(1_000):
        batch = [f"e{number}-{n}" for n in range(BATCH)]
        events = [event(each, f"p{n % 50}", context={"padding": "x" * 200}) for n, each in enumerate(batch)]
        try:
            world.post(*events)
        except Unavailable:
            refused += 1
            if refused == 3:
                break
        else:
            acknowledged += batch
    full = {"held": world.store.log.count(), "damage": world.store.check()}
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    healed = world.post(event("after", "p1")).accepted
    held = [each.event_id for each in world.store.log.everything()]
    print(json.dumps({  # noqa: T201 - the answer
        "acknowledged": acknowledged, "refused": refused, "full": full, "healed": healed, "held": held,
        "damage": world.store.check(),
    }))  # fmt: skip
    world.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
