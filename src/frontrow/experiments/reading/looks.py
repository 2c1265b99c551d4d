"""The last look at each experiment: what it decided is not withdrawn by the next."""

from __future__ import annotations

import msgspec

from frontrow.experiments.design.design import Design
from frontrow.experiments.design.store import ControlStore
from frontrow.experiments.statistics.analysis import Analysis


class _Look(msgspec.Struct):
    started_at: str | None
    analysis: Analysis


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Look).decode


class LookBook:
    """Last looks by experiment, in a store of their own. They hold sums over arms, nothing of one viewer."""

    def __init__(self, store: ControlStore) -> None:
        self._store = store

    def last(self, design: Design) -> Analysis | None:
        """The last look at this run of an experiment; None if there was none."""
        stored = self._store.everything().get(design.experiment_id)
        if stored is None:
            return None
        try:
            look = _decode(stored.record)
        except msgspec.DecodeError:  # another version's; its verdicts are not ours to keep
            return None
        return look.analysis if look.started_at == design.started_at else None

    def keep(self, design: Design, analysis: Analysis) -> None:
        """Puts a look in the place of the last one."""
        record = _encode(_Look(design.started_at, analysis))
        self._store.change(design.experiment_id, lambda _: record)
