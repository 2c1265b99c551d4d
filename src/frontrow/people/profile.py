"""A profile: somebody who watches."""

from __future__ import annotations

from functools import cache
from typing import Any
from zoneinfo import available_timezones

import msgspec

from frontrow.core.clock import Micros, format_time, parse_time
from frontrow.core.decode import Country, Language, Maturity, convert, gather_unknown
from frontrow.core.errors import InvalidRecord
from frontrow.core.ids import check_id

KIDS_LIMIT = 7
"""Maturity limit of a kids' profile that states none."""


class Consent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the viewer agreed to; None means the service's default (`privacy.default_consent`)."""

    personalization: bool | None = None
    experiments: bool | None = None


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """One viewer of an account. Only `profile_id` is required; `created_at` is RFC 3339 UTC."""

    profile_id: str
    account_id: str | None = None
    country: Country | None = None
    language: Language | None = None
    timezone: str | None = None
    plan: str | None = None
    maturity_limit: Maturity | None = None
    kids: bool = False
    created_at: str | None = None
    consent: Consent = Consent()
    attributes: dict[str, Any] = {}

    @property
    def limit(self) -> int | None:
        """The maturity limit in force: a kids' profile without one has 7; None is no limit."""
        if self.maturity_limit is None and self.kids:
            return KIDS_LIMIT
        return self.maturity_limit


FIELDS = frozenset(Profile.__struct_fields__)


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


def parse_profile(raw: object, now: Micros) -> Profile:
    """A profile from untrusted JSON; unknown fields go to `attributes`; `created_at` is `now` if not said.

    Raises InvalidRecord with a pointer to what is wrong.
    """
    fields, _ = gather_unknown(raw, FIELDS, "attributes")
    fields["profile_id"] = check_id(fields.get("profile_id"), "/profile_id")
    if "account_id" in fields:
        check_id(fields["account_id"], "/account_id")
    created = fields.get("created_at")
    fields["created_at"] = format_time(now if created is None else parse_time(created, "/created_at"))
    profile = convert(fields, Profile)
    if profile.timezone is not None and profile.timezone not in _timezones():
        raise InvalidRecord(f"timezone: {profile.timezone[:40]} is not in the IANA database", "/timezone")
    return profile
