"""The console: a profile's features as they move."""

from __future__ import annotations

import msgspec

from frontrow.api.calls.viewer import HTML
from frontrow.api.route import Call, Reply
from frontrow.web.console import features_page, features_part
from frontrow.web.statics import HEADERS


class FeaturesQuery(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Whose features."""

    profile_id: str


def features(call: Call) -> Reply:
    """The page."""
    return Reply(features_page(call.service.engine.features(call.asked.profile_id)), HTML, HEADERS)


def table(call: Call) -> Reply:
    """The table alone, for the page to follow."""
    return Reply(features_part(call.service.engine.features(call.asked.profile_id)), HTML, HEADERS)
