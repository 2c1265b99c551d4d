"""Pages, and why what is on them is there."""

from __future__ import annotations

from frontrow.api.route import Call
from frontrow.recommend.answers import Explanation, Features, Page, Rows


def home(call: Call) -> Page:
    """A home page."""
    return call.engine.home(call.asked)


def further_rows(call: Call) -> Rows:
    """More rows of a page that was served."""
    return call.engine.rows(call.ids[0], call.asked)


def explain(call: Call) -> Explanation:
    """Why a title is shown to a profile, or why not."""
    profile_id, title_id = call.ids
    return call.service.engine.explain(profile_id, title_id, call.asked)


def features(call: Call) -> Features:
    """What is known of a profile, feature by feature."""
    return call.service.engine.features(call.ids[0])
