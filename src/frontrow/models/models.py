"""All that training makes, and its form on disk."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from frontrow.models.blend import Blend
from frontrow.models.content import ContentModel
from frontrow.models.dense import TitleMatrix
from frontrow.models.lending import Kept
from frontrow.models.moment.context import SILENT, ContextModel
from frontrow.models.moment.succession import NO_SUCCESSION, SuccessionModel
from frontrow.models.outcomes.model import OutcomeModel
from frontrow.models.ranker.network import Ranker
from frontrow.models.sequence.model import SequenceModel
from frontrow.models.settings import ModelSettings
from frontrow.models.transitions import Transitions

_MATRICES = ("linear", "watched", "follow")
_MET = "met.npy"


@dataclass(frozen=True)
class Models:
    """The learned parts of scoring.

    `linear`: liked together (fitted on, and read with, interactions from LIKED on); `watched`: watched together;
    `follow`: what is watched next; `transitions`: what follows what, for every title; `content`: vectors of titles;
    `blend`: weights by horizon; `sequence`, if it was trained: a transformer over what was watched; `context`: what
    suits an hour, a weekday, a device; `succession`: what leads on to what, and what goes with a sitting; `ranker`, if
    there was enough to learn it from: what orders the best of the blend anew; `outcomes`, likewise: what may come of a
    title; `lending` keeps who lends to titles that are in none of these. `n_titles` is the size of the catalogue they
    were fitted on, and `met`, int64, ascending, the numbers of the titles that they met there, in anybody's history:
    of the others they know nothing.
    """

    linear: TitleMatrix
    watched: TitleMatrix
    follow: TitleMatrix
    transitions: Transitions
    content: ContentModel
    blend: Blend
    settings: ModelSettings
    n_titles: int
    met: NDArray[np.int64]
    version: str = "unpublished"
    sequence: SequenceModel | None = None
    context: ContextModel = SILENT
    succession: SuccessionModel = NO_SUCCESSION
    ranker: Ranker | None = None
    outcomes: OutcomeModel | None = None
    lending: Kept = field(default_factory=Kept, compare=False, repr=False)

    def forget_histories(self) -> None:
        """Lets go of what was kept of viewers' histories; the next answers read them anew."""
        if self.sequence is not None:
            self.sequence.kept.let_go()

    def save(self, folder: Path) -> None:
        """Writes a folder for each part, and models.json."""
        for name in (*_MATRICES, "transitions", "content"):
            getattr(self, name).save(folder / name)
        np.save(folder / _MET, self.met)
        self.blend.save(folder)
        self.context.save(folder / "context")
        self.succession.save(folder / "succession")
        if self.sequence is not None:
            self.sequence.save(folder / "sequence")
        if self.ranker is not None:
            self.ranker.save(folder / "ranker")
        if self.outcomes is not None:
            self.outcomes.save(folder / "outcomes")
        stated = {"settings": self.settings, "n_titles": self.n_titles, "version": self.version}
        (folder / "models.json").write_bytes(msgspec.json.format(msgspec.json.encode(stated)))

    @classmethod
    def load(cls, folder: Path) -> Models:
        """Reads what `save` wrote; large arrays stay on disk, mapped into memory. Models that do not say what they met
        have met what they learned from."""
        stated = msgspec.json.decode((folder / "models.json").read_bytes())
        watched, transitions = TitleMatrix.load(folder / "watched"), Transitions.load(folder / "transitions")
        return cls(
            linear=TitleMatrix.load(folder / "linear"),
            watched=watched,
            follow=TitleMatrix.load(folder / "follow"),
            transitions=transitions,
            content=ContentModel.load(folder / "content"),
            blend=Blend.load(folder),
            settings=msgspec.convert(stated["settings"], ModelSettings),
            n_titles=int(stated["n_titles"]),
            met=np.load(folder / _MET) if (folder / _MET).is_file() else np.union1d(watched.titles, transitions.titles),
            version=str(stated["version"]),
            context=ContextModel.load(folder / "context") if (folder / "context").is_dir() else SILENT,
            succession=SuccessionModel.load(folder / "succession"),
            sequence=SequenceModel.load(folder / "sequence"),
            ranker=Ranker.load(folder / "ranker"),
            outcomes=OutcomeModel.load(folder / "outcomes"),
        )
