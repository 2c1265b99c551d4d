"""What an evaluation tells."""

from __future__ import annotations

import msgspec


class Measured(msgspec.Struct, frozen=True):
    """A mean over viewers and its 95 % interval."""

    value: float
    low: float
    high: float


class Row(msgspec.Struct, frozen=True):
    """One system's metrics. `kind` is whole (what serves), model (one of its parts), less (the whole without one of its
    facets) or floor. `lead` is the whole less this system, viewer by viewer: significant where it leaves out 0."""

    system: str
    kind: str
    metrics: dict[str, Measured]
    lead: dict[str, Measured] = {}


class Comparison(msgspec.Struct, frozen=True):
    """The whole system less a floor, viewer by viewer: significant where the interval leaves out 0."""

    metric: str
    floor: str
    difference: Measured


class Calibration(msgspec.Struct, frozen=True):
    """Forecasts of one outcome against what came, in its unit (minutes; else chances): how many, both on average, and
    the mean gap between the two over ten bins of equally many forecasts."""

    forecasts: int
    forecast: float
    came: float
    error: Measured


class Group(msgspec.Struct, frozen=True):
    """Questions that a protocol tells apart, such as those after three events: `users` viewers, as in Report."""

    name: str
    users: int
    rows: list[Row]
    compared: list[Comparison]


class Report(msgspec.Struct, frozen=True):
    """Full-ranking metrics of every system, a viewer with several questions counting once.

    `apart` counts what the protocol does not ask about, and why. `calibration`, by outcome, says whether the whole's
    forecasts come true, `uncompared` why that cannot be said; `not_forecast` why it has none of others; `left_out` why
    a model was not trained; `failed` which part of the whole raised or was not finite, and stands as saying nothing.
    """

    protocol: str
    horizon: str
    request_time: str
    users: int
    rows: list[Row]
    compared: list[Comparison] = []
    apart: dict[str, int] = {}
    candidates: int = 0
    groups: list[Group] = []
    calibration: dict[str, Calibration] = {}
    uncompared: str = ""
    not_forecast: dict[str, str] = {}
    left_out: dict[str, str] = {}
    failed: dict[str, str] = {}
