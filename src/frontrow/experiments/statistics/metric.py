"""What is measured: one column of a per-unit table and how its units are summed up."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import msgspec

from frontrow.core.errors import UsageError

Kind = Literal["mean", "proportion", "ratio", "quantile"]

_FORM = "COL, COL:mean, COL:proportion, COL:ratio/COL or COL:quantile=q with 0 < q < 1"
_RATIO = re.compile(r"^(?P<column>.+):ratio/(?P<below>.+)$", re.S)
_QUANTILE = re.compile(r"^(?P<column>.+):quantile=(?P<share>[^:]*)$", re.S)


class Metric(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One metric of a per-unit table.

    mean: the average over units. proportion: the share of units whose 0/1 column is 1. ratio: the column's sum over
    the denominator's sum (minutes per play), with the delta method's variance. quantile: over units.
    """

    column: str
    kind: Kind = "mean"
    denominator: str | None = None
    """Of a ratio."""
    quantile: Annotated[float, msgspec.Meta(gt=0, lt=1)] | None = None
    better: Literal["up", "down"] = "up"
    """Which way is good; decides what ships and what a guardrail forbids."""
    margin: Annotated[float, msgspec.Meta(ge=0)] | None = None
    """Makes it a guardrail: the relative loss that is tolerated (.01: one percent)."""
    winsor: Annotated[float, msgspec.Meta(gt=0.5, lt=1)] | None = None
    """Values above this pooled quantile count as that quantile (mean, and both sides of a ratio)."""
    non_negative: bool = False
    """A value below zero is an error, as for viewing time."""
    ceiling: float | None = None
    """More than a unit can possibly do; a unit above is flagged as a bot."""
    of_service: bool = False
    """It says what the service did, not the unit: however extreme, the unit is no bot for it."""
    label: str | None = None
    """Its name, if not what the command line writes."""
    covariates: tuple[str, ...] = ()
    """Columns from before the experiment that narrow this metric alone (not of quantiles)."""

    @property
    def name(self) -> str:
        """Its label, else as the command line writes it."""
        if self.label is not None:
            return self.label
        if self.kind == "ratio":
            return f"{self.column}:ratio/{self.denominator}"
        if self.kind == "quantile":
            return f"{self.column}:quantile={self.quantile:g}"
        return self.column if self.kind == "mean" else f"{self.column}:{self.kind}"

    @property
    def columns(self) -> tuple[str, ...]:
        """What it reads: the column, and the denominator of a ratio."""
        return (self.column,) if self.denominator is None else (self.column, self.denominator)

    def check(self) -> None:
        """UsageError where the parts contradict each other."""
        if (self.kind == "ratio") != (self.denominator is not None):
            raise UsageError(f"metric {self.column}: a ratio, and only a ratio, has a denominator", f"Write {_FORM}")
        if (self.kind == "quantile") != (self.quantile is not None):
            raise UsageError(
                f"metric {self.column}: a quantile needs its q, and nothing else has one", f"Write {_FORM}"
            )
        if self.quantile is not None and not 0 < self.quantile < 1:
            raise UsageError(f"metric {self.column}: the quantile must lie between 0 and 1", f"Write {_FORM}")
        if self.winsor is not None and self.kind in ("proportion", "quantile"):
            raise UsageError(f"metric {self.name}: winsorisation is for means and ratios")


def parse_metric(text: str) -> Metric:
    """A metric from `COL[:mean|:proportion|:ratio/COL|:quantile=q]`; UsageError says what is allowed.

    Only these endings are read as kinds, so a column's own name may hold a colon.
    """
    if found := _RATIO.match(text):
        metric = Metric(column=found["column"], kind="ratio", denominator=found["below"])
    elif found := _QUANTILE.match(text):
        metric = Metric(column=found["column"], kind="quantile", quantile=_share(text, found["share"]))
    elif text.endswith(":proportion"):
        metric = Metric(column=text.removesuffix(":proportion"), kind="proportion")
    else:
        metric = Metric(column=text.removesuffix(":mean"))
    if not metric.column:
        raise UsageError(f"metric {text!r} names no column", f"Write {_FORM}")
    metric.check()
    return metric


def _share(text: str, number: str) -> float:
    try:
        return float(number)
    except ValueError:
        raise UsageError(f"metric {text!r}: {number!r} is not a number", f"Write {_FORM}") from None
