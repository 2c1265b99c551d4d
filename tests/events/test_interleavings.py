"""Any interleaving of batches, retries, conflicts, merges and forgets does what a few lines of plain Python say."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from world import NOW, World, event

from frontrow.core.clock import HOUR, format_time
from frontrow.core.errors import InvalidRecord, NotFound

NAMES = ["ann", "bob", "cid"]


class Oracle:
    """The rules, slowly: events are (event_id, sender, at, value, owner), in order of arrival."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str, int, int, str]] = []
        self.living: set[str] = set()
        self.erased: dict[str, int] = {}

    def post(self, batch):
        accepted = duplicates = 0
        rejected = []
        for index, (event_id, sender, at, value) in enumerate(batch):
            held = [e[:4] for e in self.events if e[0] == event_id]
            if at <= self.erased.get(sender, -1) or (held and held[0] != (event_id, sender, at, value)):
                rejected.append(index)
            elif held:
                duplicates += 1
            else:
                accepted += 1
                self.events.append((event_id, sender, at, value, sender))
                self.living.add(sender)
        return accepted, duplicates, rejected

    def merge(self, target, source):
        if target == source:
            return InvalidRecord
        if source not in self.living:
            return NotFound
        self.events = [(*e[:4], target if e[4] == source else e[4]) for e in self.events]
        self.living = self.living - {source} | {target}
        return None

    def forget(self, name):
        if name not in self.living:
            return NotFound
        gone = [e for e in self.events if e[4] == name]
        self.events = [e for e in self.events if e[4] != name]
        self.living.remove(name)
        until = max([NOW, *(e[2] for e in gone)])
        for sender in {name, *(e[1] for e in gone)}:
            mine = max((e[2] for e in gone if e[1] == sender), default=until)
            date = mine if sender in self.living else until
            self.erased[sender] = max(date, self.erased.get(sender, -1))
        return None

    def ids(self, name):
        return [e[0] for e in sorted((e for e in self.events if e[4] == name), key=lambda e: e[2])]


sent = st.tuples(
    st.integers(0, 4).map("e{}".format), st.sampled_from(NAMES), st.integers(-1, 2).map(lambda h: NOW + h * HOUR),
    st.sampled_from([1, 1, 1, 1, 1, 2]),
)  # fmt: skip
step = (
    st.tuples(st.just("post"), st.lists(sent, min_size=1, max_size=5))
    | st.tuples(st.just("merge"), st.sampled_from(NAMES), st.sampled_from(NAMES))
    | st.tuples(st.just("forget"), st.sampled_from(NAMES))
    | st.tuples(st.just("reopen"))
)


def outcome(work, *arguments):
    try:
        work(*arguments)
    except (InvalidRecord, NotFound) as error:
        return type(error)
    return None


@settings(max_examples=60)
@given(st.lists(step, max_size=16))
def test_the_log_does_what_the_rules_say(steps):
    oracle = Oracle()
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        for verb, *arguments in steps:
            if verb == "reopen":
                world.close()
                world = World(Path(folder))
            elif verb == "post":
                answer = world.post(
                    *(event(i, who, at=format_time(at), type="rate", value=v) for i, who, at, v in arguments[0])
                )
                assert (answer.accepted, answer.duplicates, [each.index for each in answer.rejected]) == oracle.post(
                    arguments[0]
                )
            else:
                assert outcome(getattr(world, verb), *arguments) == getattr(oracle, verb)(*arguments)
            for name in NAMES:
                assert (world.store.people.find(name) is not None) == (name in oracle.living)
                assert name not in oracle.living or world.ids(name) == oracle.ids(name)
        assert world.store.log.count() == len(world.store.log.columns()) == len(oracle.events)
        world.close()
