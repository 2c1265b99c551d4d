"""All settings of a workspace (frontrow.toml), joined from the rooms' own records."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from frontrow.features.velocity import VelocitySettings
from frontrow.models.settings import ModelSettings
from frontrow.recommend.tuning import Tuning


class PrivacySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds for profiles that say nothing."""

    default_consent: Annotated[
        bool, msgspec.Meta(extra_json_schema={"description": "Consent of profiles that state none."})
    ] = True


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
    pages: PageSettings = PageSettings()
    models: ModelSettings = ModelSettings()
    popularity: VelocitySettings = VelocitySettings()
    tuning: Tuning = Tuning()
    experiments: ExperimentSettings = ExperimentSettings()
