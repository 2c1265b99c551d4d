"""Title records: what the service says of its titles."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import numpy as np

from frontrow.core.clock import DAY, format_time
from frontrow.simulate.cast import Cast
from frontrow.simulate.names import LATIN, LOCAL, NUMERALS, Dice, Namer, english
from frontrow.simulate.offers import NEVER, Offers
from frontrow.simulate.places import CODES, LANGUAGES, OF_ORIGIN, PLANS
from frontrow.simulate.settings import WorldSettings
from frontrow.simulate.synopses import synopsis
from frontrow.simulate.traits import KINDS, NOBODY, Traits
from frontrow.simulate.words import GENRES, MOODS, THEMES

SEASON: Final = 8
"""Most episodes of one season."""
_ROLES = ("director", "actor", "actor", "actor", "actor")
_THEME_NAMES = tuple(THEMES)


def title_id(number: int) -> str:
    """The id of a title by its number."""
    return f"t-{number:05d}"


def episode_id(number: int, episode: int) -> str:
    """The id of an episode, by its series' number and its own from 0."""
    season, place = divmod(episode, SEASON)
    return f"t-{number:05d}-s{season + 1}e{place + 1:02d}"


class TitleWriter:
    """Makes records: every title, then the episodes of each series."""

    def __init__(self, settings: WorldSettings, traits: Traits, cast: Cast, offers: Offers) -> None:
        self.settings, self.traits, self.cast, self.offers = settings, traits, cast, offers
        self._namer = Namer()
        self._translated: dict[str, Namer] = {}
        self._language = ["en"] * len(traits)
        self._names = self._all_names()
        self._windows: dict[int, list[dict[str, Any]]] = {}
        for place, number in enumerate(offers.title.tolist()):
            self._windows.setdefault(number, []).append(self._window(place))

    def records(self) -> list[dict[str, Any]]:
        """All records as JSON values, fields that a title lacks left out."""
        titles = [self._record(number) for number in range(len(self.traits))]
        episodes = [
            self._episode(titles[number], number, episode)
            for number in np.flatnonzero(self.traits.episodes).tolist()
            for episode in range(int(self.traits.episodes[number]))
        ]
        return [*titles, *episodes]

    def names(self) -> list[str]:
        """Names by title number."""
        return self._names

    def _all_names(self) -> list[str]:
        """A later part of a film series is called after the first, where records tell what titles are about."""
        names = [""] * len(self.traits)
        content = self.settings.has("content")
        for number in np.argsort(self.traits.part, kind="stable").tolist():
            if not names[number]:
                names[number] = self._name(number)
            following, part = int(self.traits.next_part[number]), int(self.traits.part[number])
            if content and following != NOBODY:
                first = names[number].removesuffix(NUMERALS[part - 1]) if part > 1 else names[number]
                names[following] = self._namer.claim(first + NUMERALS[part])
                self._language[following] = self._language[number]
        return names

    def _name(self, number: int) -> str:
        """English, or in the language of its origin where that has Latin letters; a third of those go by English."""
        dice = Dice(self.settings.stream("title name", number))
        language = OF_ORIGIN[CODES[self.traits.origin[self.traits.shown[number]]]]
        if language in LATIN and language in LOCAL and dice.chance(0.65):
            self._language[number] = language
            return self._namer.take(lambda: LOCAL[language](dice))
        genre = GENRES[self.traits.genres[self.traits.shown[number], 0]]
        return self._namer.take(lambda: english(dice, genre))

    def _record(self, number: int) -> dict[str, Any]:
        traits, shown = self.traits, int(self.traits.shown[number])
        dice = Dice(self.settings.stream("title record", number))
        kind = KINDS[traits.kind[number]]
        origin = CODES[traits.origin[shown]]
        audio = [language for language, heard in zip(LANGUAGES, traits.audio[shown], strict=True) if heard]
        themes = [_THEME_NAMES[each] for each in traits.themes[shown].tolist() if each != NOBODY]
        people = [
            {"name": self.cast.name[each], "role": role}
            for each, role in zip(traits.people[shown].tolist(), _ROLES, strict=True)
            if each != NOBODY
        ]
        genres = [GENRES[each] for each in traits.genres[shown].tolist() if each != NOBODY]
        record: dict[str, Any] = {
            "title_id": title_id(number),
            "kind": kind,
            "name": self._names[number],
            "year": int(traits.year[shown]),
            "synopsis": synopsis(dice, genres[0], themes, [each["name"] for each in people], kind),
            "translations": self._translations(number, audio),
            "genres": genres,
            "tags": self._tags(dice, shown, themes),
            "people": people,
            "languages": audio,
            "subtitle_languages": [each for each in LANGUAGES if each in audio or dice.chance(0.4)],
            "origin_countries": [origin],
            "runtime_minutes": float(traits.runtime[number]),
            "maturity": int(traits.maturity[number]),
            "original": bool(traits.added[number] > -365 and dice.chance(0.3)),
            "added_at": self._moment(int(traits.added[number])),
        }
        if traits.episodes[number]:
            record["attributes"] = {"seasons": int((traits.episodes[number] - 1) // SEASON + 1)}
        if kind == "live":
            record["starts_at"] = self._moment(int(self.offers.live_from[number]))
            record["ends_at"] = self._moment(int(self.offers.live_until[number]))
        if number in self._windows:
            record["windows"] = self._windows[number]
        return record

    def _tags(self, dice: Dice, shown: int, themes: list[str]) -> dict[str, float]:
        main, second = (MOODS[each] for each in self.traits.moods[shown].tolist())
        tags = {main: 0.8 + 0.2 * dice.rng.random(), second: 0.35 + 0.25 * dice.rng.random()}
        tags |= {theme: (0.95, 0.75, 0.55)[place] - 0.15 * dice.rng.random() for place, theme in enumerate(themes)}
        return {name: round(weight, 2) for name, weight in tags.items()}

    def _translations(self, number: int, audio: list[str]) -> dict[str, dict[str, str]]:
        """A name in the other languages that it can be heard in, no two alike in one; parts keep their number."""
        part, own = int(self.traits.part[number]), self._language[number]
        numeral = NUMERALS[part - 1] if part > 1 and self.settings.has("content") else ""
        dice = Dice(self.settings.stream("title translations", number))
        named: dict[str, dict[str, str]] = {}
        for language in audio:
            if language == own:
                continue
            genre = GENRES[self.traits.genres[self.traits.shown[number], 0]]
            make = partial(LOCAL[language], dice) if language in LOCAL else partial(english, dice, genre)
            name = self._translated.setdefault(language, Namer()).maybe(make)
            if name is not None:
                named[language] = {"name": name + numeral}
        return named

    def _window(self, place: int) -> dict[str, Any]:
        offers = self.offers
        window: dict[str, Any] = {"countries": [], "plans": []}
        if not offers.countries[place].all():
            window["countries"] = [code for code, here in zip(CODES, offers.countries[place], strict=True) if here]
        if not offers.plans[place].all():
            window["plans"] = [plan for (plan, _), paid in zip(PLANS, offers.plans[place], strict=True) if paid]
        window["from"] = self._moment(int(offers.first[place]))
        if offers.until[place] < NEVER:
            window["until"] = self._moment(int(offers.until[place]))
        return window

    def _episode(self, series: dict[str, Any], number: int, episode: int) -> dict[str, Any]:
        season, place = divmod(episode, SEASON)
        dice = Dice(self.settings.stream("episode", f"{number} {episode}"))
        jitter = round(float(series["runtime_minutes"]) * (0.94 + 0.12 * dice.rng.random()))
        record = {name: series[name] for name in ("year", "genres", "languages", "maturity", "added_at")}
        record |= {"windows": series["windows"]} if "windows" in series else {}
        return {
            "title_id": episode_id(number, episode),
            "kind": "episode",
            "name": english(dice, series["genres"][0]),
            **record,
            "runtime_minutes": float(jitter),
            "origin_countries": series["origin_countries"],
            "series_id": series["title_id"],
            "season": season + 1,
            "episode": place + 1,
        }

    def _moment(self, day: int) -> str:
        return format_time(self.settings.start + day * DAY)
