"""A process that starts over a damaged model serves the newest one that can be loaded, and says so."""

from __future__ import annotations

import pytest

from frontrow.workspace import Workspace


@pytest.fixture
def trained(tmp_path):
    folder = tmp_path / "w"
    with Workspace.init(folder) as workspace:
        workspace.put_titles([{"title_id": f"t{n}", "name": f"T{n}", "genres": ["drama"]} for n in range(12)])
        workspace.log([
            {"event_id": f"{who}-{n}", "type": "rate", "profile_id": f"p{who}", "title_id": f"t{(who + n) % 12}",
             "value": 5, "at": f"2026-01-{1 + n:02d}T00:00:{who:02d}Z"}
            for who in range(12) for n in range(8)
        ])  # fmt: skip
        versions = [workspace.train(quick=True, seed=seed).version for seed in range(3)]
    return folder, versions


def damage(folder, version) -> None:
    files = (path for path in (folder / "models" / version).rglob("*") if path.suffix == ".npy")
    largest = max(files, key=lambda path: path.stat().st_size)
    data = bytearray(largest.read_bytes())
    data[len(data) // 2] ^= 1
    largest.unlink()  # who has it open reads on
    largest.write_bytes(data)


def test_the_newest_that_can_be_loaded_serves(trained):
    folder, versions = trained
    with Workspace.open(folder) as older:
        assert older.home("p1").model == versions[2]
        damage(folder, versions[2])
        assert older.home("p1").degraded is None
        with Workspace.open(folder) as started:
            page = started.home("p1")
            assert page.model == versions[1]
            assert f"model {versions[2]} was refused" in page.degraded
            assert page.degraded.endswith(f"serving {versions[1]}")
        damage(folder, versions[1])
        with Workspace.open(folder) as started:
            assert started.home("p1").model == versions[0]
        damage(folder, versions[0])
        with Workspace.open(folder) as started:
            page = started.home("p1")
            assert (page.model, bool(page.rows)) == ("none", True)
            assert f"model {versions[2]} was refused" in page.degraded
        newest = older.train(quick=True).version
        with Workspace.open(folder) as started:
            page = started.home("p1")
            assert (page.model, page.degraded) == (newest, None)
