"""Whether pages stay what they were: run before a change and after it, on the same world.

    python benchmarks/page/same.py --kept /tmp/pages.json [--titles 1000] [--pages 300]

Makes the bench's world from its seed, at a fixed moment, with ids drawn from a seed; asks for pages, further rows,
lists, similar titles, searches and explanations; and writes them all to --kept, or compares them with what is there.
Exits 1 and names the first difference when any answer differs in any byte.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from world import write_world

NOW = datetime(2026, 6, 1, tzinfo=UTC)
COUNTRIES = (None, "SE", "DE", "ZZ")


def main() -> None:
    """Makes or compares the answers."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--kept", type=Path, required=True, help="answers kept, as JSON")
    asked.add_argument("--titles", type=int, default=1000)
    asked.add_argument("--pages", type=int, default=300)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="frontrow-same-") as folder:
        found = {name: json.loads(body) for name, body in answers(Path(folder), options.titles, options.pages)}
    if not options.kept.exists():
        options.kept.write_text(json.dumps(found))
        print(f"{len(found)} answers kept")
        return
    kept = json.loads(options.kept.read_text())
    differing = sorted(name for name in kept.keys() | found.keys() if kept.get(name) != found.get(name))
    if differing:
        sys.exit(f"{len(differing)} of {len(kept)} answers differ, the first: {differing[0]}")
    print(f"{len(found)} answers, all the same")


def answers(folder: Path, titles: int, pages: int) -> Iterator[tuple[str, bytes]]:
    """(name, JSON) of every answer."""
    from frontrow import wiring
    from frontrow.core.clock import Micros
    from frontrow.recommend.request import HomeRequest, ListRequest, RowsRequest, SearchRequest, SimilarRequest
    from frontrow.workspace import Workspace

    write_world(folder / "tables", titles, pages, now=NOW)
    workspace = Workspace.init(folder / "workspace")
    workspace.import_tables(folder / "tables")
    workspace.train(seed=1)
    workspace.close()
    real, os.urandom = os.urandom, random.Random(7).randbytes
    parts = wiring.assemble(folder / "workspace", wall=lambda: Micros(int(NOW.timestamp()) * 1_000_000))
    encode: Any = msgspec.json.Encoder().encode
    try:
        engine = parts.engine
        engine.refresh()
        version = engine.rooms.views.model_version.encode()
        for n in range(pages):
            viewer = f"v-{n}" if n % 17 else f"nobody-{n}"
            columns = 4 + n % 72 if n % 3 else 20
            page = engine.home(
                HomeRequest(profile_id=viewer, rows=1 + n % 40, columns=columns, country=COUNTRIES[n % 4])
            )
            for name, answer in {
                "page": page,
                "further": engine.rows(page.page_id, RowsRequest(rows=40)),
                "list": engine.recommendations(ListRequest(profile_id=viewer, n=50)),
                "similar": engine.similar(f"t-{n}", SimilarRequest(profile_id=viewer)),
                "search": engine.search(SearchRequest(q="glass ferry", profile_id=viewer)),
                "why": engine.explain(viewer, f"t-{n}"),
            }.items():
                yield f"{name} {n}", encode(answer).replace(version, b"(model)")
    finally:
        parts.close()
        os.urandom = real


if __name__ == "__main__":
    main()
