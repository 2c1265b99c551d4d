"""Why a title is shown to a profile, or why not."""

from __future__ import annotations

import math

import numpy as np

from frontrow.catalog.catalogue import Catalogue
from frontrow.core.clock import parse_time
from frontrow.core.horizon import SESSION
from frontrow.core.ids import check_id
from frontrow.core.stages import Stages
from frontrow.recommend.answers import Evidence, Explanation
from frontrow.recommend.gate import Gate
from frontrow.recommend.occasion import named_axes, when_said
from frontrow.recommend.reasons import against, reason_for
from frontrow.recommend.request import ExplainRequest
from frontrow.recommend.rooms import Rooms
from frontrow.recommend.scoring import Scored
from frontrow.recommend.viewer import Asking, Viewer


def explain(profile_id: str, title_id: str, asked: ExplainRequest, rooms: Rooms, stages: Stages) -> Explanation:
    """All drops that hold, each source's evidence (strongest first), and the score for this session.

    `asked` may name a moment: a time, a device, a context. `outcomes` are what may come of it in this session: the
    chance that it is played and, if it is, minutes, the chances that it is finished, liked, abandoned
    (`models/outcomes`): those that the log tells of, none of a title that the viewer knows. An unknown title has the
    drop `unknown` and no evidence.
    """
    check_id(profile_id, "/profile_id")
    check_id(title_id, "/title_id")
    views = stages.run("views", rooms.views.fresh)
    at = None if asked.at is None else parse_time(asked.at, "/at")
    asking = Asking(profile_id, rooms.clock() if at is None else at, at, device=asked.device, context=asked.context)
    viewer = stages.run("viewer", lambda: rooms.viewer(asking, views))
    gate, catalogue = Gate(views.catalogue, viewer), views.catalogue
    drops = gate.drops(title_id)
    evidence: list[Evidence] = []
    outcomes: dict[str, float] = {}
    score: float | None = None
    number = catalogue.number.get(title_id)
    if number is not None and catalogue.rankable[number]:
        one = np.arange(catalogue.size) == number
        scored = stages.run("score", lambda: rooms.score(views, viewer, (SESSION,), gate.showable(seen=False), one))
        for source, share, because in scored.evidence(number, SESSION, gate.showable()):
            titles: list[str] = []
            if source == "context":
                text = _of_moment(scored, viewer, number, share)
            elif share < 0:
                text = against(source)
            else:
                reason = reason_for(
                    "", source, because, lambda t: catalogue.name(t, viewer.language), catalogue.ids.__getitem__
                )
                text, titles = reason.text, reason.because
            evidence.append(Evidence(source, round(float(share), 6), titles, text))
        if scored.lift is not None and scored.lift[number]:
            now = round(float(scored.lift[number]), 6)
            evidence.append(Evidence("session", now, [], "Like what you opened just now"))
        if scored.lower is not None and scored.lower_for is not None and scored.lower[number]:
            evidence.append(_fewer(float(scored.lower[number]), int(scored.lower_for[number]), viewer, gate, catalogue))
        evidence.sort(key=lambda each: -each.score)
        told = float(scored.blended[SESSION][number])
        score = round(told, 6) if math.isfinite(told) else None
        forecast = {} if scored.forecast is None else scored.forecast.of(number, SESSION)
        outcomes = {name: round(value, 6) for name, value in forecast.items()}
    return Explanation(title_id, not drops, drops, evidence, score, outcomes)


def _fewer(lower: float, title: int, viewer: Viewer, gate: Gate, catalogue: Catalogue) -> Evidence:
    """That fewer titles like one were asked for; which, where it may be shown itself."""
    if not gate.showable()[title]:
        return Evidence("less_like", round(lower, 6), [], "You asked for fewer titles like this")
    text = f"You asked for fewer titles like {catalogue.name(title, viewer.language)}"
    return Evidence("less_like", round(lower, 6), [catalogue.ids[title]], text)


def _of_moment(scored: Scored, viewer: Viewer, title: int, share: float) -> str:
    """What the moment says of a title, against this viewer's usual ones; where `share`, which is against other titles,
    is not of the same sign, only that."""
    grounds = scored.grounds
    parts = grounds.suiting(np.array([title]))[:, 0].tolist() if grounds is not None else []
    said = when_said(viewer.query.moment, named_axes(parts, grounds.axes)) if grounds is not None else ""
    if said and sum(parts) * share > 0:
        return f"Watched {'more' if share > 0 else 'less'} than usual {said}"
    return f"Suits the moment {'better' if share > 0 else 'less'} than most"
