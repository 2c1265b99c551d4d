"""The tables of a workspace's database, and the pragmas of every connection to it."""

from __future__ import annotations

from typing import Final

APPLICATION_ID: Final = 0x46524F57  # "FROW"
FORMAT: Final = 1
"""The workspace's format version. Raise it with every change of SCHEMA, and write what migrates the one before."""

BUSY_MS: Final = 10_000
"""How long SQLite itself waits. Writers queue at a lock of ours, so only opening, closing and checkpoints ever wait."""

PRAGMAS: Final = (
    f"PRAGMA busy_timeout = {BUSY_MS}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # NORMAL does not sync at commit in WAL mode
    "PRAGMA secure_delete = ON",  # deleted bytes become zeros: erasure depends on it
    "PRAGMA temp_store = MEMORY",
    "PRAGMA wal_autocheckpoint = 8000",  # 32 MB: bulk writes touch the same index pages again and again
    "PRAGMA cache_size = -65536",
    "PRAGMA mmap_size = 1073741824",
    "PRAGMA journal_size_limit = 67108864",
)

SCHEMA: Final = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;

CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    offset INTEGER NOT NULL,           -- the last one given out; never goes back
    newest_at INTEGER,
    newest_seen INTEGER NOT NULL,
    rewrites INTEGER NOT NULL,
    titles_version INTEGER NOT NULL
);
INSERT INTO head VALUES (1, 0, NULL, 0, 0, 0);

CREATE TABLE profiles (
    number INTEGER PRIMARY KEY AUTOINCREMENT,  -- AUTOINCREMENT: the number of an erased profile is not given again
    profile_id TEXT NOT NULL UNIQUE,
    generation INTEGER NOT NULL DEFAULT 0,
    country TEXT,
    personalization INTEGER,                   -- consent as stated; NULL: the service's default
    record TEXT NOT NULL                       -- the whole profile as JSON
);

CREATE TABLE titles (
    number INTEGER PRIMARY KEY,  -- dense from 0; rows are never deleted
    title_id TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    record TEXT                  -- JSON; NULL: known to events only, or deleted
);
CREATE INDEX titles_by_version ON titles (version);

CREATE TABLE events (
    offset INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL UNIQUE,
    profile INTEGER NOT NULL,
    title INTEGER NOT NULL,      -- -1: none
    type INTEGER NOT NULL,       -- index into TYPES
    at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    learn INTEGER NOT NULL,      -- consent when it was appended
    device INTEGER NOT NULL,     -- index into DEVICES, -1: not said
    seconds REAL,
    fraction REAL,
    value REAL,
    playback_id TEXT,
    country TEXT,
    tz_offset_minutes INTEGER,
    rest TEXT,                   -- the fields that no fold reads, as a JSON object; NULL: none of them said
    sender TEXT                  -- the profile_id it was sent with, if a merge has changed it since
);

CREATE TABLE tombstones (digest BLOB PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE keys (
    key_id TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;
"""

ADDED: Final = """
CREATE TABLE IF NOT EXISTS controls (
    kind TEXT NOT NULL,          -- experiments, looks (the last at each experiment)
    object_id TEXT NOT NULL,
    version INTEGER NOT NULL,    -- rises with every change of any object
    record BLOB,                 -- NULL: deleted; the row stays, so that no version is given twice
    PRIMARY KEY (kind, object_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS controls_by_version ON controls (version);
CREATE TABLE IF NOT EXISTS joins (
    offset INTEGER PRIMARY KEY,  -- of an event that a merge made another profile's
    joined INTEGER NOT NULL      -- the offset of that merge, the last one if there were several
);
CREATE TABLE IF NOT EXISTS erasures (
    number INTEGER PRIMARY KEY,  -- of a profile that is cut, and that some place may still hold something of
    digest BLOB NOT NULL,        -- of its id, as in tombstones
    record TEXT NOT NULL         -- what it takes to go on
);
CREATE TABLE IF NOT EXISTS merges (
    source INTEGER PRIMARY KEY,  -- of a profile whose events are another's, and what was served to it not yet
    target INTEGER NOT NULL,
    digest BLOB NOT NULL         -- of its id, as in tombstones
);
CREATE TABLE IF NOT EXISTS retired (
    mark INTEGER PRIMARY KEY     -- keyed hash of the id of an event that left the log for its age
);
CREATE TABLE IF NOT EXISTS lake_changes (
    profile INTEGER PRIMARY KEY,  -- whose rows in the lake are to be changed
    target INTEGER NOT NULL,      -- whose they are now
    joined INTEGER NOT NULL,      -- the offset of the merge
    erased INTEGER NOT NULL       -- 1: they must go
);
CREATE TABLE IF NOT EXISTS recounts (
    number INTEGER PRIMARY KEY,
    profile INTEGER              -- whose views popularity must count again; NULL: everybody's
);
CREATE TABLE IF NOT EXISTS state_changes (
    change INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,          -- profile (records), merge (source, target), erase, all
    numbers TEXT NOT NULL        -- of profiles, a JSON list
);
-- All that folds read of a profile's events lies together: a viewer who is new to a process is one page or two of this
-- index, not sixty of the table.
CREATE INDEX IF NOT EXISTS events_of_profile ON events
    (profile, offset, at, type, title, seconds, fraction, value, playback_id, device, tz_offset_minutes, learn);
DROP INDEX IF EXISTS events_by_profile;
"""
"""Tables and indexes that came later and that a Frontrow without them does not miss: made where they lack, in format 1
too."""
