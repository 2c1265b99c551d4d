"""Where the simulated service is open: countries with their languages, time zones and share of viewers and titles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Country:
    """`languages` are (language, share) of its viewers; `viewers` and `titles` are shares of the service's."""

    code: str
    languages: tuple[tuple[str, float], ...]
    timezones: tuple[str, ...]
    viewers: float
    titles: float
    near: tuple[str, ...] = ()


COUNTRIES: Final[tuple[Country, ...]] = (
    Country("US", (("en", 0.85), ("es", 0.15)), ("America/New_York", "America/Chicago", "America/Los_Angeles"),
            0.24, 0.26, ("GB", "MX")),
    Country("GB", (("en", 1.0),), ("Europe/London",), 0.12, 0.12, ("US",)),
    Country("DE", (("de", 1.0),), ("Europe/Berlin",), 0.12, 0.10, ("SE", "FR")),
    Country("FR", (("fr", 1.0),), ("Europe/Paris",), 0.10, 0.10, ("DE", "EG")),
    Country("SE", (("sv", 0.9), ("en", 0.1)), ("Europe/Stockholm",), 0.07, 0.08, ("DE", "GB")),
    Country("BR", (("pt", 1.0),), ("America/Sao_Paulo",), 0.10, 0.08, ("MX",)),
    Country("MX", (("es", 1.0),), ("America/Mexico_City",), 0.07, 0.06, ("BR", "US")),
    Country("JP", (("ja", 1.0),), ("Asia/Tokyo",), 0.07, 0.09, ()),
    Country("IN", (("hi", 0.65), ("en", 0.35)), ("Asia/Kolkata",), 0.07, 0.07, ("GB",)),
    Country("EG", (("ar", 1.0),), ("Africa/Cairo",), 0.04, 0.04, ("FR",)),
)  # fmt: skip
CODES: Final = tuple(country.code for country in COUNTRIES)
LANGUAGES: Final = tuple(sorted({language for country in COUNTRIES for language, _ in country.languages}))
OF_ORIGIN: Final[dict[str, str]] = {country.code: country.languages[0][0] for country in COUNTRIES}
"""The language that a country's titles are made in."""
TIMEZONES: Final = tuple(zone for country in COUNTRIES for zone in country.timezones)
PLANS: Final = (("basic", 0.35), ("standard", 0.45), ("premium", 0.20))
