"""What is always true of a page, over random catalogues, rights, limits, histories, and models that are missing or
broken: the gate holds, no title twice, rows have their minimum, and a page is answered."""

from __future__ import annotations

import itertools
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontrow.catalog.title import parse_title
from frontrow.core.clock import parse_time
from frontrow.core.errors import NotFound
from frontrow.people.profile import parse_profile
from frontrow.recommend.answers import Page, Row
from frontrow.recommend.request import HomeRequest, ListRequest, RankRequest, RowsRequest
from frontrow.workspace import Workspace

NOW = "2026-03-20T12:00:00Z"
DAYS = [f"2026-03-{day:02}T12:00:00Z" for day in (1, 10, 19, 20, 21, 28)]
REPEATING = {"continue_watching", "my_list", "top10"}
SHORT = {"continue_watching", "my_list", "curated"}
COUNTER = itertools.count()

windows = st.fixed_dictionaries(
    {},
    optional={
        "countries": st.lists(st.sampled_from(["DE", "US"]), max_size=2),
        "plans": st.lists(st.sampled_from(["basic", "premium"]), max_size=1),
        "from": st.sampled_from(DAYS),
        "until": st.sampled_from(DAYS),
    },
)
titles = st.lists(
    st.fixed_dictionaries(
        {"kind": st.sampled_from(["movie", "movie", "movie", "series", "episode", "clip", "live"])},
        optional={
            "genres": st.lists(st.sampled_from(["drama", "comedy", "crime"]), max_size=2),
            "maturity": st.sampled_from([0, 7, 12, 18]),
            "windows": st.lists(windows, max_size=2),
            "added_at": st.sampled_from(DAYS),
            "ends_at": st.sampled_from(DAYS),
            "year": st.integers(1950, 2026),
        },
    ),
    max_size=30,
)
profiles = st.fixed_dictionaries(
    {},
    optional={
        "country": st.sampled_from(["DE", "US", "FR"]),
        "plan": st.sampled_from(["basic", "premium"]),
        "maturity_limit": st.sampled_from([0, 7, 12, 21]),
        "kids": st.booleans(),
        "consent": st.fixed_dictionaries({"personalization": st.booleans()}),
    },
)
deeds = st.lists(
    st.tuples(
        st.sampled_from(["stop", "stop", "rate", "hide", "unhide", "list_add", "unwatch", "play"]),
        st.integers(0, 29),
        st.sampled_from(DAYS[:4]),
        st.sampled_from([0.05, 0.5, 0.95]),
    ),
    max_size=25,
)
faults = st.sampled_from(["none", "none", "linear", "nan", "velocity", "search", "served", "likeness"])


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Path:
    """An empty workspace, copied for every example."""
    path = tmp_path_factory.mktemp("promises") / "template"
    with Workspace.init(path):
        (path / "frontrow.toml").write_text('clock = "data"\n')
    return path


@pytest.fixture(scope="module")
def trained(template) -> Path:
    """The same with a model, trained on a log in which genre and device go together; titles come and go after it."""
    path = template.parent / "trained"
    shutil.copytree(template, path)
    with Workspace.open(path) as workspace:
        genres = ("drama", "comedy", "crime")
        workspace.put_titles([{"title_id": f"t{n}", "name": "T", "genres": [genres[n % 3]]} for n in range(30)])
        chance = random.Random(1)
        events = []
        for viewer, day in itertools.product(range(150), range(1, 13)):
            title = chance.randrange(30)
            device = ("tv", "phone", "web")[title % 3 if chance.random() < 0.8 else chance.randrange(3)]
            events.append({
                "event_id": f"old-{viewer}-{day}", "type": "stop", "profile_id": f"old-{viewer}",
                "title_id": f"t{title}", "at": f"2026-02-{day:02}T{chance.randrange(24):02}:00:00Z",
                "playback_id": f"old-{viewer}-{day}", "seconds": 3000, "fraction": 1, "tz_offset_minutes": 0,
                "device": device,
            })  # fmt: skip
        assert not workspace.ingest(events[:1000]).rejected
        assert not workspace.ingest(events[1000:]).rejected
        workspace.train()
        workspace.engine.refresh()
        assert not workspace.engine.rooms.views.models.context.silent
    return path


def filled(template: Path, catalogue, profile, done) -> Workspace:
    path = template.parent / f"example-{next(COUNTER)}"
    shutil.copytree(template, path)
    workspace = Workspace.open(path)
    records = [{"title_id": f"t{n}", "name": f"Title {n}", **fields} for n, fields in enumerate(catalogue)]
    for record in records:
        if record["kind"] == "episode" and record["title_id"] != "t0":
            record |= {"series_id": "t0", "season": 1, "episode": int(record["title_id"][1:])}
    assert not workspace.put_titles(records).rejected
    assert not workspace.put_profiles([{"profile_id": "me", **profile}]).rejected
    events = [{"event_id": "clock", "type": "session_start", "profile_id": "keeper", "at": NOW}]
    for n, (kind, title, at, fraction) in enumerate(done):
        event = {"event_id": f"e{n}", "type": kind, "profile_id": "me", "title_id": f"t{title}", "at": at}
        extra = {"stop": {"seconds": 5000.0, "fraction": fraction}, "rate": {"value": 4}}.get(kind, {})
        events.append(event | extra)
    assert not workspace.ingest(events).rejected
    return workspace


def break_something(workspace: Workspace, fault: str) -> None:
    """Makes a real part fail as it would: by raising, or by answering nonsense."""
    views = workspace.engine.rooms.views.fresh()

    def fail(*_args, **_keywords):
        raise OSError("the disk is gone")

    if fault == "linear":
        views.scorer.score = fail
    elif fault == "nan":
        views.vectors[:] = np.nan
        views._scorer = None
    elif fault == "velocity":
        views.velocity.decayed = views.velocity.window = fail
    elif fault == "likeness":
        views.likeness.among = fail
    elif fault == "served":
        workspace.engine.rooms.served.put = fail


def showable(record: dict, profile: dict, hidden: set[str]) -> bool:
    """The gate, read literally from the contract (an episode is never in a row)."""
    title, viewer = (
        parse_title(record, parse_time(NOW)),
        parse_profile({"profile_id": "me", **profile}, parse_time(NOW)),
    )
    now = parse_time(NOW)
    if title.kind == "episode" or title.title_id in hidden:
        return False
    if title.kind == "live" and title.ends_at and now >= parse_time(title.ends_at):
        return False
    if viewer.limit is not None and (21 if title.maturity is None else title.maturity) > viewer.limit:
        return False
    return not title.windows or any(
        (not w.countries or viewer.country in w.countries)
        and (not w.plans or viewer.plan in w.plans)
        and (w.from_ is None or parse_time(w.from_) <= now)
        and (w.until is None or now < parse_time(w.until))
        for w in title.windows
    )


def hidden_titles(catalogue: list[dict], done) -> set[str]:
    """Hidden and not unhidden since; an episode's count for its series."""
    has_series = bool(catalogue) and catalogue[0]["kind"] == "series"
    episodes = {f"t{n}" for n, fields in enumerate(catalogue) if fields["kind"] == "episode" and has_series}
    hidden: set[str] = set()
    for _, n in sorted((at, n) for n, (_, _, at, _) in enumerate(done)):
        kind, title = done[n][0], f"t{done[n][1]}"
        target = "t0" if title in episodes else title
        if kind in ("hide", "unhide"):
            (hidden.add if kind == "hide" else hidden.discard)(target)
    return hidden


def hold(rows: list[Row], allowed: set[str]) -> None:
    once = [item.title_id for row in rows if row.kind not in REPEATING for item in row.items]
    assert len(once) == len(set(once))
    assert len({row.row_id for row in rows}) == len(rows)
    for row in rows:
        shown = [item.title_id for item in row.items]
        assert len(shown) >= (1 if row.kind in SHORT else 4)
        assert len(shown) == len(set(shown))
        assert set(shown) <= allowed
        named = {title for item in row.items for title in item.reason.because}
        assert named | set(row.reason.because if row.reason else ()) <= allowed
        assert [item.column for item in row.items] == list(range(len(shown)))


@settings(max_examples=120)
@given(titles, profiles, deeds, faults, st.integers(1, 45), st.integers(1, 80))
def test_always_true(template, catalogue, profile, done, fault, rows, columns):
    with filled(template, catalogue, profile, done) as workspace:
        break_something(workspace, fault)
        page: Page = workspace.engine.home(HomeRequest(profile_id="me", rows=rows, columns=columns))
        hidden = hidden_titles(catalogue, done)
        records = [{"title_id": f"t{n}", "name": "T", **fields} for n, fields in enumerate(catalogue)]
        allowed = {r["title_id"] for r in records if showable(r, profile, hidden)}
        assert len(page.rows) <= min(rows, 40)
        assert all(len(row.items) <= min(max(columns, 4), 75) for row in page.rows)
        hold(page.rows, allowed)
        if fault in ("linear", "nan", "velocity", "served", "likeness"):
            assert page.degraded
        untouched = allowed - {f"t{title}" for _, title, _, _ in done} - {"t0"}
        assert page.rows or len(untouched) < 4  # whatever failed: what can be shown is shown
        if fault == "served":
            with pytest.raises(NotFound):
                workspace.engine.rows(page.page_id, RowsRequest())
        else:
            further = workspace.engine.rows(page.page_id, RowsRequest(rows=40)).rows
            hold(further, allowed)
            assert further[: len(page.rows)] == page.rows


@settings(max_examples=60)
@given(
    titles, profiles, deeds, st.sampled_from(["none", "none", "context"]),
    st.sampled_from(["tv", "phone", "web", None]), st.sampled_from([None, "Asia/Tokyo", "America/New_York"]),
)  # fmt: skip
def test_always_true_of_a_page_that_follows_the_moment(trained, catalogue, profile, done, fault, device, timezone):
    with filled(trained, catalogue, profile | ({"timezone": timezone} if timezone else {}), done) as workspace:
        workspace.engine.refresh()
        views = workspace.engine.rooms.views
        if fault == "context":
            views.scorer.sources.leanings[:] = np.nan
        page = workspace.engine.home(HomeRequest(profile_id="me", rows=40, columns=20, device=device))
        records = [{"title_id": f"t{n}", "name": "T", **fields} for n, fields in enumerate(catalogue)]
        records += [{"title_id": f"t{n}", "name": "T", "kind": "movie"} for n in range(len(catalogue), 30)]
        hold(page.rows, {r["title_id"] for r in records if showable(r, profile, hidden_titles(catalogue, done))})
        now = [row for row in page.rows if row.kind == "right_now"]
        assert len(now) <= 1
        assert not now or (fault == "none" and (device or timezone))
        assert all(item.reason.code == item.source == "right_now" for row in now for item in row.items)
        assert ("context" in (page.degraded or "")) == (fault == "context" and bool(device or timezone))


@settings(max_examples=60)
@given(titles, profiles, deeds, st.integers(1, 40))
def test_lists_hold_the_gate_and_rank_names_every_drop(template, catalogue, profile, done, n):
    with filled(template, catalogue, profile, done) as workspace:
        everything = [f"t{i}" for i in range(31)]
        hidden_aside = {f"t{title}" for kind, title, _, _ in done if kind in ("hide", "unhide")} | {"t0"}
        records = [{"title_id": f"t{i}", "name": "T", **fields} for i, fields in enumerate(catalogue)]
        ranked = workspace.engine.rank(RankRequest(profile_id="me", title_ids=everything))
        assert sorted([i.title_id for i in ranked.items] + [d.title_id for d in ranked.dropped]) == sorted(everything)
        for record in records:
            if record["title_id"] not in hidden_aside:
                shown = record["title_id"] in {i.title_id for i in ranked.items}
                assert shown == showable(record, profile, set())
        seen_too = workspace.engine.recommendations(ListRequest(profile_id="me", n=n, include_seen=True))
        assert len(seen_too.items) == min(n, len(ranked.items))
        assert {i.title_id for i in seen_too.items} <= {i.title_id for i in ranked.items}
        fresh = workspace.engine.recommendations(ListRequest(profile_id="me", n=500))
        showable_ids = {i.title_id for i in ranked.items}
        for item in fresh.items:
            explanation = workspace.engine.explain("me", item.title_id)
            assert explanation.shown
            for each in explanation.evidence:
                assert each.score > 0 or ("than most" in each.text and not each.because)
            named = {title for each in explanation.evidence for title in each.because}
            assert named | set(item.reason.because) <= showable_ids
