"""What failed on its way is named by the doctor, and finished by a compaction."""

from __future__ import annotations

import pytest

from frontrow.core.clock import format_time, wall_clock
from frontrow.core.errors import FrontrowError
from frontrow.workspace import Workspace


def broken(*_args):
    raise FrontrowError("the disk is gone")


def said(workspace):
    return next(
        (finding.level, finding.message, finding.mend) for finding in workspace.doctor() if finding.check == "profiles"
    )


def test_the_doctor_names_it_and_a_compaction_finishes_it(tmp_path, monkeypatch):
    with Workspace.init(tmp_path / "w") as workspace:
        workspace.put_titles([{"title_id": f"t{n}", "name": f"T{n}"} for n in range(8)])
        now = format_time(wall_clock())
        workspace.ingest([
            {"event_id": f"e{who}", "type": "select", "profile_id": who, "title_id": "t1", "at": now}
            for who in ("ana", "bob", "anon")
        ])  # fmt: skip
        assert said(workspace)[:2] == ("ok", "all erasures and merges are finished")
        served = workspace._parts.served
        page = workspace.home("anon").page_id
        with monkeypatch.context() as patched:
            patched.setattr(served, "reassign", broken)
            patched.setattr(served, "erase", broken)
            for deed in (lambda: workspace.forget("bob"), lambda: workspace.merge("ana", "anon")):
                with pytest.raises(FrontrowError, match="the disk is gone"):
                    deed()
            level, text, mend = said(workspace)
            assert level == "warn"
            assert text.startswith("1 erasure and 1 merge failed on the way")
            assert "frontrow compact" in mend
            with pytest.raises(FrontrowError, match="the disk is gone"):
                workspace.compact()
        workspace.compact()
        assert said(workspace)[0] == "ok"
        assert served.get(page).profile == workspace._parts.people.find("ana").number
