"""Numbers as a report says them."""

from __future__ import annotations

from frontrow.experiments.statistics.effect import Interval


def number(value: float) -> str:
    """Four significant digits, no exponent for everyday sizes."""
    if value == 0:
        return "0"
    if 1e-4 <= abs(value) < 1e7:
        text = f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:.4g}"
        return "0" if text == "-0" else text
    return f"{value:.3e}"


def percent(share: float) -> str:
    """Signed, with the digits that matter: +2.1 %, -0.04 %."""
    value = 100 * share
    digits = 2 if abs(value) < 1 else 1 if abs(value) < 100 else 0
    text = f"{value:+.{digits}f}"
    return ("0" if float(text) == 0 else text) + " %"


def span(interval: Interval | None, relative: bool) -> str:
    """An interval in words."""
    if interval is None:
        return "unknown"
    say = percent if relative else number
    return f"{say(interval.low)} to {say(interval.high)}"


def small(p_value: float) -> str:
    """A p-value."""
    return "< .0001" if p_value < 1e-4 else f"{p_value:.4f}".replace("0.", ".", 1)
