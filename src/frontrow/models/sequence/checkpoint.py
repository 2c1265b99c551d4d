"""An unfinished training on disk, so that one that was interrupted goes on where it stopped."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import astuple
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import msgspec
import numpy as np
from numpy.typing import NDArray

from frontrow.features.interactions import Interactions
from frontrow.models.sequence.settings import SequenceSettings

_FORM: Final = "1"
"""Another one: what earlier versions left is not taken up."""


def fingerprint(
    interactions: Interactions, content: NDArray[np.float32], settings: SequenceSettings, *others: bytes
) -> str:
    """The name of a training: the same input gives the same, any other input another."""
    digest = hashlib.blake2b(_FORM.encode() + msgspec.json.encode(settings), digest_size=16)
    for part in (*astuple(interactions), content):
        told = np.ascontiguousarray(part).data if isinstance(part, np.ndarray) else msgspec.json.encode(part)
        digest.update(told)
    for other in others:
        digest.update(len(other).to_bytes(8, "little") + other)
    return digest.hexdigest()


class Checkpoint:
    """Where one training of the sequence model stands: arrays in an order that the trainer knows, and a few numbers.

    Replaced as a whole: a reader finds the old one or the new. What cannot be read counts as nothing.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / f"sequence-{name}.npz"

    def read(self) -> tuple[list[NDArray[Any]], dict[str, Any]] | None:
        """What was written last; None: nothing."""
        try:
            with self._path.open("rb") as file, np.load(file, allow_pickle=False) as held:
                stated = msgspec.json.decode(held["stated"].tobytes(), type=dict[str, Any])
                return [held[f"arr_{number}"] for number in range(int(stated["arrays"]))], stated
        except (OSError, ValueError, KeyError, EOFError, BadZipFile, msgspec.DecodeError):
            return None

    def write(self, arrays: list[NDArray[Any]], stated: dict[str, Any]) -> None:
        """Keeps it. OSError where the disk does not take it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        told = msgspec.json.encode(stated | {"arrays": len(arrays)})
        try:
            with unfinished.open("wb") as file:
                np.savez(file, *arrays, stated=np.frombuffer(told, np.uint8))
                file.flush()
                os.fsync(file.fileno())
            os.replace(unfinished, self._path)
        finally:
            unfinished.unlink(missing_ok=True)


def clear(folder: Path) -> None:
    """Removes what unfinished trainings left."""
    shutil.rmtree(folder, ignore_errors=True)
