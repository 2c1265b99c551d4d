"""May it be shown? One place for every path; how good it is, is asked elsewhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from frontrow.catalog.catalogue import EPISODE, Catalogue
from frontrow.catalog.filters import Filter
from frontrow.recommend.answers import Drop
from frontrow.recommend.viewer import Viewer


class Gate:
    """What one viewer may be shown, as masks over title numbers, and why a title may not."""

    def __init__(self, catalogue: Catalogue, viewer: Viewer) -> None:
        self._catalogue = catalogue
        self._viewer = viewer

    def showable(self, *, hidden: bool = False, seen: bool = True) -> NDArray[np.bool_]:
        """bool[titles]: rights, kind, and unless `hidden` not hidden; without `seen` not watched or in progress either.

        A new array, the caller's to change.
        """
        viewer = self._viewer
        mask: NDArray[np.bool_] = viewer.available & self._catalogue.rankable
        if not hidden and viewer.seen.hidden:
            mask[list(viewer.seen.hidden)] = False
        if not seen:
            viewer.seen.exclude(mask)
        return mask

    def drops(
        self, title_id: str, *, seen: bool = False, excluded: frozenset[str] = frozenset(), only: Filter | None = None
    ) -> list[Drop]:
        """All that forbids showing a title, in order; with `seen`, having seen it does not."""
        number = self._catalogue.number.get(title_id)
        title = None if number is None else self._catalogue.titles[number]
        if number is None or title is None:
            excluded_too = [Drop("excluded", "asked to be left out")] if title_id in excluded else []
            return [*excluded_too, Drop("unknown", "no such title")]
        viewer = self._viewer
        found = [Drop(*why) for why in self._catalogue.rights.drops(number, viewer.place, viewer.now)]
        if int(self._catalogue.series_of[number]) in viewer.seen.hidden:
            found.append(Drop("hidden", "hidden by this profile"))
        if not seen and (status := viewer.seen.status(number)):
            found.append(Drop(status, {"watched": "watched", "in_progress": "being watched"}[status]))
        if title_id in excluded:
            found.append(Drop("excluded", "asked to be left out"))
        if only is not None and not only(title):
            found.append(Drop("filter", "does not pass the filter"))
        if self._catalogue.kind[number] == EPISODE:
            found.append(Drop("kind", "episodes are shown as their series"))
        return found
