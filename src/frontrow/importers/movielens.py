"""A MovieLens folder into a workspace: read all, then titles, profiles and ratings by the chunk."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from frontrow.events.event import Event
from frontrow.importers.derived_ids import RatingIds
from frontrow.importers.movielens_files import Broken, find_layout
from frontrow.importers.movielens_ratings import read_ratings
from frontrow.importers.movielens_records import read_profiles, read_titles
from frontrow.importers.report import Count, ImportReport, Progress, silent
from frontrow.importers.target import ImportTarget
from frontrow.importers.writing import CHUNK, append_chunk, last_of_each, put_all


def import_movielens(path: Path, target: ImportTarget, progress: Progress = silent) -> ImportReport:
    """Any MovieLens layout. Ratings become `rate` events at their time, with ids derived from their content.

    Broken lines are counted and left out. Raises FrontrowError where the folder is none of the layouts. Running it
    again completes what was cut short and changes nothing else.
    """
    report = ImportReport()
    folder, layout = find_layout(path)
    progress(0.0, f"reading {folder.name}")
    if folder != path:
        report.notes.append(f"read {folder}, the one MovieLens folder in {path}")

    def broken(count: Count) -> Broken:
        return lambda place, message: report.reject(count, place, message)

    films = read_titles(folder, layout, broken(report.titles))
    titles = last_of_each(films, lambda title: title.title_id, report.titles, report)
    viewers = read_profiles(folder, layout, broken(report.profiles))
    profiles = last_of_each(viewers, lambda profile: profile.profile_id, report.profiles, report)
    ratings = read_ratings(
        folder / layout.ratings, layout, broken(report.events), lambda part: progress(0.1 * part, "reading ratings")
    )
    put_all(titles, target.put_titles, report.titles, report)
    put_all(profiles, target.put_profiles, report.profiles, report)
    ids = RatingIds()
    place = f"{layout.ratings}:{{}}".format
    for start in range(0, len(ratings), CHUNK):
        progress(0.1 + 0.9 * start / len(ratings), f"{start:,} of {len(ratings):,} ratings")
        part = ratings.slice(start, CHUNK)
        append_chunk(rate_events(part, ids), part["line"].to_list(), place, target, report)
    progress(1.0, f"{len(ratings):,} ratings")
    return report


def rate_events(ratings: pl.DataFrame, ids: RatingIds) -> list[Event]:
    """Ratings as events, in their order; `received_at` is `at`, since the sets say no other."""
    columns = [ratings[name].to_list() for name in ("profile_id", "title_id", "value", "at")]
    return [
        Event(event_id=i, type="rate", profile_id=profile, title_id=title, value=value, at=at, received_at=at)
        for i, profile, title, value, at in zip(
            ids.of(*columns), *columns, strict=True
        )
    ]  # fmt: skip
