"""The doctor on a catalogue: records that nobody will ever see are named."""

from __future__ import annotations

import pytest

from frontrow.workspace import Workspace

DRAMA = {"genres": ["Drama"]}
SHUT = [{"from": "2026-12-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}]
OPEN = [{"from": "2026-01-01T00:00:00Z", "until": "2026-12-01T00:00:00Z"}]


def told(tmp_path, titles):
    with Workspace.init(tmp_path / "w") as opened:
        answer = opened.put_titles(
            [{"title_id": "a", "name": "A"} | DRAMA, *({"name": "N"} | title for title in titles)]
        )
        assert not answer.rejected
        found = [each for each in opened.doctor() if each.check == "catalogue" and each.level == "warn"]
    assert all(each.mend for each in found)
    return [each.message for each in found]


@pytest.mark.parametrize(
    ("title", "says"),
    [
        ({"windows": SHUT} | DRAMA, "b is never shown: no window ends after it begins"),
        ({"kind": "episode", "series_id": "nope"}, "b is shown nowhere: an episode is shown as its series"),
        ({"kind": "episode"}, "b is shown nowhere"),
        ({"kind": "episode", "series_id": "a"}, "b is shown nowhere"),
        ({"windows": [{"countries": ["UK", "SE"]}]} | DRAMA, "b is not open to GB: its windows name UK"),
    ],
)
def test_what_is_never_seen_is_named(tmp_path, title, says):
    (message,) = told(tmp_path, [{"title_id": "b"} | title])
    assert message.startswith(says)


def test_what_is_well_is_not_named(tmp_path):
    titles = [
        {"title_id": "b", "windows": OPEN} | DRAMA, {"title_id": "c", "windows": [*SHUT, *OPEN]} | DRAMA,
        {"title_id": "s", "kind": "series"} | DRAMA, {"title_id": "e", "kind": "episode", "series_id": "s"},
        {"title_id": "g", "windows": [{"countries": ["GB"]}]} | DRAMA,
        {"title_id": "h", "windows": [{"countries": ["GB", "UK"]}]} | DRAMA,
        {"title_id": "i", "windows": [{"countries": ["UK"]}, {}]} | DRAMA,
    ]  # fmt: skip
    assert told(tmp_path, titles) == []


def test_many_are_counted(tmp_path):
    (message,) = told(tmp_path, [{"title_id": f"t{n}", "windows": SHUT} | DRAMA for n in range(3)])
    assert message.startswith("3 titles (t0 …) are never shown")
