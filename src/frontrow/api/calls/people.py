"""Profiles: records, merging, export and erasure."""

from __future__ import annotations

from typing import Any

from frontrow.api.route import Call
from frontrow.core.ids import check_id
from frontrow.events.answer import UpsertAnswer
from frontrow.people.profile import Profile
from frontrow.people.store import Receipt


def put_profiles(call: Call) -> UpsertAnswer:
    """Replaces whole records."""
    return call.service.put_profiles(call.asked.profiles)


def patch_profiles(call: Call) -> UpsertAnswer:
    """Merges into records."""
    return call.service.patch_profiles(call.asked.profiles)


def get_profile(call: Call) -> Profile:
    """One record as it is."""
    return call.service.profile(call.ids[0])


def forget(call: Call) -> Receipt:
    """Erases a profile and everything that is held about it."""
    return call.service.forget(call.ids[0])


def export(call: Call) -> dict[str, Any]:
    """Everything that is held about a profile."""
    return call.service.export_profile(call.ids[0])


def merge(call: Call) -> dict[str, Any]:
    """An anonymous profile becomes this one."""
    return call.service.merge(call.ids[0], check_id(call.asked.from_profile_id, "/from_profile_id"))
