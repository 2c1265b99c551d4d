"""Whether content tells of taste is told from held-out titles."""

from __future__ import annotations

import numpy as np
import pytest

from frontrow.features.interactions import Interactions
from frontrow.models.learning.telling import content_tells

TITLES, VIEWERS, PLAYS, DIMS = 160, 300, 20, 16


def log_of(suits, seed=1):
    """Viewers who watch what lies in the direction of their taste."""
    rng = np.random.default_rng(seed)
    taste = rng.standard_normal((VIEWERS, suits.shape[1]))
    wants = 2.0 * taste @ suits.T + rng.standard_normal(len(suits)) + rng.gumbel(size=(VIEWERS, len(suits)))
    title = np.argsort(-wants, axis=1)[:, :PLAYS].ravel()
    n = len(title)
    return Interactions(
        np.repeat(np.arange(VIEWERS), PLAYS), title.astype(np.int32), np.arange(n), np.ones(n, np.float32),
        np.full(n, -1, np.int16), np.full(n, -1, np.int16), np.full(n, -1, np.int8), (),
    )  # fmt: skip


@pytest.fixture(scope="module")
def content():
    drawn = np.random.default_rng(0).standard_normal((TITLES, DIMS))
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)


def test_content_that_suits_tells(content):
    assert content_tells(log_of(content[:, :3]), content, 0)


@pytest.mark.parametrize("seed", range(8))
def test_content_of_other_titles_does_not(content, seed):
    other = np.random.default_rng(seed).permutation(content)
    assert not content_tells(log_of(content[:, :3], seed), other, seed)


def test_with_too_little_to_tell_it_is_heard(content):
    log = log_of(content[:, :3])
    assert content_tells(log.take(np.arange(40)), content, 0)
    assert content_tells(log.take(np.arange(0)), content, 0)
    assert content_tells(log, np.zeros((TITLES, DIMS), np.float32), 0)
    assert content_tells(log, np.zeros((0, 0), np.float32), 0)
