"""A plan drawn and said: duration across, the smallest effect that it finds up, the wanted effect as a line."""

from __future__ import annotations

import math
from html import escape

from frontrow.experiments.reading.plan import Plan, PlanPoint
from frontrow.experiments.statistics.html_page import STYLE
from frontrow.experiments.statistics.interval_chart import nice_ticks
from frontrow.experiments.statistics.words import percent

_LEFT, _TOP, _WIDTH, _HEIGHT, _RIGHT, _BOTTOM = 70, 20, 560, 300, 130, 44


def plan_lines(plan: Plan) -> list[str]:
    """The plan in words."""
    last = plan.curve[-1]
    words = [
        f"{plan.metric}: to find {percent(plan.effect)} with {plan.power:.0%} power among {plan.arms} arms on "
        f"{plan.coverage:.0%} of the audience (alpha {plan.alpha:g}, by {plan.unit})",
        f"  looking whenever you like: {_often(plan)}",
        f"  one look at the end:       {_days(plan.fixed_days)}, {_units(plan.fixed_units)}",
        f"  in the last {_days(last.days)} a unit had {last.mean:.4g} on average{_known_before(plan, last)}",
    ]
    if plan.sequence_days is None:
        words.append(
            "  look for a larger effect, or take a larger share of the audience: the table has what is found when"
        )
    elif plan.sequence_days > plan.observed_days:
        words.append(
            f"  beyond {_days(plan.observed_days)} the past says nothing: the pace of its last quarter goes on"
        )
    words += ["", "  days   units a side   finds, looking often   finds, one look"]
    words += [
        f"  {each.days:>4}   {each.units:>12,.0f}   {percent(each.sequence_effect):>20}   "
        f"{percent(each.fixed_effect):>15}"
        for each in plan.curve
    ]
    return words


def plan_chart(plan: Plan) -> str:
    """An `<svg>`: both axes logarithmic."""
    points = plan.curve
    effects = [each.fixed_effect for each in points] + [each.sequence_effect for each in points] + [plan.effect]
    low, high = math.log10(min(effects) / 1.3), math.log10(max(effects) * 1.3)
    last = max(points[-1].days, 2)

    def across(days: float) -> float:
        return _LEFT + _WIDTH * math.log(days) / math.log(last)

    def up(effect: float) -> float:
        return _TOP + _HEIGHT * (1 - (math.log10(effect) - low) / (high - low))

    total, height = _LEFT + _WIDTH + _RIGHT, _TOP + _HEIGHT + _BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {total} {height}" width="{total}" '
        f'height="{height}" class="chart">',
        f"<title>{escape(plan.metric)}: the smallest effect that each duration finds</title>",
    ]
    for tick in _ticks(low, high):
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_LEFT + _WIDTH}" y1="{up(tick):.1f}" y2="{up(tick):.1f}"/>')
        parts.append(f'<text class="label" x="{_LEFT - 8}" y="{up(tick) + 4:.1f}">{100 * tick:.3g} %</text>')
    foot = _TOP + _HEIGHT + 16
    parts += [f'<text class="tick" x="{across(each.days):.1f}" y="{foot}">{each.days}</text>' for each in points]
    parts.append(f'<text class="tick" x="{_LEFT + _WIDTH / 2:g}" y="{height - 6}">days</text>')
    wanted = up(plan.effect)
    parts.append(f'<line class="zero" stroke-dasharray="6 4" x1="{_LEFT}" x2="{_LEFT + _WIDTH}" y1="{wanted:.1f}" '
                 f'y2="{wanted:.1f}"/>')  # fmt: skip
    beside = f'class="note" x="{_LEFT + _WIDTH + 8}"'
    parts.append(f'<text {beside} y="{wanted + 4:.1f}">wanted {percent(plan.effect)}</text>')
    lines = (
        ("good", "looking often", [each.sequence_effect for each in points]),
        ("open", "one look", [each.fixed_effect for each in points]),
    )
    for at, (tone, name, values) in enumerate(lines):
        path = " ".join(f"{across(each.days):.1f},{up(value):.1f}" for each, value in zip(points, values, strict=True))
        parts.append(f'<polyline class="whisker {tone}" fill="none" points="{path}"/>')
        shift = -6 if at == 0 else 14
        parts.append(f'<text {beside} y="{up(values[-1]) + shift:.1f}">{name}</text>')
    return "\n".join([*parts, "</svg>"])


def plan_svg(plan: Plan) -> str:
    """The chart as a file of its own, with its style."""
    head, rest = plan_chart(plan).split("\n", 1)
    return f"{head}\n<style>{STYLE}</style>\n{rest}\n"


def plan_html(plan: Plan) -> str:
    """One self-contained page: the words, the figure, the table."""
    first, *others = plan_lines(plan)
    cut = others.index("")
    said = "".join(f"<p>{escape(line.strip())}</p>" for line in others[:cut])
    rows = "".join(
        f"<tr><td>{each.days}</td><td>{each.units:,.0f}</td><td>{percent(each.sequence_effect)}</td>"
        f"<td>{percent(each.fixed_effect)}</td></tr>"
        for each in plan.curve
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Plan: {escape(plan.metric)}</title><style>{STYLE}</style></head>\n<body>\n"
        f"<h1>Plan: {escape(plan.metric)} {percent(plan.effect)}</h1><p class='soft'>{escape(first)}</p>{said}\n"
        "<p class='soft'>The smallest effect that a test of so many days finds.</p>"
        f"<div class='wide'>{plan_chart(plan)}</div>\n<div class='wide'><table><tr><th>days</th>"
        f"<th>units a side</th><th>finds, looking often</th><th>finds, one look</th></tr>{rows}</table></div>"
        "\n</body></html>\n"
    )


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers between two powers of ten."""
    ticks = [
        base * 10.0**power for power in range(math.floor(low), math.ceil(high) + 1) for base in (1, 1.5, 2, 3, 5, 7)
    ]
    inside = [tick for tick in ticks if 10**low <= tick <= 10**high]
    return inside or [tick for tick in nice_ticks(10**low, 10**high) if 10**low <= tick <= 10**high]


def _often(plan: Plan) -> str:
    planned = f"State planned_units {math.ceil(plan.sequence_units)}"
    if plan.sequence_days is None:
        return f"{_days(None)}, {_units(plan.sequence_units)}"
    average = f"on average {_days(plan.expected_days)} if the effect is true"
    return f"{_days(plan.sequence_days)} at most, {_units(plan.sequence_units)}; {average}. {planned}"


def _known_before(plan: Plan, last: PlanPoint) -> str:
    if not plan.covariate_days:
        return ""
    return f"; the {plan.covariate_days} days before explain {last.variance_reduction:.0%} of the variance"


def _days(days: float | None) -> str:
    if days is None:
        return "not within a year at this pace"
    return f"{math.ceil(days):,} days" if math.ceil(days) != 1 else "1 day"


def _units(units: float) -> str:
    return f"{math.ceil(units):,} units a side"
