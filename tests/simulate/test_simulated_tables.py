"""The tables hold: every record is one of the contract, and what is told is possible."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import msgspec
import polars as pl
import pytest
from simulated import SMALL, silent

from frontrow.catalog.rights import Place, Rights
from frontrow.catalog.title import parse_title
from frontrow.core.clock import Micros
from frontrow.core.errors import FrontrowError, UsageError
from frontrow.events.event import parse_event
from frontrow.importers.table_files import find_tables
from frontrow.people.profile import parse_profile
from frontrow.simulate.history import simulate_history
from frontrow.simulate.settings import END, WorldSettings


def read(tables, which):
    """Records of one table as the import reads them."""
    return [raw for _, raw in find_tables(tables)[which].rows()]


@pytest.fixture(scope="module")
def all_titles(tables):
    return {title.title_id: title for title in (parse_title(raw, Micros(0)) for raw in read(tables, 0))}


@pytest.fixture(scope="module")
def all_profiles(tables):
    return {profile.profile_id: profile for profile in (parse_profile(raw, Micros(0)) for raw in read(tables, 1))}


@pytest.fixture(scope="module")
def all_events(tables):
    return [parse_event(raw, Micros(0)) for raw in read(tables, 2)]


def digests(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_the_same_seed_writes_the_same_bytes(tables, tmp_path):
    simulate_history(SMALL, tmp_path, silent)
    assert digests(tmp_path) == digests(tables)


def test_another_seed_writes_others(tables, tmp_path):
    simulate_history(replace(SMALL, seed=6), tmp_path, silent)
    assert not set(digests(tmp_path).values()) & set(digests(tables).values())


def test_every_record_passes_and_no_field_is_unknown(all_titles, all_profiles, all_events):
    assert sum(title.kind != "episode" for title in all_titles.values()) == SMALL.titles
    assert len(all_profiles) == SMALL.profiles
    assert all(not unknown for _, unknown in all_events)
    assert {title.kind for title in all_titles.values()} == {"movie", "series", "episode", "clip", "game", "live"}


def test_ids_are_unique_and_events_know_whom_they_speak_of(titles, profiles, events, all_titles, all_profiles):
    assert titles["title_id"].is_unique().all()
    assert profiles["profile_id"].is_unique().all()
    assert events["event_id"].is_unique().all()
    assert set(events["title_id"].drop_nulls()) <= set(all_titles)
    assert set(events["profile_id"]) <= set(all_profiles)


def test_events_come_in_order_within_the_history(events):
    assert events["at"].is_sorted()
    assert events["at"].to_physical().min() >= SMALL.start
    assert events["at"].to_physical().max() < END


def test_nobody_acts_before_the_profile_exists_or_the_title_came(events, titles, profiles):
    joined = events.join(profiles.select("profile_id", "created_at"), on="profile_id").join(
        titles.select("title_id", "added_at"), on="title_id", how="left"
    )
    at = pl.col("at")
    assert joined.filter(at < pl.col("created_at").str.to_datetime(time_zone="UTC")).is_empty()
    assert joined.filter(at < pl.col("added_at").str.to_datetime(time_zone="UTC")).is_empty()


def test_no_title_is_called_like_another(titles):
    assert titles.filter(pl.col("kind") != "episode")["name"].is_unique().all()


@pytest.mark.parametrize("kind", ["play", "impression", "select"])
def test_nothing_passes_outside_the_gate(all_events, all_titles, all_profiles, kind):
    """By the engine's own gate: window, country, plan, maturity."""
    names = list(all_titles)
    number = {name: place for place, name in enumerate(names)}
    rights = Rights()
    for name, title in all_titles.items():
        rights.set(number[name], title)
    told = [event for event, _ in all_events if event.type == kind]
    assert len(told) > 1_000
    by_place = {}
    for event in told:
        profile = all_profiles[event.profile_id]
        day = event.at // 86_400_000_000
        by_place.setdefault((profile.country, profile.plan, profile.limit, day), []).append(event)
    for (country, plan, limit, _), group in by_place.items():
        shown = rights.mask(Place(country, plan, limit), group[0].at, len(names))
        assert all(shown[number[event.title_id]] for event in group)


def test_children_watch_what_was_made_for_them(events, titles, profiles):
    kids = profiles.filter("kids")["profile_id"]
    assert len(kids) > 20
    made = titles.with_columns(for_kids=pl.col("genres").list.first().is_in(["Family", "Animation"]))
    plays = events.filter(type="play").join(made.select("title_id", "for_kids"), on="title_id")
    mine = pl.col("profile_id").is_in(kids.implode())
    assert plays.filter(mine)["for_kids"].mean() > 0.7
    assert plays.filter(~mine)["for_kids"].mean() < 0.25


def test_an_episode_is_begun_when_the_one_before_it_was_finished(events, titles):
    episodes = titles.filter(kind="episode").select("title_id", "series_id", "season", "episode")
    stops = events.filter(type="stop").join(episodes, on="title_id")
    finished = set(stops.filter(pl.col("fraction") >= 0.9).select("profile_id", "title_id").rows())
    following = {}
    for _, group in episodes.sort("season", "episode").group_by("series_id", maintain_order=True):
        names = group["title_id"].to_list()
        following |= dict(zip(names[1:], names[:-1], strict=True))
    later = [row for row in stops.select("profile_id", "title_id").rows() if row[1] in following]
    assert len(later) > 200
    assert all((profile, following[name]) in finished for profile, name in later)


def test_a_playback_has_one_play_and_at_most_one_stop(events):
    by_type = events.filter(pl.col("type").is_in(["play", "stop"])).group_by("playback_id", "type").len()
    assert (by_type["len"] == 1).all()
    stops, plays = events.filter(type="stop"), events.filter(type="play")
    assert set(stops["playback_id"]) <= set(plays["playback_id"])
    assert stops["seconds"].min() > 0


def test_a_page_shows_one_title_in_one_place(events):
    shown = events.filter(type="impression")
    assert shown.select("page_id", "row", "column").is_unique().all()


def test_all_kinds_of_events_happen(events):
    assert set(events["type"]) == {
        "session_start", "impression", "search", "select", "list_add", "list_remove", "play", "progress", "stop",
        "rate", "hide", "less_like", "session_end",
    }  # fmt: skip


def test_six_countries_at_least_have_accounts_kids_and_languages(profiles):
    assert profiles["country"].n_unique() >= 6
    assert profiles["language"].n_unique() >= 6
    assert profiles.group_by("account_id").len()["len"].max() > 1
    one_country = profiles.group_by("account_id").agg(pl.col("country").n_unique())["country"]
    assert (one_country == 1).all()


def test_fame_has_a_long_tail_and_releases_fade(events):
    counts = events.filter(type="play")["title_id"].str.slice(0, 7).value_counts(sort=True)["count"]
    assert counts.head(15).sum() > 3 * counts.sum() * 15 / SMALL.titles


def test_a_folder_with_other_tables_is_refused(tmp_path):
    (tmp_path / "events.csv").write_text("type\n")
    with pytest.raises(FrontrowError, match=r"events\.csv"):
        simulate_history(SMALL, tmp_path, silent)
    with pytest.raises(FrontrowError, match="cannot be made"):
        simulate_history(SMALL, tmp_path / "events.csv", silent)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"titles": 3}, "at least 40 titles"),
        ({"profiles": 0}, "at least 1 profile"),
        ({"days": 0}, "1 to 730 days"),
        ({"days": 731}, "1 to 730 days"),
        ({"seed": -1}, "0 or more"),
        ({"without": frozenset(["cultur"])}, "Did you mean culture"),
        ({"without": frozenset(["zzz"])}, "Known: context"),
    ],
)
def test_wrong_settings_say_what_is_wrong(wrong, said):
    with pytest.raises(UsageError, match=said):
        WorldSettings(**wrong)


@pytest.mark.parametrize("size", [(40, 1, 1), (40, 2, 3), (60, 30, 400)])
def test_the_smallest_and_longest_worlds_work(tmp_path, size):
    titles, profiles, days = size
    made = simulate_history(WorldSettings(3, titles, profiles, days), tmp_path, silent)
    assert made.titles == titles
    assert msgspec.json.encode(made)
