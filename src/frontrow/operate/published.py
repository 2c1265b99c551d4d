"""Published model versions, for people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from frontrow.core.clock import format_time
from frontrow.models.artifact import Manifest, current_version


def published(folder: Path) -> list[dict[str, Any]]:
    """All versions in a models folder, newest first: version, whether it serves, when it was made and until which
    events, what went in, validation metrics."""
    current = current_version(folder)
    found = []
    for path in sorted(folder.glob("*/manifest.json"), reverse=True):
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
        found.append(
            {
                "version": manifest.version,
                "serves": manifest.version == current,
                "created_at": manifest.created_at,
                "until": format_time(manifest.until),
                "interactions": manifest.counts.get("interactions", 0),
                "validation": manifest.validation,
            }
        )
    return found
