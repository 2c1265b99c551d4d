"""Where log lines go while a command runs: stderr, so that stdout holds the answer alone; from warnings up."""

from __future__ import annotations

import logging
import sys


def log_to_stderr() -> None:
    """For the whole process; servers' workers set up their own."""
    import structlog

    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
