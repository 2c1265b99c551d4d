"""Logs: JSON lines on stderr, one a request, without ids of profiles, texts of errors or values of variables."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from typing import Any, BinaryIO, cast

import msgspec
import structlog

_FRAMES = 8
_LEVELS = ("debug", "info", "warning", "error")
LEVEL = "FRONTROW_LOG"
"""Names the least level that is written: debug, info (the default), warning or error."""


def configure_logging() -> None:
    """For a process that serves. A line is one write, so lines of several workers do not mix."""
    level = os.environ.get(LEVEL, "info").lower()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(serializer=_encode),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level if level in _LEVELS else "info"),
        logger_factory=structlog.BytesLoggerFactory(file=cast("BinaryIO", _Unfailing(sys.stderr.buffer))),
        cache_logger_on_first_use=True,
    )


class _Unfailing:
    """A file whose writes may come to nothing: logs may lie on the disk that is full, and no answer may fail of it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, line: bytes) -> int:
        with contextlib.suppress(OSError):
            return self._file.write(line)
        return 0

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._file.flush()


def _encode(event: Any, **_: object) -> bytes:
    return msgspec.json.encode(event, enc_hook=str)


def where_it_failed(error: BaseException) -> dict[str, object]:
    """An error's kind and the lines that led to it. Not its text: that may quote what a viewer sent."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return {
        "error": type(error).__name__,
        "lines": [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames],
    }
