"""One self-contained HTML file: the verdict, why, and the intervals drawn. Nothing is loaded from anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from frontrow.experiments.statistics.analysis import Analysis
from frontrow.experiments.statistics.effect import Effect, Interval
from frontrow.experiments.statistics.html_page import page, table, wide
from frontrow.experiments.statistics.interval_chart import Bar, Tone, interval_chart
from frontrow.experiments.statistics.novelty import Novelty
from frontrow.experiments.statistics.text_report import (
    effect_rows,
    effects_heading,
    finding,
    method_lines,
    told_segments,
    units_line,
)
from frontrow.experiments.statistics.words import number, percent, small

MAX_BARS = 40
"""Segments drawn; the table below the chart has all."""

_MEANING = {
    "ship": "The primary metric is better, and every guardrail is safe.",
    "stop": "The change does harm, or cannot be worth having.",
    "keep running": "The numbers do not decide yet.",
    "broken": "The experiment does not measure what it should; mend it before reading any effect.",
}


def html_report(analysis: Analysis, title: str, subtitle: str = "", glossary: Sequence[tuple[str, str]] = ()) -> str:
    """The whole page. `title`: the experiment's name; `subtitle`: what to say beneath (its date, its hypothesis);
    `glossary`: metrics with what each means."""
    body = [f"<h1>{escape(title)}</h1>"]
    if subtitle:
        body.append(f'<p class="soft">{escape(subtitle)}</p>')
    for item in analysis.verdicts:
        kind = item.decision.split()[0]
        meaning = _MEANING[item.decision]
        if item.decision == "ship" and not analysis.guardrails:
            meaning = "The primary metric is better. No guardrail was set, so look at the other metrics too."
        reasons = "".join(f"<li>{escape(reason)}</li>" for reason in item.reasons)
        body.append(
            f'<section class="verdict {kind}"><b><bdi>{escape(item.arm)}</bdi>: {escape(item.decision)}</b>'
            f"<p>{meaning}</p><ul>{reasons}</ul></section>"
        )
    body.append(f"<p>{escape(units_line(analysis))}</p>")
    body += [
        f"<h2>{effects_heading(analysis)}</h2>",
        *_charts(analysis, analysis.effects, "Effects"),
        table(effect_rows(analysis, analysis.effects)),
    ]
    if analysis.guardrails:
        rows = [[item.metric, item.arm, item.state, item.text] for item in analysis.guardrails]
        body += ["<h2>Guardrails</h2>", table([["metric", "arm", "state", "why"], *rows])]
    if analysis.segments:
        told = told_segments(analysis)
        body += ["<h2>Segments</h2>", *_charts(analysis, told, "Segments"), table(effect_rows(analysis, told))]
        if len(told) < len(analysis.segments):
            body.append(f"<details><summary>All {len(analysis.segments)} effects in segments</summary>")
            body += [table(effect_rows(analysis, analysis.segments)), "</details>"]
    for found in analysis.novelty:
        body += [
            f"<h2>Days since exposure: <bdi>{escape(found.metric)}</bdi> in <bdi>{escape(found.arm)}</bdi></h2>",
            *_days(found),
        ]
    if analysis.warnings:
        items = "".join(f"<li>{escape(text)}</li>" for text in analysis.warnings)
        body.append(f"<h2>Warnings</h2><ul>{items}</ul>")
    notes = "".join(f"<p>{escape(text)}</p>" for text in method_lines(analysis))
    body.append(f'<h2>How to read this</h2><div class="soft">{notes}</div>')
    if glossary:
        terms = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in glossary)
        body.append(f"<details><summary>What the metrics mean</summary><dl>{terms}</dl></details>")
    return page(title, body)


def _charts(analysis: Analysis, effects: Sequence[Effect], title: str) -> list[str]:
    """Lifts on one scale; effects without a lift are in the table only, since units differ."""
    bars: list[Bar] = []
    for item in effects:
        if item.lift is None or item.lift_interval is None:
            continue
        where = f" · {item.segment.column} {item.segment.level}" if item.segment else ""
        arm = f" · {item.arm}" if len(analysis.arms) > 2 else ""
        label, note = f"{item.metric}{where}{arm}", percent(item.lift)
        # a broken experiment's effects get no colour that says good or bad
        tone = "open" if analysis.decision == "broken" else _tone(finding(item, analysis.primary))
        bars.append(Bar(label, item.lift, item.lift_interval.low, item.lift_interval.high, tone, note))
    if not bars:
        return []
    drawn = interval_chart(bars[:MAX_BARS], f"{title}, relative to control", percent)
    return [f'<p class="soft">Relative to control; the lines are what is still possible.</p>{wide(drawn)}']


def _tone(said: str) -> Tone:
    return "good" if said.startswith("better") else "bad" if said.startswith("worse") else "open"


def _days(found: Novelty) -> list[str]:
    bars = [
        Bar(f"day {item.day + 1}", item.difference, *_ends(item.interval), "open", number(item.difference))
        for item in found.days[:MAX_BARS]
    ]
    text = f"{found.text} (p {small(found.p_value)})"
    return [f"<p>{escape(text)}</p>", wide(interval_chart(bars, f"{found.metric} by day since exposure", number))]


def _ends(interval: Interval | None) -> tuple[float | None, float | None]:
    return (None, None) if interval is None else (interval.low, interval.high)
