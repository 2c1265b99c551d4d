"""A catalogue and viewers to ask pages for, made from a seed and brought in by the front door."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

GENRES = ["Drama", "Comedy", "Crime", "Thriller", "Documentary", "Family", "Romance", "Action", "Science Fiction",
          "Horror", "History", "Music", "Sport", "Animation", "Mystery", "Western"]  # fmt: skip
WORDS = ["harbour", "winter", "ferry", "glass", "north", "orchard", "signal", "paper", "river", "night", "stone",
         "summer", "garden", "echo", "mirror", "lantern", "bridge", "island", "letter", "train"]  # fmt: skip
COUNTRIES = ["SE", "DE", "FR", "US"]
TASTES = 24
PER_VIEWER = 60


def write_world(folder: Path, titles: int, viewers: int, seed: int = 0, now: datetime | None = None) -> None:
    """`titles.jsonl`, `profiles.jsonl` and `events.jsonl` in `folder`, for `frontrow import tables`.

    Viewers and titles have hidden tastes, so that collaborative filtering finds something; popularity follows a power
    law. The newest event is some hours before `now`.
    """
    rng = np.random.default_rng(seed)
    now = now or datetime.now(UTC)
    folder.mkdir(parents=True, exist_ok=True)
    taste = rng.integers(0, TASTES, titles)
    weight = 1 / np.arange(10, titles + 10) ** 0.9
    rng.shuffle(weight)
    _write_titles(folder / "titles.jsonl", taste, rng, now)
    with (folder / "profiles.jsonl").open("w") as out:
        for viewer in range(viewers):
            country = COUNTRIES[viewer % len(COUNTRIES)]
            out.write(json.dumps({"profile_id": f"v-{viewer}", "country": country, "language": "en"}) + "\n")
    by_taste = [np.flatnonzero(taste == which) for which in range(TASTES)]
    with (folder / "events.jsonl").open("w") as out:
        number = 0
        for viewer in range(viewers):
            liked = np.concatenate([by_taste[which] for which in rng.choice(TASTES, 3, replace=False)])
            chance = weight[liked] / weight[liked].sum()
            seen = rng.choice(liked, min(PER_VIEWER, len(liked)), replace=False, p=chance)
            hours = np.sort(rng.uniform(6, 90 * 24, len(seen)))[::-1]
            for title, ago in zip(seen, hours, strict=True):
                watched = float(rng.choice([0.95, 0.95, 0.95, 0.5]))
                event = {
                    "event_id": f"e-{number}", "type": "stop", "profile_id": f"v-{viewer}", "title_id": f"t-{title}",
                    "at": (now - timedelta(hours=float(ago))).isoformat(), "playback_id": f"p-{number}",
                    "device": "tv", "seconds": round(watched * 6000), "fraction": watched,
                }  # fmt: skip
                out.write(json.dumps(event) + "\n")
                number += 1


def _write_titles(path: Path, taste: np.ndarray, rng: np.random.Generator, now: datetime) -> None:
    with path.open("w") as out:
        for number, which in enumerate(taste):
            first = GENRES[which % len(GENRES)]
            second = GENRES[int(rng.integers(len(GENRES)))]
            words = rng.choice(WORDS, 3, replace=False)
            title = {
                "title_id": f"t-{number}",
                "name": f"The {words[0].title()} {words[1].title()} {number}",
                "synopsis": f"A {first.lower()} of {words[2]} and {words[0]}, and of what the {words[1]} hides.",
                "year": int(rng.integers(1960, 2027)),
                "genres": list(dict.fromkeys([first, second])),
                "tags": {str(words[2]): 0.8, f"taste-{which}": 0.6},
                "people": [{"name": f"Person {int(person)}", "role": "cast"} for person in rng.integers(0, 3000, 3)],
                "runtime_minutes": 100,
                "maturity": int(rng.choice([0, 7, 12, 16])),
                "origin_countries": [COUNTRIES[int(rng.integers(len(COUNTRIES)))]],
                "added_at": (now - timedelta(days=float(rng.uniform(0, 900)))).isoformat(),
            }
            out.write(json.dumps(title) + "\n")
