"""Where log lines go unless a program says otherwise: stderr, from warnings up, so that stdout holds answers alone."""

from __future__ import annotations

import logging
import sys


def log_to_stderr() -> None:
    """For a command, and for a program that opens a workspace and has not configured structlog itself; servers' workers
    set up their own."""
    import structlog

    if not structlog.is_configured():
        structlog.configure(
            wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
            logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        )
