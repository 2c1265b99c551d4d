"""The metrics of a service, each defined once: what it means, in what unit, which way is good, how units are summed up.

Days are UTC. A unit is a profile or an account. Viewing time and "watched" are those of the contract: per playback
the largest `seconds`, and without a `playback_id` a playback ends at its `stop` or after 4 h.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from frontrow.core.errors import UsageError
from frontrow.core.names import nearest
from frontrow.experiments.statistics.metric import Kind, Metric

BEFORE: Final = "before_"
"""Columns that begin with this are from before a unit was exposed."""


class MetricDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """One metric. `value` and, of a ratio, `below` are columns of a unit's totals (see `totals`).

    `covariate`: the columns that stand for the same thing before exposure (default: the metric's own).
    """

    name: str
    meaning: str
    unit: str
    better: Literal["up", "down"]
    kind: Kind
    value: str
    below: str | None = None
    covariate: tuple[str, ...] | None = None
    signed: bool = False
    """Whether a unit's value can be below zero."""
    of_service: bool = False
    """Whether it is what the service did: a slow page makes no viewer a bot."""

    @property
    def columns(self) -> tuple[str, ...]:
        """What it reads of a unit's totals."""
        return (self.value,) if self.below is None else (self.value, self.below)

    @property
    def before(self) -> tuple[str, ...]:
        """What of a unit's totals before exposure narrows its intervals."""
        return self.columns if self.covariate is None else self.covariate

    def metric(self, margin: float | None = None, adjusted: bool = True) -> Metric:
        """As the statistics take it; a guardrail with `margin`, without CUPED if not `adjusted`."""
        return Metric(
            column=self.value,
            kind=self.kind,
            denominator=self.below,
            better=self.better,
            margin=margin,
            non_negative=not self.signed,
            of_service=self.of_service,
            label=self.name,
            covariates=tuple(BEFORE + name for name in self.before) if adjusted else (),
        )


METRICS: Final[tuple[MetricDefinition, ...]] = (
    MetricDefinition(
        name="viewing_time", unit="minutes a unit", better="up", kind="mean", value="viewing_minutes",
        meaning="Time watched: per playback the largest `seconds`, on the day on which it was watched.",
    ),
    MetricDefinition(
        name="qualified_plays", unit="plays a unit", better="up", kind="mean", value="qualified_plays",
        meaning="Playbacks of more than 2 minutes, on the day on which the 2 minutes were over.",
    ),
    MetricDefinition(
        name="time_to_select", unit="seconds a session", better="down", kind="ratio", value="select_seconds",
        below="selections",
        meaning="From `session_start` to the `play` of the first playback in the session that lasts more than 2 "
        "minutes, over the sessions that have one. A session without an id ends at `session_end` or after 30 minutes "
        "without an event.",
    ),
    MetricDefinition(
        name="top_picks_accuracy", unit="share of pages", better="up", kind="ratio", value="pick_hits",
        below="pick_pages",
        meaning="Of the home pages that were answered with a Top Picks row: those from which one of its titles was "
        "played for more than 2 minutes within a day. A play belongs to the page that it names, else to that of the "
        "title's last impression in the session.",
    ),
    MetricDefinition(
        name="completion", unit="share of titles", better="up", kind="ratio", value="finished", below="started",
        meaning="Of the titles started for the first time (more than 2 minutes, or the end reached): those whose "
        "position has reached .9 since. An episode is a title of its own.",
    ),
    MetricDefinition(
        name="abandonment", unit="share of titles", better="down", kind="ratio", value="abandoned",
        below="started_long_ago",
        meaning="Of the titles started for the first time, 14 days ago or longer: those that have since been left in "
        "progress below .2 and not touched for 14 days.",
    ),
    MetricDefinition(
        name="diversity", unit="genres a unit", better="up", kind="mean", value="diversity",
        meaning="The effective number of genres watched: exp of the Shannon entropy of viewing time over genres (Hill "
        "1973), a title's time split evenly over its genres; 0 for who watched nothing.",
    ),
    MetricDefinition(
        name="new_title_discovery", unit="titles a unit", better="up", kind="mean", value="new_titles",
        meaning="Titles started for the first time within 30 days of joining the catalogue; a series counts once.",
    ),
    MetricDefinition(
        name="return_rate", unit="share of units", better="up", kind="proportion", value="returned",
        covariate=("active_days",),
        meaning="Units with an event on one of the 7 days after their first day; those observed for less are left out.",
    ),
    MetricDefinition(
        name="churn", unit="share of units", better="down", kind="proportion", value="churned",
        covariate=("active_days",),
        meaning="Units whose last `cancel` since their first day was not followed by a `rejoin`.",
    ),
    MetricDefinition(
        name="list_adds", unit="titles a unit", better="up", kind="mean", value="list_adds",
        meaning="`list_add` events.",
    ),
    MetricDefinition(
        name="hides", unit="titles a unit", better="down", kind="mean", value="hides",
        meaning="`hide` events: not interested.",
    ),
    MetricDefinition(
        name="survey_score", unit="points (0..10) an answer", better="up", kind="ratio", value="survey_points",
        below="survey_answers",
        meaning="Mean `value` of `survey` answers on all topics but `nps`.",
    ),
    MetricDefinition(
        name="nps", unit="net promoters (-100..100)", better="up", kind="ratio", value="nps_points",
        below="nps_answers", signed=True,
        meaning="Net promoter score: of `survey` answers with topic `nps`, the percentage of 9 and 10 less that of 0 "
        "to 6.",
    ),
    MetricDefinition(
        name="page_latency", unit="milliseconds a page", better="down", kind="ratio", value="page_ms",
        below="timed_pages", of_service=True,
        meaning="From the request for a home page until it was laid down and logged; network and JSON come on top.",
    ),
    MetricDefinition(
        name="degraded_pages", unit="share of pages", better="down", kind="ratio", value="degraded_pages",
        below="pages", of_service=True,
        meaning="Home pages whose answer was `degraded`.",
    ),
)  # fmt: skip
"""All metrics, in the order of reports."""

_BY_NAME: Final = {each.name: each for each in METRICS}


def metric_named(name: str) -> MetricDefinition:
    """One definition; UsageError names the nearest and all where there is none."""
    found = _BY_NAME.get(name)
    if found is None:
        near = nearest(name, _BY_NAME)
        meant = f"Did you mean {near}? " if near else ""
        raise UsageError(f"there is no metric {name[:80]}", f"{meant}Metrics: {', '.join(_BY_NAME)}")
    return found
