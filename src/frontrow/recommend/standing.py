"""How one viewer stands to one title: listed, hidden, rated, seen, and what a press of play would start."""

from __future__ import annotations

import msgspec

from frontrow.core.errors import NotFound
from frontrow.core.ids import check_id
from frontrow.core.stages import Stages
from frontrow.recommend.answers import Resume
from frontrow.recommend.rooms import Rooms
from frontrow.recommend.viewer import Asking


class Standing(msgspec.Struct, gc=False):
    """`status` is `watched`, `in_progress` or None. `play` is the title or episode to start, and where; `episodes` how
    many a series has; `open`: rights and limits allow to play it; `rating` what the viewer
    last gave it, 0.5..5; `less` whether fewer like it were asked for."""

    title_id: str
    listed: bool
    hidden: bool
    status: str | None
    play: Resume
    episodes: int = 0
    rating: float | None = None
    less: bool = False
    open: bool = True


def standing(profile_id: str, title_id: str, rooms: Rooms, stages: Stages) -> Standing:
    """The standing now. An untouched series starts with its first episode that the viewer may watch. NotFound for a
    title that is not in the catalogue."""
    check_id(profile_id, "/profile_id")
    views = stages.run("views", rooms.views.fresh)
    catalogue = views.catalogue
    number = catalogue.number.get(title_id)
    if number is None or catalogue.titles[number] is None:
        raise NotFound(f"there is no title {title_id}")
    viewer = stages.run("viewer", lambda: rooms.viewer(Asking(profile_id, rooms.clock()), views))
    seen = viewer.seen
    episodes = list(catalogue.episodes(number))
    playing, fraction = number, 0.0
    if number in seen.in_progress:
        playing, fraction = seen.in_progress[number].resume, seen.in_progress[number].fraction
    elif episodes:
        playing = next((each for each in episodes if viewer.available[each]), episodes[0])
    record = catalogue.titles[playing]
    seconds = fraction * ((record.runtime_minutes if record else None) or 0) * 60
    return Standing(
        title_id=title_id,
        listed=number in seen.listed,
        hidden=number in seen.hidden,
        status=seen.status(number),
        play=Resume(catalogue.ids[playing], round(seconds, 3), fraction),
        episodes=len(episodes),
        rating=viewer.state.ratings.get(number),
        less=number in viewer.state.less_like,
        open=bool(viewer.available[number] and viewer.available[playing]),
    )
