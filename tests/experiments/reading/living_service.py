"""A small service that lives through an experiment: viewers with a past, pages served, things watched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from frontrow import Workspace
from frontrow.core.clock import DAY, HOUR, MINUTE, format_time

BEGIN = 20_000 * DAY
ARMS = [{"key": "control", "weight": 0.5}, {"key": "fewer", "weight": 0.5, "overrides": {"tuning.because_rows": 1}}]
DESIGN = {
    "hypothesis": "fewer rows, more watched",
    "arms": ARMS,
    "primary": "viewing_time",
    "guardrails": [{"metric": "diversity", "margin": 0.5}],
    "state": "running",
}


@dataclass
class Wall:
    """A wall clock that goes only where it is put."""

    now: int

    def __call__(self) -> int:
        return self.now


class LivingService:
    """`viewers` profiles with 30 days of past; `start` begins the experiment `x`, `live` a day in it."""

    def __init__(self, folder, viewers=240, seed=0):
        self.wall = Wall(BEGIN)
        self.folder = folder
        Workspace.init(folder).close()
        self.opened = Workspace.open(folder, wall=self.wall)
        self.random = np.random.default_rng(seed)
        self.ids = [f"v{number:03}" for number in range(viewers)]
        self.level = dict(zip(self.ids, self.random.gamma(4.0, 10.0, viewers), strict=True))
        self.arm: dict[str, str] = {}
        self.serial = self.round = 0
        titles = [{"title_id": f"t{n}", "name": f"Title {n}", "genres": [f"g{n % 4}"]} for n in range(40)]
        self.opened.put_titles(titles)
        self.opened.put_profiles(
            [{"profile_id": each, "country": ["SE", "NO"][at % 2]} for at, each in enumerate(self.ids)]
        )
        for day in range(0, 30, 3):
            self.wall.now = BEGIN + day * DAY
            self.watch({each: self.level[each] for each in self.ids}, self.wall.now)
        self.wall.now = BEGIN + 30 * DAY

    def watch(self, minutes, at):
        """Everybody watches one title for so long."""
        events = []
        self.round += 1
        for number, (profile, mean) in enumerate(minutes.items()):
            self.serial += 1
            length = float(mean * self.random.uniform(0.8, 1.25))
            title = f"t{(number + self.round) % 40}"
            common = {"profile_id": profile, "title_id": title, "playback_id": f"b{self.serial}"}
            ends = at + int(min(length, 600) * MINUTE)
            stop = {"seconds": length * 60, "fraction": 0.95}
            events += [
                {"event_id": f"e{self.serial}p", "type": "play", "at": format_time(at), **common},
                {"event_id": f"e{self.serial}s", "type": "stop", "at": format_time(ends), **common, **stop},
            ]
        for start in range(0, len(events), 1000):
            answer = self.opened.ingest(events[start : start + 1000])
            assert not answer.rejected, answer.rejected[:1]

    def start(self, **fields):
        """States and starts the experiment."""
        self.opened.register.put("x", DESIGN | fields, lambda _: True)

    def serve(self, ids=None):
        """A page for each; who got which arm."""
        for profile in self.ids if ids is None else ids:
            page = self.opened.home(profile, rows=3)
            if "x" in page.experiments:
                self.arm[profile] = page.experiments["x"]
        return self.arm

    def live(self, days=1, lift=1.0):
        """Days on which everybody is served a page and watches; the arm `fewer` `lift` times as much."""
        for _ in range(days):
            self.wall.now += 2 * HOUR
            self.serve()
            longer = {each: self.level[each] * (lift if self.arm.get(each) == "fewer" else 1.0) for each in self.ids}
            self.watch(longer, self.wall.now)
            self.wall.now += DAY - 2 * HOUR
