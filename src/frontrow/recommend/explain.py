"""Why a title is shown to a profile, or why not."""

from __future__ import annotations

import math

from frontrow.core.horizon import MONTH, NEXT, SESSION
from frontrow.core.ids import check_id
from frontrow.core.stages import Stages
from frontrow.recommend.answers import Evidence, Explanation
from frontrow.recommend.gate import Gate
from frontrow.recommend.reasons import reason_for
from frontrow.recommend.rooms import Rooms
from frontrow.recommend.viewer import Asking


def explain(profile_id: str, title_id: str, rooms: Rooms, stages: Stages) -> Explanation:
    """All drops that hold, each source's evidence (strongest first), and the score for this session.

    `outcomes` are the blended scores by horizon. An unknown title has the drop `unknown` and no evidence.
    """
    check_id(profile_id, "/profile_id")
    check_id(title_id, "/title_id")
    views = stages.run("views", rooms.views.fresh)
    viewer = stages.run("viewer", lambda: rooms.viewer(Asking(profile_id, rooms.clock()), views))
    gate, catalogue = Gate(views.catalogue, viewer), views.catalogue
    drops = gate.drops(title_id)
    evidence: list[Evidence] = []
    outcomes: dict[str, float] = {}
    number = catalogue.number.get(title_id)
    if number is not None and catalogue.rankable[number]:
        horizons = (NEXT, SESSION, MONTH)
        scored = stages.run("score", lambda: rooms.score(views, viewer, horizons, catalogue.rankable))
        for source, share, because in scored.evidence(number, SESSION):
            reason = reason_for(
                "", source, because, 0, lambda t: catalogue.name(t, viewer.language), catalogue.ids.__getitem__
            )
            evidence.append(Evidence(source, round(float(share), 6), reason.because, reason.text))
        scores = {horizon.text: float(scored.blended[horizon][number]) for horizon in horizons}
        outcomes = {name: round(score, 6) for name, score in scores.items() if math.isfinite(score)}
    return Explanation(title_id, not drops, drops, evidence, outcomes.get(SESSION.text), outcomes)
