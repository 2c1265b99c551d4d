"""What an answer was made of: its basis, logged for all, and the values themselves, logged for a sample.

A value is kept as the bits that served: `recommend.recomputation` computes it again from the basis,
`recommend.replay` compares.
"""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np

from frontrow.core.random import stable_hash
from frontrow.features.batch import Batch
from frontrow.features.definitions import PROFILE_FEATURES
from frontrow.features.online import OnlineFeatures
from frontrow.features.state import taken_upto
from frontrow.features.trail import Trail
from frontrow.features.values import Ragged, Values
from frontrow.features.viewer_state import ViewerState
from frontrow.models.names import FEATURES
from frontrow.recommend.scoring import Scored
from frontrow.recommend.served import Basis, ServedPage
from frontrow.recommend.viewer import Viewer
from frontrow.recommend.views import Views

_WHOLE: Final = 2**64


class LoggedValue(msgspec.Struct, array_like=True, gc=False):
    """One feature's value: the bytes of an array of `kind` (as numpy names it); with `names` a map, in their order."""

    kind: str
    data: bytes
    names: list[str] | None = None


class PageInputs(msgspec.Struct, array_like=True, gc=False):
    """What one answer was made of.

    `features` are the profile's, as of log offset `trail_offset` (empty where nothing was learned from it).
    `titles`, `at`, `weights` are the history that models read (models.query.Query; int32, int64, float32). `scores`
    are the sources' raw scores, float32[sources, slots], of the titles `slots` (int32, ascending) by the rows named in
    `sources`; those in `failed` had failed.
    """

    trail_offset: int
    features: dict[str, LoggedValue]
    titles: bytes
    at: bytes
    weights: bytes
    sources: list[str]
    slots: bytes
    scores: bytes
    failed: list[str]


def is_sampled(page: ServedPage, share: float) -> bool:
    """Whether the answer's values are logged: a share of all, chosen by the id, and all with an explored slot."""
    explored = page.chance is not None and page.chance.explored
    return explored or (share > 0 and stable_hash("values", page.page_id) < share * _WHOLE)


def basis_of(viewer: Viewer, views: Views) -> Basis:
    """What the answer to a viewer is made from."""
    known = viewer.known
    return Basis(
        known.number if known else 0,
        known.generation if known else 0,
        _stands(viewer.state, views),
        viewer.past,
        viewer.place.country,
        viewer.personal,
        views.catalogue.version,
        views.catalogue.size,
        views.recounts,
        viewer.query.moment.hour,
        viewer.query.moment.device,
        viewer.arm.tuning.history,
    )


def _stands(state: ViewerState | Trail, views: Views) -> int:
    """The offset up to which a state holds all that is its profile's: it was read after the views were brought up, and
    another process may have appended meanwhile; one that was made beside may stand before them."""
    upto = taken_upto(state)
    return max(views.offset if upto is None else upto, state.offset)


def take_inputs(
    page: ServedPage, viewer: Viewer, scored: Scored | None, features: OnlineFeatures, views: Views
) -> PageInputs:
    """The values, as serving has them now."""
    logged: dict[str, LoggedValue] = {}
    trail_offset = 0
    if viewer.known is not None and viewer.personal:
        number, generation = viewer.known.number, viewer.known.generation
        trail = features.trail(number, generation)
        batch = Batch.of_trail(trail, viewer.now, features.space(views.catalogue))
        trail_offset = _stands(trail, views)
        logged = {feature.name: logged_value(feature.read(batch), 0) for feature in PROFILE_FEATURES}
    slots = np.unique(np.frombuffer(b"".join(row.titles for row in page.rows), np.int32))
    some = scored is not None and scored.grounds is not None and len(scored.rows) == len(FEATURES)
    return PageInputs(
        trail_offset=trail_offset,
        features=logged,
        titles=viewer.query.titles.tobytes(),
        at=viewer.query.at.tobytes(),
        weights=viewer.query.weights.tobytes(),
        sources=list(FEATURES) if some else [],
        slots=slots.tobytes(),
        scores=scored.rows[:, slots].tobytes() if some and scored else b"",
        failed=sorted(scored.failed) if scored else [],
    )


def logged_value(values: Values, case: int) -> LoggedValue:
    """One case's value, in a form that does not depend on how the process numbers labels."""
    if not isinstance(values, Ragged):
        return LoggedValue(values.dtype.str, np.ascontiguousarray(values[case]).tobytes())
    own = values.of(case)
    if values.keys is None or values.names is None:
        return LoggedValue(own.dtype.str, own.tobytes())
    names = [values.names[key] for key in values.keys[values.first[case] : values.first[case + 1]].tolist()]
    order = sorted(range(len(names)), key=names.__getitem__)
    return LoggedValue(own.dtype.str, own[order].tobytes(), [names[place] for place in order])


encode_inputs = msgspec.msgpack.Encoder().encode
decode_inputs = msgspec.msgpack.Decoder(PageInputs).decode
