"""Draws in a field of 200 by 300 units, with a stream of chance that a title's id decides."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Final, TypeVar

from frontrow.core.random import stable_hash

T = TypeVar("T")

WIDTH: Final = 200
HEIGHT: Final = 300


class Pen:
    """Chance and shapes. Shapes carry a class for a colour: `a`, `b`, `c` the palette's three, `k` its paper."""

    def __init__(self, key: str) -> None:
        self._random = random.Random(stable_hash("poster", key))

    def between(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + int(self._random.random() * (high - low + 1))

    def pick(self, options: Sequence[T]) -> T:
        """One of them."""
        return options[int(self._random.random() * len(options))]

    def chance(self, share: float) -> bool:
        """True in this share of cases."""
        return self._random.random() < share

    def bend(self, low: float, high: float) -> float:
        """A number in a range."""
        return low + self._random.random() * (high - low)


def path(colour: str, d: str) -> str:
    """A filled outline."""
    return f'<path class="{colour}" d="{d}"/>'


def line(colour: str, d: str, width: float) -> str:
    """A stroked outline."""
    return f'<path class="l {colour}" stroke-width="{width:g}" d="{d}"/>'


def circle(colour: str, x: float, y: float, r: float) -> str:
    """A filled circle."""
    return f'<circle class="{colour}" cx="{x:g}" cy="{y:g}" r="{r:g}"/>'


def ring(x: float, y: float, r: float) -> str:
    """The outline of a circle, as part of a path."""
    return f"M{x - r:g} {y:g}a{r:g} {r:g} 0 1 0 {2 * r:g} 0a{r:g} {r:g} 0 1 0 {-2 * r:g} 0"


def polar(x: float, y: float, r: float, degrees: float) -> str:
    """A point, as part of a path."""
    angle = math.radians(degrees)
    return f"{x + r * math.cos(angle):.0f} {y + r * math.sin(angle):.0f}"
