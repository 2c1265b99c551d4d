"""Intervals drawn as SVG: a dot with its whisker, one row each, around a line at zero."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

Tone = Literal["good", "bad", "open"]

_ROW, _WIDTH, _RIGHT, _HEAD = 28, 420, 90, 26
_LONGEST, _LETTER = 32, 8.2
"""Letters of a label at most, and how wide one is."""


@dataclass(frozen=True)
class Bar:
    """One interval: `label` to its left, `note` to its right; low and high None where unknown."""

    label: str
    value: float
    low: float | None
    high: float | None
    tone: Tone
    note: str


def interval_chart(bars: Sequence[Bar], title: str, say: Callable[[float], str]) -> str:
    """An `<svg>` of the bars on one scale that holds zero; `say` writes the scale's numbers."""
    ends = [0.0]
    for bar in bars:
        ends += [bar.value] if bar.low is None or bar.high is None else [bar.low, bar.high]
    ticks = nice_ticks(min(ends), max(ends))
    low, high = ticks[0], ticks[-1]
    left = 20 + round(_LETTER * max((len(_short(bar.label)) for bar in bars), default=0))

    def across(value: float) -> str:
        return f"{left + _WIDTH * (value - low) / (high - low):.1f}"

    height = _HEAD + _ROW * len(bars) + 6
    total = left + _WIDTH + _RIGHT
    parts = [
        f'<svg role="img" viewBox="0 0 {total} {height}" width="{total}" height="{height}" class="chart">',
        f"<title>{escape(title)}</title>",
    ]
    for tick in ticks:
        style = "zero" if tick == 0 else "grid"
        parts.append(f'<line class="{style}" x1="{across(tick)}" x2="{across(tick)}" y1="{_HEAD - 6}" y2="{height}"/>')
        parts.append(f'<text class="tick" x="{across(tick)}" y="{_HEAD - 12}">{escape(say(tick))}</text>')
    for at, bar in enumerate(bars):
        y = _HEAD + _ROW * at + _ROW / 2
        parts.append(f'<text class="label" x="{left - 12}" y="{y + 4:g}">{escape(_short(bar.label))}</text>')
        if bar.low is not None and bar.high is not None:
            ends_at = f'x1="{across(bar.low)}" x2="{across(bar.high)}" y1="{y:g}" y2="{y:g}"'
            parts.append(f'<line class="whisker {bar.tone}" {ends_at}/>')
        parts.append(f'<circle class="{bar.tone}" cx="{across(bar.value)}" cy="{y:g}" r="5"/>')
        parts.append(f'<text class="note" x="{left + _WIDTH + 12}" y="{y + 4:g}">{escape(bar.note)}</text>')
    return "\n".join([*parts, "</svg>"])


def nice_ticks(low: float, high: float) -> list[float]:
    """Three to eight round numbers from at or below `low` to at or above `high`, zero among them if it lies between."""
    reach, size = high - low, max(abs(low), abs(high))
    if not reach > max(1e-200, 1e-12 * size) or not math.isfinite(reach):
        wide = max(1.0, 1e-9 * size)
        low, high, reach = low - wide, high + wide, 2 * wide
    raw = reach / 5
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(times * power for times in (1, 2, 2.5, 5, 10) if times * power >= raw * 0.999)
    return [step * at for at in range(math.floor(low / step), math.ceil(high / step) + 1)]


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST else label[: _LONGEST - 1] + "…"
