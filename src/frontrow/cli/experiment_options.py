"""What `experiment analyze` is told, made into metrics, shares and the last look."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from frontrow.core.errors import FrontrowError, UsageError

if TYPE_CHECKING:
    from frontrow.experiments.statistics.analysis import Analysis
    from frontrow.experiments.statistics.metric import Metric


def build_metrics(
    texts: Sequence[str],
    guardrails: Sequence[str],
    lower_is_better: Sequence[str],
    non_negative: Sequence[str],
    winsor: Sequence[str],
) -> list[Metric]:
    """The metrics of `--metric`, then those that only guard; the rest qualify metrics by name or by column."""
    from frontrow.experiments.statistics.metric import parse_metric

    metrics = [parse_metric(text) for text in texts]
    for text in guardrails:
        name, margin = _pair(text, "--guardrail", "COL=MARGIN, for example minutes=.01 for one percent")
        if not 0 <= margin < 1:
            raise UsageError(f"--guardrail {text}: the margin must lie between 0 and 1", ".01 tolerates a 1 % loss")
        guard = parse_metric(name)
        if guard.name not in [metric.name for metric in metrics]:
            metrics.append(guard)
        metrics = [
            msgspec.structs.replace(metric, margin=margin) if metric.name == guard.name else metric
            for metric in metrics
        ]
    for name in lower_is_better:
        metrics = _changed(metrics, name, "--lower-is-better", better="down")
    for name in non_negative:
        metrics = _changed(metrics, name, "--non-negative", non_negative=True)
    for text in winsor:
        name, share = _pair(text, "--winsor", "COL=Q, for example minutes=.999")
        if not 0.5 < share < 1:
            raise UsageError(f"--winsor {text}: the quantile must lie between .5 and 1")
        metrics = _changed(metrics, name, "--winsor", winsor=share)
    return metrics


def build_shares(texts: Sequence[str]) -> dict[str, float] | None:
    """The intended sizes of `--share`, by arm; None (all equal) where there are none."""
    shares = dict(_pair(text, "--share", "ARM=WEIGHT, for example control=.9") for text in texts)
    if len(shares) < len(texts):
        raise UsageError("--share names an arm twice")
    return shares or None


def read_previous(path: Path | None) -> Analysis | None:
    """The last look, as `--json` wrote it."""
    from frontrow.experiments.statistics.analysis import analysis_from_json

    if path is None:
        return None
    if not path.is_file():
        raise FrontrowError(f"{path} does not exist", "--previous is what --json wrote at the last look")
    try:
        return analysis_from_json(path.read_bytes())
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise FrontrowError(
            f"{path} does not hold an analysis",
            "--previous is what --json wrote at the last look; keep each look in a file of its own",
        ) from None


def _pair(text: str, option: str, form: str) -> tuple[str, float]:
    name, found, value = text.rpartition("=")
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not found or not name or not math.isfinite(number):
        raise UsageError(f"{option} {text}: not understood", f"Write {form}")
    return name, number


def _changed(metrics: Sequence[Metric], name: str, option: str, **change: object) -> list[Metric]:
    """Metrics called `name`, or that read the column `name`, with a change."""
    chosen = [metric.name == name or name in metric.columns for metric in metrics]
    if not any(chosen):
        known = ", ".join(metric.name for metric in metrics)
        raise UsageError(f"{option} {name}: no metric reads that", f"Metrics here: {known}")
    return [
        msgspec.structs.replace(metric, **change) if hit else metric
        for metric, hit in zip(metrics, chosen, strict=True)
    ]
