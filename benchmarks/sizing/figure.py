"""The sizing table as a figure: small multiples, one bar a size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

PANELS = (
    ("disk_gb", "Disk, GB", 1.0),
    ("memory_gb_largest", "Memory, GB", 1.0),
    ("cores_per_1000_events_s", "Cores per 1,000 events/s", 1.0),
    ("cores_per_100_pages_s", "Cores per 100 pages/s", 1.0),
)
WIDE, HIGH, LEFT, TOP, BAR = 760, 210, 16, 40, 26


def draw(sizes: Sequence[dict[str, Any]]) -> str:
    """An SVG with a panel for each of PANELS; bars of a panel share a scale from 0."""
    width = (WIDE - LEFT) // len(PANELS)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" role="img" font-family="sans-serif"'
        ' font-size="12"><title>What a service needs, by its number of profiles</title>'
        f'<rect width="{WIDE}" height="{HIGH}" fill="#fff"/>'
    ]
    for place, (name, title, unit) in enumerate(PANELS):
        left, most = LEFT + place * width, max(size[name] for size in sizes) or 1
        parts.append(f'<text x="{left}" y="24" font-weight="bold" fill="#222">{title}</text>')
        for row, size in enumerate(sizes):
            top, value = TOP + row * 2 * BAR, size[name] / unit
            length = max(1, round((width - 70) * size[name] / most))
            parts.append(
                f'<text x="{left}" y="{top + 10}" fill="#555">{size["profiles"]:,} profiles</text>'
                f'<rect x="{left}" y="{top + 15}" width="{length}" height="{BAR - 8}" fill="#3b6ea5"/>'
                f'<text x="{left + length + 6}" y="{top + 29}" fill="#222">{value:g}</text>'
            )
    return "\n".join([*parts, "</svg>"]) + "\n"
