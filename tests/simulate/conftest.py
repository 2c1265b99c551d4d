"""The tables of a small world, made once."""

from __future__ import annotations

import polars as pl
import pytest
from simulated import SMALL, silent

from frontrow.simulate.history import simulate_history


@pytest.fixture(scope="session")
def tables(tmp_path_factory):
    """A folder with the tables of the small world."""
    folder = tmp_path_factory.mktemp("tables")
    simulate_history(SMALL, folder, silent)
    return folder


@pytest.fixture(scope="session")
def titles(tables):
    return pl.read_parquet(tables / "titles.parquet")


@pytest.fixture(scope="session")
def profiles(tables):
    return pl.read_parquet(tables / "profiles.parquet")


@pytest.fixture(scope="session")
def events(tables):
    return pl.read_parquet(tables / "events.parquet")
