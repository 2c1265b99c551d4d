"""All settings of a workspace (frontrow.toml), joined from the rooms' own records."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from frontrow.features.state_settings import StateSettings
from frontrow.features.velocity import VelocitySettings
from frontrow.models.settings import ModelSettings
from frontrow.recommend.tuning import Tuning

LEAST_KEPT_DAYS = 31
"""A retry is known as a duplicate for 30 days from arrival; the day of arrival goes whole."""


class PrivacySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds for profiles that say nothing."""

    default_consent: Annotated[
        bool, msgspec.Meta(extra_json_schema={"description": "Consent of profiles that state none."})
    ] = True


class EventSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The event log and its copy by days, the lake."""

    keep_days: Annotated[
        int,
        msgspec.Meta(
            ge=0,
            extra_json_schema={
                "description": "Days after their arrival for which events are kept; with them go what was seen, rated "
                "and listed then. 0: for ever; else 31 or more, for retries are known for 30 days."
            },
        ),
    ] = 0
    compact_minutes: Annotated[
        int,
        msgspec.Meta(
            ge=0,
            extra_json_schema={
                "description": "Minutes between two runs of `frontrow compact` beside a server; 0: none."
            },
        ),
    ] = 60

    def __post_init__(self) -> None:
        if 0 < self.keep_days < LEAST_KEPT_DAYS:
            raise ValueError(f"keep_days must be 0 (for ever) or at least {LEAST_KEPT_DAYS}")


class PageSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pages and their log."""

    further_minutes: Annotated[
        int,
        msgspec.Meta(
            ge=1,
            extra_json_schema={"description": "Minutes for which further rows of a page can be asked for."},
        ),
    ] = 30
    keep_days: Annotated[
        int, msgspec.Meta(ge=1, extra_json_schema={"description": "Days for which the log of what was served is kept."})
    ] = 90
    values_share: Annotated[
        float,
        msgspec.Meta(
            ge=0,
            le=1,
            extra_json_schema={
                "description": "Share of pages whose feature values are logged, for `frontrow verify` to compare."
            },
        ),
    ] = 0.01


class ExperimentSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds for all experiments together."""

    holdout_share: Annotated[
        float,
        msgspec.Meta(
            ge=0,
            lt=1,
            extra_json_schema={
                "description": "Share of accounts that no experiment reaches, for good. Raising it lets nobody go."
            },
        ),
    ] = 0.0


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """frontrow.toml."""

    clock: Annotated[
        Literal["wall", "data", ""],
        msgspec.Meta(
            extra_json_schema={
                "description": 'Where "now" comes from: "wall" (the machine) or "data" (the newest event: for history '
                "and simulation). Empty: what the last import chose, else the machine."
            }
        ),
    ] = ""
    privacy: PrivacySettings = PrivacySettings()
    events: EventSettings = EventSettings()
    state: StateSettings = StateSettings()
    pages: PageSettings = PageSettings()
    models: ModelSettings = ModelSettings()
    popularity: VelocitySettings = VelocitySettings()
    tuning: Tuning = Tuning()
    experiments: ExperimentSettings = ExperimentSettings()
