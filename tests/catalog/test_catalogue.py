"""The catalogue in memory keeps up with every change of every record."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from frontrow.catalog.catalogue import Catalogue
from frontrow.catalog.store import NumberedTitle
from frontrow.catalog.title import Title

IDS = ["s", "e1", "e2", "e3", "m"]
records = st.none() | st.builds(
    lambda kind, series, season, episode, genres: Title(
        title_id="x", name="X", kind=kind, series_id=series, season=season, episode=episode, genres=genres
    ),
    st.sampled_from(["movie", "series", "episode"]),
    st.none() | st.sampled_from(["s", "m", "nowhere"]),
    st.none() | st.integers(1, 2),
    st.none() | st.integers(1, 3),
    st.lists(st.sampled_from(["drama", "comedy"]), max_size=2),
)


@given(st.lists(st.tuples(st.integers(0, len(IDS) - 1), records), max_size=25))
def test_any_sequence_of_changes_ends_as_the_last_records_alone(changes):
    lived, last = Catalogue(), {}
    lived.apply(1, [NumberedTitle(n, title_id, None) for n, title_id in enumerate(IDS)])
    for number, record in changes:
        last[number] = record
        lived.apply(2, [NumberedTitle(number, IDS[number], record)])
    fresh = Catalogue()
    fresh.apply(3, [NumberedTitle(n, title_id, last.get(n)) for n, title_id in enumerate(IDS)])
    assert lived.kind.tolist() == fresh.kind.tolist()
    assert lived.series_of.tolist() == fresh.series_of.tolist()
    assert [list(lived.episodes(n)) for n in range(len(IDS))] == [list(fresh.episodes(n)) for n in range(len(IDS))]
    assert lived.genres == fresh.genres
    assert lived.rankable.tolist() == fresh.rankable.tolist()


def test_an_episode_known_before_its_series_joins_it_later():
    catalogue = Catalogue()
    catalogue.apply(1, [NumberedTitle(0, "e", Title(title_id="e", name="E", kind="episode", series_id="s"))])
    assert catalogue.series_of.tolist() == [0]
    before = catalogue.structure
    catalogue.apply(2, [NumberedTitle(1, "s", Title(title_id="s", name="S", kind="series"))])
    assert catalogue.series_of.tolist() == [1, 1]
    assert catalogue.structure > before


def test_episodes_are_in_order_of_season_then_episode_whatever_their_numbers():
    catalogue = Catalogue()
    placed = [(2, 1), (1, 2), (1, 1), (None, None)]
    catalogue.apply(
        1,
        [NumberedTitle(0, "s", Title(title_id="s", name="S", kind="series"))]
        + [
            NumberedTitle(
                n, f"e{n}", Title(title_id=f"e{n}", name="E", kind="episode", series_id="s", season=s, episode=e)
            )
            for n, (s, e) in enumerate(placed, 1)
        ],
    )
    assert list(catalogue.episodes(0)) == [3, 2, 1, 4]


def test_names_follow_the_language_asked():
    from frontrow.catalog.title import Translation

    catalogue = Catalogue()
    title = Title(title_id="t", name="Boat", translations={"de": Translation("Boot"), "fr": Translation()})
    catalogue.apply(1, [NumberedTitle(0, "t", title)])
    assert [catalogue.name(0, tag) for tag in (None, "de", "de-AT", "fr", "sv")] == [
        "Boat", "Boot", "Boot", "Boat", "Boat",
    ]  # fmt: skip
