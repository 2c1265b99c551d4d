"""Log lines: as the program has configured structlog, and where it has not to stderr, from warnings up, so that stdout
holds answers alone. Nothing of the program's own logging is touched."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

_QUIET = structlog.make_filtering_bound_logger(logging.WARNING)


class Log:
    """A logger of this name, bound anew for each line: a server's workers configure theirs after it was made."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, method: str) -> Any:
        if structlog.is_configured():
            return getattr(structlog.get_logger(self._name), method)
        return getattr(structlog.wrap_logger(structlog.PrintLogger(sys.stderr), wrapper_class=_QUIET), method)
