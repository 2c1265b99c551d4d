"""One example request for every call that takes one; the tests send each of them."""

from __future__ import annotations

from typing import Any, Final

Example = dict[str, Any]

EVENTS: Final[Example] = {
    "events": [
        {
            "event_id": "3f2b8c51-play-1",
            "type": "stop",
            "profile_id": "ana",
            "title_id": "long-harbour",
            "at": "2026-03-20T20:45:00+01:00",
            "playback_id": "pb-1",
            "device": "tv",
            "seconds": 2700,
            "fraction": 0.45,
        }
    ]
}
HOME: Final[Example] = {
    "profile_id": "ana",
    "device": "tv",
    "country": "SE",
    "language": "sv",
    "rows": 5,
    "columns": 10,
}
EXPLAIN: Final[Example] = {"device": "tv"}
ROWS: Final[Example] = {"after": "1-top_picks", "rows": 5}
RECOMMENDATIONS: Final[Example] = {
    "profile_id": "ana",
    "n": 10,
    "horizon": "days=30",
    "filter": {
        "all": [{"field": "kind", "op": "eq", "value": "movie"}, {"field": "genres", "op": "has", "value": "Drama"}]
    },
    "exclude_ids": ["long-harbour"],
    "diversity": 0.2,
}
RANK: Final[Example] = {"profile_id": "ana", "title_ids": ["long-harbour", "night-ferry"]}
SEARCH: Final[Example] = {"q": "harbour", "profile_id": "ana", "n": 5}
SIMILAR: Final[Example] = {"n": 5, "profile_id": "ana"}
TITLES: Final[Example] = {
    "titles": [
        {
            "title_id": "long-harbour",
            "name": "The Long Harbour",
            "year": 2024,
            "genres": ["Drama"],
            "runtime_minutes": 100,
            "maturity": 12,
            "windows": [{"countries": ["SE", "DE"], "from": "2026-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z"}],
        }
    ]
}
TITLES_PATCH: Final[Example] = {"titles": [{"title_id": "long-harbour", "maturity": None, "tags": {"sea": 0.9}}]}
TITLES_LIST: Final[Example] = {"limit": 50}
PROFILES: Final[Example] = {
    "profiles": [
        {"profile_id": "ana", "country": "SE", "language": "sv", "timezone": "Europe/Stockholm", "plan": "basic"}
    ]
}
PROFILES_PATCH: Final[Example] = {"profiles": [{"profile_id": "ana", "consent": {"personalization": False}}]}
FRONT: Final[Example] = {"profile": "ana"}
FEATURES: Final[Example] = {"profile_id": "ana"}
PART: Final[Example] = {"profile_id": "ana", "device": "tv"}
MERGE: Final[Example] = {"from_profile_id": "anonymous-7f3a"}
EXPERIMENT: Final[Example] = {
    "hypothesis": "Fewer rows that explain themselves leave more room for what viewers pick",
    "unit": "profile",
    "audience": {"country": {"$in": ["SE", "DE"]}},
    "arms": [
        {"key": "control", "weight": 0.5},
        {"key": "two-rows", "weight": 0.5, "overrides": {"tuning.because_rows": 2}},
    ],
    "primary": "viewing_time",
    "guardrails": [{"metric": "hides", "margin": 0.05}],
    "minimal_effect": 0.02,
}
FLAGS: Final[Example] = {"context": {"targetingKey": "ana", "app": "2.10.0"}}
