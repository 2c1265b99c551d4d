"""Whose numbers count: profiles as units of an experiment, and the assignment computed again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import polars as pl

from frontrow.core.errors import UsageError
from frontrow.experiments.assignment.assigner import Assigner
from frontrow.experiments.assignment.split import Unit
from frontrow.experiments.assignment.targeting import attributes_of
from frontrow.experiments.metrics.page_days import id_mark
from frontrow.people.store import KnownProfile

SEGMENTS: Final = ("country", "language", "plan", "kids")
"""Fields of a profile that effects can be read by; of an account they are those of its first profile."""
CROSSED_LIMIT: Final = 0.001
"""Above this share of units whose logged arm is not the computed one the assignment is broken."""
_CERTAIN: Final = ("assigned", "coverage", "layer")
"""Reasons that depend on the unit's id alone; audience, consent and holdout may have changed since."""


class Mismatch(NamedTuple):
    """Exposed profiles whose assignment was computed again, and those of another arm than logged."""

    checked: int
    wrong: int
    example: str


def members_of(
    people: Iterable[KnownProfile], unit: Unit, default_consent: bool, segments: Sequence[str]
) -> pl.DataFrame:
    """`profile` (number), `served_as` (`id_mark` of its id), `unit` (profile_id or account_id; null: no account),
    `consents` (today, to experiments and to personalization, without which nothing may be read of its events) and the
    segments' columns as text; UsageError for a segment that there is none of."""
    for name in segments:
        if name not in SEGMENTS:
            raise UsageError(f"there is no segment {name[:80]}", f"Segments: {', '.join(SEGMENTS)}")
    rows: list[tuple[object, ...]] = []
    for known in people:
        profile = known.profile
        stated = (profile.consent.experiments, profile.consent.personalization)
        values = [getattr(profile, name) for name in segments]
        rows.append(
            (
                known.number,
                id_mark(profile.profile_id),
                profile.profile_id if unit == "profile" else profile.account_id,
                all(default_consent if consent is None else consent for consent in stated),
                *(None if value is None else str(value).lower() if value in (True, False) else value
                  for value in values),
            )
        )  # fmt: skip
    schema = {"profile": pl.Int64, "served_as": pl.UInt32, "unit": pl.String, "consents": pl.Boolean}
    schema |= dict.fromkeys(segments, pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row")


def own_exposures(exposures: pl.DataFrame, members: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """`exposures` without those that a merged profile brought along, which was assigned by another id; and how many
    profiles were served under such an id."""
    known = exposures.join(members.select("profile", own="served_as"), on="profile")
    own = pl.col("served_as") == pl.col("own")
    return known.filter(own).drop("own"), known.filter(~own)["profile"].n_unique()


def check_assignment(
    exposures: pl.DataFrame, people: Iterable[KnownProfile], assigner: Assigner, experiment_id: str
) -> Mismatch:
    """Assigns every exposed profile again. `exposures`: `profile`, `variant` of this experiment."""
    logged: dict[int, list[str]] = {}
    for number, variant in exposures.select("profile", "variant").unique().iter_rows():
        logged.setdefault(number, []).append(variant)
    checked, wrong, example = 0, 0, ""
    for known in people:
        if (variants := logged.get(known.number)) is None:
            continue
        profile = known.profile
        found = assigner.assign_one(experiment_id, profile.profile_id, attributes_of(profile), True, profile.account_id)
        if found.reason not in _CERTAIN:
            continue
        checked += 1
        if not found.counted or any(variant != found.variant for variant in variants):
            wrong += 1
            example = example or profile.profile_id
    return Mismatch(checked, wrong, example)
