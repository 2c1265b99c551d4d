"""Profile records: what the service knows of its viewers."""

from __future__ import annotations

from typing import Any

from frontrow.core.clock import SECOND, format_time
from frontrow.simulate.flavours import GIVEN
from frontrow.simulate.names import Dice
from frontrow.simulate.places import CODES, LANGUAGES, OF_ORIGIN, PLANS, TIMEZONES
from frontrow.simulate.settings import WorldSettings
from frontrow.simulate.viewers import NO_LIMIT, Viewers


def profile_id(number: int) -> str:
    """The id of a profile by its number."""
    return f"p-{number:05d}"


def profile_records(settings: WorldSettings, viewers: Viewers) -> list[dict[str, Any]]:
    """All profiles as JSON values. Kids' profiles go without a limit of their own every other time."""
    records = []
    names = _names(settings, viewers)
    for number in range(len(viewers)):
        limit = int(viewers.limit[number])
        kids = bool(viewers.kids[number])
        record: dict[str, Any] = {
            "profile_id": profile_id(number),
            "account_id": f"a-{viewers.account[number]:05d}",
            "country": CODES[viewers.country[number]],
            "language": LANGUAGES[viewers.language[number]],
            "timezone": TIMEZONES[viewers.timezone[number]],
            "plan": PLANS[viewers.plan[number]][0],
            "kids": kids,
            "created_at": format_time(settings.start + int(viewers.created[number]) * SECOND),
            "attributes": {"name": names[number]},
        }
        if limit != NO_LIMIT and not (kids and number % 2):
            record["maturity_limit"] = limit
        if viewers.private[number]:
            record["consent"] = {"personalization": False, "experiments": False}
        records.append(record)
    return records


def _names(settings: WorldSettings, viewers: Viewers) -> list[str]:
    """What each viewer is called, in the manner of the country; no two of an account alike."""
    dice, names = Dice(settings.stream("profile names")), list[str]()
    household: set[str] = set()
    for number, account in enumerate(viewers.account.tolist()):
        if number == 0 or account != viewers.account[number - 1]:
            household = set()
        given = GIVEN[OF_ORIGIN[CODES[viewers.country[number]]]].split()
        names.append(dice.of([each for each in given if each not in household]))
        household.add(names[-1])
    return names
