"""The writing side of profiles: numbers, records, merge and erasure."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import msgspec

from frontrow.core.clock import Micros, format_time
from frontrow.people.profile import Profile
from frontrow.people.store import ErasedPlace, KnownProfile
from frontrow.storage.lake.changes import note_erasure, note_merge
from frontrow.storage.meta import tombstone_digest
from frontrow.storage.people import SELECT_AMONG, to_known
from frontrow.storage.recounts import note_recount
from frontrow.storage.state_changes import note_change
from frontrow.storage.unit_events import json_list
from frontrow.storage.unit_merges import note_begun

_encode = msgspec.json.Encoder().encode
_PUT = (
    "INSERT INTO profiles (profile_id, country, personalization, record) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (profile_id) DO UPDATE SET"
    " country = excluded.country, personalization = excluded.personalization, record = excluded.record"
)


def number_profiles(connection: sqlite3.Connection, profile_ids: Sequence[str], now: Micros) -> dict[str, KnownProfile]:
    """Known profiles by id; unknown ids become profiles with defaults, created at `now`."""
    consents(connection, profile_ids, now)
    rows = connection.execute(SELECT_AMONG, (json_list(profile_ids),))
    return {known.profile.profile_id: known for known in map(to_known, rows)}


def consents(
    connection: sqlite3.Connection, profile_ids: Sequence[str], now: Micros
) -> dict[str, tuple[int, bool | None]]:
    """Number and stated consent by id; unknown ids become profiles with defaults, created at `now`."""
    wanted = list(dict.fromkeys(profile_ids))
    found = _consents(connection, wanted)
    unknown = [profile_id for profile_id in wanted if profile_id not in found]
    if unknown:
        created = format_time(now)
        put_profiles(connection, [Profile(profile_id=profile_id, created_at=created) for profile_id in unknown])
        found |= _consents(connection, unknown)
    return found


def _consents(connection: sqlite3.Connection, profile_ids: Sequence[str]) -> dict[str, tuple[int, bool | None]]:
    rows = connection.execute(
        "SELECT profile_id, number, personalization FROM profiles WHERE profile_id IN (SELECT value FROM json_each(?))",
        (json_list(profile_ids),),
    )
    return {profile_id: (number, None if stated is None else stated == 1) for profile_id, number, stated in rows}


def put_profiles(connection: sqlite3.Connection, profiles: Sequence[Profile]) -> None:
    """Stores whole records; a known id keeps its number and generation; of two with one id the last wins."""
    last = {profile.profile_id: profile for profile in profiles}
    connection.executemany(
        _PUT,
        (
            (profile_id, profile.country, profile.consent.personalization, _encode(profile).decode())
            for profile_id, profile in last.items()
        ),
    )


def replace_profiles(connection: sqlite3.Connection, profiles: Sequence[Profile]) -> None:
    """`put_profiles`, a note of whose records changed, and one of whose consent did: what they watched is counted, or
    no longer counted."""
    before = _consents(connection, [profile.profile_id for profile in profiles])
    put_profiles(connection, profiles)
    after = _consents(connection, [profile.profile_id for profile in profiles])
    note_change(connection, "profile", [number for number, _ in after.values()])
    changed = [number for profile_id, (number, stated) in before.items() if after[profile_id][1] is not stated]
    if changed:
        note_recount(connection, sorted(changed))


def erased_at(connection: sqlite3.Connection, profile_ids: Sequence[str]) -> dict[str, Micros]:
    """Until when (inclusive) events of forgotten ids are refused."""
    if connection.execute("SELECT 1 FROM tombstones LIMIT 1").fetchone() is None:
        return {}
    found = {}
    for profile_id in dict.fromkeys(profile_ids):
        digest = tombstone_digest(connection, profile_id)
        row = connection.execute("SELECT at FROM tombstones WHERE digest = ?", (digest,)).fetchone()
        if row is not None:
            found[profile_id] = Micros(row[0])
    return found


def sent_as(connection: sqlite3.Connection, number: int) -> list[str]:
    """Ids of profiles that were merged into this one and that its events were sent with."""
    rows = connection.execute(
        "SELECT DISTINCT sender FROM events WHERE profile = ? AND sender IS NOT NULL ORDER BY sender", (number,)
    )
    return [sender for (sender,) in rows]


def merge_profile(connection: sqlite3.Connection, source: KnownProfile, target: KnownProfile) -> int:
    """Gives the source's events to the target and removes the source. The events remember the id that they were sent
    with, so that a late retry is known as a duplicate, and the offset at which they changed hands: what the target's
    features were before does not change. The merge takes an offset of its own."""
    (offset,) = connection.execute(
        "UPDATE head SET offset = offset + 1, rewrites = rewrites + 1 RETURNING offset"
    ).fetchone()
    connection.execute(
        "INSERT OR REPLACE INTO joins SELECT offset, ? FROM events WHERE profile = ?", (offset, source.number)
    )
    moved = connection.execute(
        "UPDATE events SET profile = ?, sender = coalesce(sender, ?) WHERE profile = ?",
        (target.number, source.profile.profile_id, source.number),
    ).rowcount
    note_begun(connection, source.number, source.profile.profile_id, target.number)
    note_merge(connection, source.number, target.number, offset)
    note_recount(connection, [source.number, target.number])
    note_change(connection, "merge", [source.number, target.number])
    connection.execute("DELETE FROM profiles WHERE number = ?", (source.number,))
    connection.execute("UPDATE profiles SET generation = generation + 1 WHERE number = ?", (target.number,))
    return moved


def erase_profile(connection: sqlite3.Connection, profile: KnownProfile, before: Micros) -> list[ErasedPlace]:
    """Deletes the profile, its mapping and its events; lays tombstones for its id and for those merged into it."""
    number, profile_id = profile.number, profile.profile.profile_id
    last_sent: dict[str, int] = dict(
        connection.execute(
            "SELECT coalesce(sender, ?), max(at) FROM events WHERE profile = ? GROUP BY 1", (profile_id, number)
        )
    )
    until = max(before, *last_sent.values()) if last_sent else before
    connection.execute("DELETE FROM joins WHERE offset IN (SELECT offset FROM events WHERE profile = ?)", (number,))
    events = connection.execute("DELETE FROM events WHERE profile = ?", (number,)).rowcount
    note_erasure(connection, number)
    note_recount(connection, [number])
    note_change(connection, "erase", [number])
    connection.execute("DELETE FROM profiles WHERE number = ?", (number,))
    tombs = {profile_id: int(until)}
    for sender, newest in last_sent.items():
        if sender != profile_id:
            # Somebody else may bear a merged id by now; of theirs only what could be a retry is refused.
            reused = connection.execute("SELECT 1 FROM profiles WHERE profile_id = ?", (sender,)).fetchone()
            tombs[sender] = newest if reused else until
    connection.executemany(
        "INSERT INTO tombstones VALUES (?, ?) ON CONFLICT DO UPDATE SET at = max(at, excluded.at)",
        ((tombstone_digest(connection, each), at) for each, at in tombs.items()),
    )
    connection.execute("UPDATE head SET rewrites = rewrites + 1")
    return [
        ErasedPlace("profile record", 1),
        ErasedPlace("mapping of ids to numbers", 1, "the number is never given again"),
        ErasedPlace("events", events, "with the ids that they were sent with"),
        ErasedPlace("tombstones", len(tombs), "laid, not erased: keyed hashes that refuse late retries"),
    ]
