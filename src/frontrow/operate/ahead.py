"""Events far later than all others: on the data's clock a wrong date or two move everybody's now."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from frontrow.core.clock import DAY, format_time
from frontrow.events.log import EventLog

FEW: Final = 20
"""So many events at most are taken for strays, and a tenth of all."""
FAR: Final = 30 * DAY
MEND_AHEAD: Final = "If dates are wrong, import the data again without them into a new workspace."


def ahead_of_all(log: EventLog) -> str | None:
    """Which few events are FAR later than all others, in words; None where there are no such. What was erased goes on
    telling the time: the clock never goes back."""
    latest, newest = log.latest(FEW + 1), log.head().newest_at
    if latest and newest is not None and newest - latest[0].at > FAR:
        days = (newest - latest[0].at) // DAY
        return (
            f"now is {format_time(newest)}, the time of an event that is erased, {days:,} days later than all others: "
            "nothing trends, windows have closed"
        )
    gaps = [later.at - earlier.at for later, earlier in pairwise(latest)]
    if not gaps or max(gaps) <= FAR:
        return None
    few = gaps.index(max(gaps)) + 1
    if few * 10 > log.count():
        return None
    first = latest[few - 1]
    are = "one event is" if few == 1 else f"{few} events are"
    return (
        f"{are} {gaps[few - 1] // DAY:,} days later than all others, and now is {format_time(latest[0].at)}: nothing "
        f"trends, windows have closed. The first is {first.event_id} of {first.profile_id}, at {format_time(first.at)}"
    )
