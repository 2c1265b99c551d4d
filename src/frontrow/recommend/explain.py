"""Why a title is shown to a profile, or why not."""

from __future__ import annotations

import math

import numpy as np

from frontrow.core.clock import parse_time
from frontrow.core.horizon import MONTH, NEXT, SESSION
from frontrow.core.ids import check_id
from frontrow.core.stages import Stages
from frontrow.recommend.answers import Evidence, Explanation
from frontrow.recommend.gate import Gate
from frontrow.recommend.occasion import named_axes, when
from frontrow.recommend.reasons import reason_for
from frontrow.recommend.request import ExplainRequest
from frontrow.recommend.rooms import Rooms
from frontrow.recommend.scoring import Scored
from frontrow.recommend.viewer import Asking, Viewer


def explain(profile_id: str, title_id: str, asked: ExplainRequest, rooms: Rooms, stages: Stages) -> Explanation:
    """All drops that hold, each source's evidence (strongest first), and the score for this session.

    `asked` may name a moment: a time and a device. `outcomes` are the blended scores by horizon.
    An unknown title has the drop `unknown` and no evidence.
    """
    check_id(profile_id, "/profile_id")
    check_id(title_id, "/title_id")
    views = stages.run("views", rooms.views.fresh)
    at = None if asked.at is None else parse_time(asked.at, "/at")
    asking = Asking(profile_id, rooms.clock() if at is None else at, at, device=asked.device)
    viewer = stages.run("viewer", lambda: rooms.viewer(asking, views))
    gate, catalogue = Gate(views.catalogue, viewer), views.catalogue
    drops = gate.drops(title_id)
    evidence: list[Evidence] = []
    outcomes: dict[str, float] = {}
    number = catalogue.number.get(title_id)
    if number is not None and catalogue.rankable[number]:
        horizons = (NEXT, SESSION, MONTH)
        scored = stages.run("score", lambda: rooms.score(views, viewer, horizons, catalogue.rankable))
        for source, share, because in scored.evidence(number, SESSION, gate.showable()):
            reason = reason_for(
                "", source, because, lambda t: catalogue.name(t, viewer.language), catalogue.ids.__getitem__
            )
            text = _of_moment(scored, viewer, number, share) if source == "context" else reason.text
            evidence.append(Evidence(source, round(float(share), 6), reason.because, text))
        if scored.lift is not None and scored.lift[number]:
            now = round(float(scored.lift[number]), 6)
            evidence.append(Evidence("session", now, [], "Like what you opened just now"))
            evidence.sort(key=lambda each: -each.score)
        scores = {horizon.text: float(scored.blended[horizon][number]) for horizon in horizons}
        outcomes = {name: round(score, 6) for name, score in scores.items() if math.isfinite(score)}
    return Explanation(title_id, not drops, drops, evidence, outcomes.get(SESSION.text), outcomes)


def _of_moment(scored: Scored, viewer: Viewer, title: int, share: float) -> str:
    """What the moment says of a title, against this viewer's usual ones; where `share`, which is against other titles,
    is not of the same sign, only that."""
    parts = scored.grounds.suiting(np.array([title]))[:, 0].tolist() if scored.grounds is not None else []
    said = when(viewer.query.moment, named_axes(parts))
    if said and sum(parts) * share > 0:
        return f"Watched {'more' if share > 0 else 'less'} than usual {said}"
    return f"Suits the moment {'better' if share > 0 else 'less'} than most"
