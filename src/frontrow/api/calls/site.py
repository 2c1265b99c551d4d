"""The server about itself: health, metrics, documentation."""

from __future__ import annotations

from frontrow.api import docs_page, metrics
from frontrow.api.records import Health
from frontrow.api.route import Call, Reply


def live(call: Call) -> Health:
    """The worker's loop turns."""
    return Health("live")


def ready(call: Call) -> Health:
    """The workspace is open. Without a trained model too: fallbacks serve."""
    return Health("ready")


def show_metrics(call: Call) -> Reply:
    """Sums over all workers."""
    return Reply(call.site.metrics.exposition(), metrics.CONTENT_TYPE)


def openapi(call: Call) -> Reply:
    """The table of routes as OpenAPI."""
    return Reply(call.site.documents["/openapi.json"], "application/json")


def docs(call: Call) -> Reply:
    """The table of routes as a page. It loads nothing from elsewhere and runs no script."""
    return Reply(call.site.documents["/docs"], "text/html; charset=utf-8", docs_page.HEADERS)


def docs_css(call: Call) -> Reply:
    """The page's style."""
    return Reply(call.site.documents["/docs.css"], "text/css; charset=utf-8", {"X-Content-Type-Options": "nosniff"})
