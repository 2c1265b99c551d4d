"""Models as published: a versioned folder with hashes, taken up by replacing one small file.

    models/current              the name of the version that serves
    models/<version>/           manifest.json and the parts (models.py)

A version's folder gets its name only when it is complete and synced, and `current` only names it after that: a
publication that is killed leaves nothing that anybody reads.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import format_time
from frontrow.core.errors import FrontrowError
from frontrow.models.content import DIMS, ContentModel
from frontrow.models.models import Models
from frontrow.models.query import Query
from frontrow.models.sources import Sources
from frontrow.models.syncing import replace_text, sync_tree

FORMAT = 1
UNREADABLE: Final = "unreadable"
_CURRENT, _MANIFEST = "current", "manifest.json"
_UNFINISHED = ".unfinished"
_BLOCK = 1 << 20


class Manifest(msgspec.Struct, frozen=True):
    """What is known of a published version. `created_at` is RFC 3339; `until` is microseconds UTC, and all events that
    it was fitted on lie before it; `validation` metrics by horizon; `files` maps each file to its SHA-256."""

    format: int
    version: str
    created_at: str
    settings: dict[str, Any]
    files: dict[str, str]
    until: int = 0
    seed: int = 0
    quick: bool = False
    counts: dict[str, int] = {}
    validation: dict[str, float] = {}


@dataclass(frozen=True)
class Artifact:
    """A published version, checked and mapped into memory."""

    models: Models
    manifest: Manifest
    version: str

    @classmethod
    def load(cls, folder: Path, version: str | None = None) -> Artifact:
        """The current version of a models folder, or a given one.

        Checks format, hashes and finiteness; FrontrowError says what is wrong, and the caller keeps what it has.
        """
        version = version or current_version(folder)
        if version is None:
            raise FrontrowError("there is no published model", "Run frontrow train")
        home = folder / version
        manifest = _manifest(home)
        for name, digest in manifest.files.items():
            path = home / name
            if not path.is_file():
                raise _broken(version, f"{name} is missing")
            if _digest(path) != digest:
                raise _broken(version, f"{name} is not what was published")
        try:
            models = Models.load(home)
        except (OSError, ValueError, KeyError, TypeError, msgspec.DecodeError) as error:
            raise _broken(version, f"it cannot be read ({error})") from None
        if (figure := not_finite(models)) is not None:
            raise _broken(version, figure)
        return cls(models, manifest, version)


def publish(
    folder: Path,
    models: Models,
    manifest: Mapping[str, Any],
    created_at: int,
    canaries: Sequence[Query] = (),
    in_use: Collection[str] = (),
) -> str:
    """Writes a new version, checks it as readers will, asks it the canaries, and makes it current: its name.

    `manifest` states until, seed, quick, counts and validation, each if known.

    FrontrowError, with the current version untouched, where a part holds NaN or infinity, an answer to a canary is not
    finite, or none tells titles apart (`check`). Old versions go, but the current one, the newest before it and those
    `in_use` stay.
    """
    _check_finite(models)
    folder.mkdir(parents=True, exist_ok=True)
    _clear_unfinished(folder)
    version = _new_version(folder, created_at)
    unfinished = folder / f"{version}{_UNFINISHED}.{os.getpid()}"
    try:
        replace(models, version=version).save(unfinished)
        files = sorted(path for path in unfinished.rglob("*") if path.is_file())
        stated = Manifest(
            format=FORMAT, version=version, created_at=format_time(created_at),
            settings=msgspec.to_builtins(models.settings),
            files={path.relative_to(unfinished).as_posix(): _digest(path) for path in files}, **manifest,
        )  # fmt: skip
        (unfinished / _MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(stated)))
        sync_tree(unfinished)
        check(Models.load(unfinished), canaries)
        unfinished.rename(folder / version)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    replace_text(folder / _CURRENT, version)
    _prune(folder, {version, *in_use}, models.settings.keep_versions)
    return version


def check(models: Models, canaries: Sequence[Query]) -> None:
    """Refuses models (FrontrowError) that hold or answer what is not finite, or that tell titles apart for none of the
    canaries who watched two that models learned from: somebody whose titles nobody else has watched is told nothing."""
    _check_finite(models)
    sources = Sources(models, np.zeros((0, DIMS), np.float32), None, None)
    apart = []
    for number, query in enumerate(canaries):
        reading = sources.read(query, models.n_titles)
        for name, why in reading.failed.items():
            raise FrontrowError(f"the new model is refused: canary {number}: {name}: {why}")
        if np.isin(models.watched.titles, reading.history.titles).sum() > 1:
            apart.append(bool(np.ptp(reading.rows, axis=1).any()))
    if apart and not any(apart):
        raise FrontrowError("the new model is refused: to every canary all titles have the same score")


def _check_finite(models: Models) -> None:
    if (figure := not_finite(models)) is not None:
        raise FrontrowError(f"the new model is refused: {figure}")


def not_finite(models: Models) -> str | None:
    """Which part holds NaN or infinity, and how many; None if none does."""
    for name, array in _numbers(models, ""):
        bad = sum(int((~np.isfinite(array[row : row + 256])).sum()) for row in range(0, len(array), 256))
        if bad:
            return f"{name.strip()} holds {bad} values that are not finite"
    return None


def _numbers(held: object, name: str) -> Iterator[tuple[str, NDArray[np.floating[Any]]]]:
    """All that is held, whatever it is called: arrays of real numbers with where they stand."""
    if isinstance(held, np.ndarray):
        if np.issubdtype(held.dtype, np.floating):
            yield name, np.atleast_1d(held)
    elif isinstance(held, float):
        yield name, np.array([held])
    elif isinstance(held, ContentModel):
        yield f"{name} rarity", np.fromiter(held.rarity.values(), np.float64)
        yield f"{name} default", np.array([held.default])
    elif isinstance(held, Mapping):
        for key, each in held.items():
            yield from _numbers(each, f"{name} {key}")
    elif isinstance(held, list | tuple):
        for place, each in enumerate(held):
            yield from _numbers(each, f"{name} {place}")
    elif is_dataclass(held):
        for part in fields(held):
            if part.compare:  # what is only kept is made of these
                yield from _numbers(getattr(held, part.name), f"{name} {part.name}")


def current_version(folder: Path) -> str | None:
    """The name of the version that serves, or None; one small read. What cannot be a name is told as UNREADABLE, which
    no version is called: whoever loads it is refused, and says so."""
    try:
        version = (folder / _CURRENT).read_bytes().decode("ascii", "replace").strip()
    except OSError:
        return None
    sound = version.isascii() and version.isprintable() and version == Path(version).name
    return version if version and sound else UNREADABLE


def published(folder: Path) -> list[dict[str, Any]]:
    """What is known of every version that is kept, the newest first; versions that cannot be read are left out."""
    current = current_version(folder)
    told = []
    for home in sorted(folder.glob(f"*/{_MANIFEST}"), reverse=True):
        try:
            manifest = _manifest(home.parent)
        except FrontrowError:
            continue
        told.append({
            "version": manifest.version, "current": manifest.version == current, "created_at": manifest.created_at,
            "until": format_time(manifest.until), "seed": manifest.seed, "quick": manifest.quick,
            "counts": manifest.counts, "validation": manifest.validation,
        })  # fmt: skip
    return told


def _manifest(home: Path) -> Manifest:
    try:
        raw = msgspec.json.decode((home / _MANIFEST).read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        raise _broken(home.name, f"its manifest cannot be read ({error})") from None
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        found = raw.get("format") if isinstance(raw, dict) else None
        raise _broken(home.name, f"it is of format {found}, this Frontrow reads {FORMAT}")
    try:
        return msgspec.convert(raw, Manifest)
    except msgspec.ValidationError as error:
        raise _broken(home.name, f"its manifest is not valid ({error})") from None


def _broken(version: str, why: str) -> FrontrowError:
    return FrontrowError(f"model {version} is not usable: {why}", "Run frontrow train to publish a new one")


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _new_version(folder: Path, created_at: int) -> str:
    """Sorts by time of making; a number follows where two are of one second."""
    name = format_time(created_at)[:19].replace("-", "").replace(":", "")
    taken = {path.name for path in folder.iterdir()}
    number = next(n for n in range(1, 1_000_000) if f"{name}-{n:03d}" not in taken)
    return f"{name}-{number:03d}"


def _clear_unfinished(folder: Path) -> None:
    """What killed publications left behind; of those still running nothing is touched."""
    for path in folder.glob(f"*{_UNFINISHED}.*"):
        try:
            os.kill(int(path.name.rsplit(".", 1)[1]), 0)
        except (ValueError, ProcessLookupError):
            shutil.rmtree(path, ignore_errors=True)
        except PermissionError:
            continue


def _prune(folder: Path, kept: Collection[str], keep: int) -> None:
    versions = sorted(path.parent.name for path in folder.glob(f"*/{_MANIFEST}"))
    for version in versions[: -keep or None]:
        if version not in kept and _UNFINISHED not in version:
            shutil.rmtree(folder / version, ignore_errors=True)
