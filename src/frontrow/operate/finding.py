"""What the doctor says of one thing."""

from __future__ import annotations

from typing import Literal

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at: `level` ok, warn or fail; what was found; how to mend it ("" if nothing is to)."""

    level: Literal["ok", "warn", "fail"]
    check: str
    message: str
    mend: str = ""
