"""Short words for facts: kinds, running times, ages, countries, sources."""

from __future__ import annotations

from typing import Final

from frontrow.catalog.title import Title

KINDS: Final = {
    "movie": "Film", "series": "Series", "episode": "Episode", "live": "Live", "clip": "Clip", "game": "Game",
}  # fmt: skip
SOURCES: Final = {
    "linear": "Watched together",
    "follow": "What followed in viewing",
    "transitions": "What comes next",
    "content": "Alike in story",
    "popular": "Popular now",
    "popular_country": "Popular in your country",
    "fresh": "New here",
    "context": "This moment",
    "leads_on": "What leads on",
    "sitting": "This sitting",
}
COUNTRIES: Final = {
    "AR": "Argentina", "AT": "Austria", "AU": "Australia", "BE": "Belgium", "BR": "Brazil", "CA": "Canada",
    "CH": "Switzerland", "CL": "Chile", "CN": "China", "CO": "Colombia", "CZ": "Czechia", "DE": "Germany",
    "DK": "Denmark", "EG": "Egypt", "ES": "Spain", "FI": "Finland", "FR": "France", "GB": "United Kingdom",
    "GR": "Greece", "HK": "Hong Kong", "HU": "Hungary", "ID": "Indonesia", "IE": "Ireland", "IL": "Israel",
    "IN": "India", "IT": "Italy", "JP": "Japan", "KE": "Kenya", "KR": "South Korea", "MA": "Morocco", "MX": "Mexico",
    "MY": "Malaysia", "NG": "Nigeria", "NL": "Netherlands", "NO": "Norway", "NZ": "New Zealand", "PE": "Peru",
    "PH": "Philippines", "PK": "Pakistan", "PL": "Poland", "PT": "Portugal", "RO": "Romania", "SA": "Saudi Arabia",
    "SE": "Sweden", "SG": "Singapore", "TH": "Thailand", "TR": "Türkiye", "TW": "Taiwan", "UA": "Ukraine",
    "US": "United States", "VN": "Vietnam", "ZA": "South Africa",
}  # fmt: skip
DROPS: Final = {
    "window": "not in its window of rights",
    "country": "not licensed in this country",
    "plan": "not part of this plan",
    "maturity": "above this profile's age limit",
    "blocked": "blocked by an operator",
    "hidden": "hidden by the viewer",
    "watched": "watched already",
    "in_progress": "in progress, so it stands in Continue watching",
    "kind": "not a kind that rows show",
    "unknown": "not in the catalogue",
}
_RIGHT_TO_LEFT: Final = frozenset({"ar", "dv", "fa", "he", "iw", "ku", "ps", "sd", "ug", "ur", "yi"})


def direction(language: str | None) -> str:
    """`rtl` for languages written from right to left."""
    return "rtl" if (language or "").split("-")[0].lower() in _RIGHT_TO_LEFT else "ltr"


def country(code: str | None) -> str:
    """A country's name; its code where it is not in the table."""
    return COUNTRIES.get(code, code) if code else "Anywhere"


def running_time(minutes: float | None) -> str:
    """`1 h 52 min`; empty where it is unknown."""
    if not minutes or minutes < 1:
        return ""
    hours, rest = divmod(round(minutes), 60)
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest else "") if part)


def facts(title: Title | None, episodes: int = 0) -> list[str]:
    """Year, kind, length and age, those that are known."""
    if title is None:
        return []
    age = "" if title.maturity is None else "All ages" if title.maturity == 0 else f"Ages {title.maturity}+"
    length = f"{episodes} episodes" if episodes > 1 else running_time(title.runtime_minutes)
    kind = "Original " + KINDS[title.kind].lower() if title.original else KINDS[title.kind]
    return [fact for fact in (str(title.year or ""), kind, length, age) if fact]
