"""Small worlds that the tests of models and evaluation make themselves."""

from __future__ import annotations

import numpy as np

from frontrow.core.clock import DAY, HOUR
from frontrow.features.interactions import Interactions
from frontrow.models.cases.data import TrainingData

START = 1_700_000_000_000_000


def interactions(rows: list[tuple[int, int, int, float]]) -> Interactions:
    """From rows (profile, title, at, weight) in order of (profile, at)."""
    profile, title, at, weight = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Interactions(
        np.array(profile, np.int64), np.array(title, np.int32), np.array(at, np.int64), np.array(weight, np.float32),
        np.full(len(rows), -1, np.int16), np.full(len(rows), -1, np.int16), np.full(len(rows), -1, np.int8), (),
    )  # fmt: skip


def world(viewers: int = 60, titles: int = 30, each: int = 12, seed: int = 0) -> Interactions:
    """Viewers who watch along a circle of titles, three steps of ten by chance: the next title can be guessed."""
    random = np.random.default_rng(seed)
    rows = []
    for viewer in range(viewers):
        at, title, seen = START + int(random.integers(0, 60 * DAY)), int(random.integers(titles)), set()
        for _ in range(each):
            while title in seen:
                title = (title + 1) % titles
            seen.add(title)
            rows.append((viewer, title, at, float(random.choice([0.6, 0.8, 1.0]))))
            at += int(random.integers(1, 48 * HOUR))
            title = int(random.integers(titles)) if random.random() < 0.3 else (title + 1) % titles
    return interactions(rows)


def training(inside: Interactions, n_titles: int) -> TrainingData:
    """Training data without content and with every title rankable."""
    random = np.random.default_rng(1)
    content = random.standard_normal((n_titles, 128)).astype(np.float32)
    content /= np.linalg.norm(content, axis=1, keepdims=True)
    until = int(inside.at.max(initial=START)) + 1
    return TrainingData(inside, n_titles, content, np.ones(n_titles, bool), np.zeros(n_titles, np.int64), until)
