"""Every event comes back from the log as it went in."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import msgspec
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from frontrow.core.clock import Micros
from frontrow.events.event import DEVICES, TYPE_NUMBER, TYPES, Event
from frontrow.storage.workspace import SqliteWorkspace

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
name = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
number = st.floats(0, 1, width=32)
json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(text, below, max_size=3),
    max_leaves=8,
)
maybe = st.none
events = st.builds(
    Event, event_id=name, type=st.sampled_from(TYPES), profile_id=name, at=st.integers(-(10**17), 10**17),
    received_at=st.integers(0, 10**17), title_id=maybe() | name, playback_id=maybe() | text, session_id=maybe() | text,
    device=maybe() | st.sampled_from(DEVICES), country=maybe() | st.sampled_from(["DE", "FR"]),
    tz_offset_minutes=maybe() | st.integers(-1440, 1440), context=maybe() | st.dictionaries(text, json, max_size=3),
    page_id=maybe() | text, row_id=maybe() | text, row=maybe() | st.integers(0, 9), column=maybe() | st.integers(0, 9),
    artwork_id=maybe() | text, seconds=maybe() | number, fraction=maybe() | number,
    value=maybe() | st.floats(allow_nan=False, allow_infinity=False), query=maybe() | text, schema=st.integers(1, 9),
)  # fmt: skip


@settings(max_examples=40)
@given(st.lists(events, max_size=12, unique_by=lambda event: event.event_id))
def test_events_come_back_whole(batch):
    with tempfile.TemporaryDirectory() as folder, SqliteWorkspace(Path(folder), os.urandom) as store:

        def work(unit):
            profiles = unit.number_profiles([each.profile_id for each in batch], Micros(0))
            titles = unit.number_titles([each.title_id for each in batch if each.title_id])
            unit.append(
                batch, [profiles[each.profile_id].number for each in batch],
                [titles[each.title_id] if each.title_id else -1 for each in batch], [True] * len(batch), Micros(5),
            )  # fmt: skip
            return unit.held([each.event_id for each in batch])

        held = store.writer.write(work)
        assert held == {each.event_id: each for each in batch}
        assert list(store.log.everything()) == batch
        columns = store.log.columns()
        assert columns.at.tolist() == [each.at for each in batch]
        assert columns.type.tolist() == [TYPE_NUMBER[each.type] for each in batch]
        assert [None if np.isnan(x) else x for x in columns.seconds.tolist()] == [each.seconds for each in batch]
        assert msgspec.json.encode(batch)
        assert store.log.head().newest_at == max((each.at for each in batch), default=None)
