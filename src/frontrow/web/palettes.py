"""The colours of posters, named after what they look like. CSS custom properties are made from this one table."""

from __future__ import annotations

from typing import Final, NamedTuple


class Palette(NamedTuple):
    """Six colours, RRGGBB. Words are set in `type` on `paper` (contrast 7 or more); the rest is for shapes."""

    paper: str
    glow: str
    one: str
    two: str
    three: str
    type: str


PALETTES: Final[dict[str, Palette]] = {
    "ash": Palette("0f1114", "2b3038", "c9ccd1", "565d68", "e2503f", "f4f4f2"),
    "blood": Palette("150608", "4d0d14", "d21f2c", "7c1119", "f3d9c4", "fff3ec"),
    "bone": Palette("efe7d8", "fbf6ea", "b8472f", "d9c6a3", "2c2a29", "1d1b1a"),
    "bruise": Palette("160d1f", "3d1c4f", "9b5fc0", "562a70", "e8a33d", "f8effc"),
    "candy": Palette("5b1046", "a31c6b", "ff8fb8", "ffd166", "46d3c9", "fff5fa"),
    "clay": Palette("2b1410", "6e2f1f", "d9734a", "97452c", "f2c9a1", "fff2e7"),
    "coral": Palette("6d1a24", "b5343b", "ff9a76", "ffd8a8", "2f6f73", "fff6f0"),
    "cream": Palette("f6ecd9", "fff8ea", "2f5d62", "e0a458", "c8553d", "22231f"),
    "dusk": Palette("17142b", "43305f", "f08a5d", "7d4f8c", "f9d56e", "fff4e8"),
    "ember": Palette("1a0d08", "54200d", "f07c21", "9c3b10", "ffd27a", "fff3e2"),
    "forest": Palette("0c1a14", "1d3d2c", "7fb069", "2f6b4a", "f1d18a", "f3f8ec"),
    "frost": Palette("0d1b2a", "27496d", "a9d6e5", "4a7fa5", "f4f9fc", "f1f8fd"),
    "grape": Palette("1f1147", "4a2b96", "c7a6ff", "7a4fd6", "ffc857", "f7f2ff"),
    "ink": Palette("0a0d14", "1b2740", "4d7fd1", "2a4372", "f2c14e", "eef3fc"),
    "jade": Palette("06231f", "0f5148", "37b89a", "16756a", "f7e3a1", "eefaf5"),
    "lagoon": Palette("05283b", "0b5a74", "3fc1c9", "187a94", "fc8f6b", "effbfd"),
    "lilac": Palette("e9e0f5", "f8f3fe", "6a4c93", "b79ad8", "e86a92", "23193a"),
    "lime": Palette("18240a", "3c5a14", "b5d33d", "6c8f1f", "f6f0b2", "f8fbe8"),
    "mint": Palette("dff2e6", "f3fbf5", "1f7a5c", "8ccfae", "f2765f", "11302a"),
    "neon": Palette("0b0620", "28104f", "ff2e93", "5a21c9", "21e6e0", "f6f0ff"),
    "noir": Palette("0b0b0d", "26262b", "e8e2d0", "4a4a52", "e0b341", "f7f3e8"),
    "peach": Palette("fde4cf", "fff3e6", "e4576b", "f6a57e", "4b3f72", "35182a"),
    "rose": Palette("3a0f23", "7d2246", "f2799f", "b03a67", "ffd9c7", "fff1f4"),
    "rust": Palette("1d120c", "4b2c18", "c8702c", "7a4420", "e9c792", "fbf0e0"),
    "sand": Palette("3a2412", "8a5a2b", "e8b46a", "b9792f", "7fb7be", "fff4e2"),
    "sky": Palette("0b2f5b", "1d6fb8", "8fd0ff", "ffd84d", "ff7a59", "f4faff"),
    "slate": Palette("12181f", "2f3e4d", "8fa6b8", "48607a", "f0a35e", "f1f5f8"),
    "sun": Palette("f8c93c", "ffe58a", "e2572b", "f08a24", "233d5c", "231709"),
    "teal": Palette("071e26", "114556", "2a9d8f", "1d6a78", "e9c46a", "effaf8"),
    "wine": Palette("1d0a17", "4c1638", "c2456f", "7d2650", "e9c9a8", "fcf0f2"),
}


def palettes_css() -> str:
    """A class `p-NAME` for each palette, that sets its colours for whatever carries it."""
    return "".join(
        f".p-{name}{{"
        + "".join(f"--{field}:#{value};" for field, value in palette._asdict().items())
        + f"color-scheme:{'light' if luminance(palette.paper) > 0.4 else 'dark'}}}\n"
        for name, palette in PALETTES.items()
    )


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2) of RRGGBB, 0..1."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio (WCAG 2.2) of two colours, 1..21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)
