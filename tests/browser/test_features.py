"""The console: a profile's features move while somebody watches."""

from __future__ import annotations

import http.client
import json
import re
from datetime import UTC, datetime

from playwright.sync_api import expect


def post(service, **event):
    link = http.client.HTTPConnection(service.host, timeout=20)
    link.request("POST", "/v1/events", json.dumps({"events": [event]}), {"Content-Type": "application/json"})
    answer = link.getresponse()
    told = json.loads(answer.read())
    link.close()
    assert (answer.status, told["accepted"]) == (202, 1), told


def test_features_move_as_events_arrive(visit):
    profile = f"watched <b>{visit.size}</b>"
    at = datetime.now(UTC).isoformat()
    post(visit.service, event_id=f"f0-{visit.size}", type="session_start", profile_id=profile, at=at)
    page = visit.open(f"/console/features?profile_id={profile}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(profile)
    plays = page.locator('.line[data-name="plays"]')
    expect(plays.locator("li").first).to_contain_text(re.compile("1h.*0"))
    title = page.evaluate("fetch('/v1/titles?limit=1').then((a) => a.json()).then((a) => a.titles[0].title_id)")
    post(visit.service, event_id=f"f1-{visit.size}", type="stop", profile_id=profile, at=at, title_id=title,
         seconds=4000, fraction=0.95, device="tv")  # fmt: skip
    expect(plays).to_have_class(re.compile("moved"))
    expect(plays.locator("li").first).to_contain_text(re.compile("1h.*1"))
    expect(page.locator('.line[data-name="recent_titles"] .value')).to_have_text(title)
    visit.accessible("features")
    visit.shot("features")
