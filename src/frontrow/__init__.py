"""Frontrow: a personalization engine for streaming services."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from frontrow.workspace import Workspace

__version__ = "0.1.0"
__all__ = ["Workspace", "__version__"]


def __getattr__(name: str) -> object:
    # Late, so that `frontrow --help` need not load numpy and polars.
    if name == "Workspace":
        from frontrow.workspace import Workspace

        return Workspace
    raise AttributeError(f"module 'frontrow' has no attribute {name!r}")
