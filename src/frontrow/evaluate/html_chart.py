"""An evaluation as one self-contained HTML file: how far the whole is ahead of each system, drawn, and all figures."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from frontrow.evaluate.report import Measured, Report, Row
from frontrow.experiments.statistics.html_page import page, table, wide
from frontrow.experiments.statistics.interval_chart import Bar, Tone, interval_chart

DRAWN = "ndcg@10"
_PARTS = {
    "less": ("What each facet adds", "NDCG@10 of the whole less that of the whole without it."),
    "model": ("The whole ahead of each of its models", "NDCG@10 of the whole less that of the model alone."),
    "floor": ("The whole ahead of each floor", "NDCG@10 of the whole less that of the floor."),
}
MEANING = {
    "hr@10": "share of viewers with a relevant title in the first ten",
    "ndcg@10": "normalized discounted cumulative gain of the first ten, the ideal cut at min(10, relevant)",
    "recall@10": "share of the relevant titles that are in the first ten",
    "precision@10": "share of the first ten that is relevant",
    "mrr": "one over the rank of the first relevant title",
    "map": "mean average precision over the whole ranking",
    "novelty@10": "bits of surprise that a viewer knows a recommended title: -log2 of the share of viewers who do",
    "distance@10": "mean 1 - cosine of the contents of two titles of a list",
    "miscalibration@10": "divergence (nats) of a list's genres from those of the viewer's history; 0 is true to taste",
    "coverage@10": "share of the candidates that are in anybody's list",
    "gini@10": "how unevenly lists use the candidates: 0 all alike, 1 one has all",
}
"""What each metric means."""


def html_chart(report: Report) -> str:
    """The whole page."""
    title = f"Evaluation: {report.protocol}"
    body = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="soft">Horizon {escape(report.horizon)}, request time {escape(report.request_time)}. '
        f"{report.users:,} viewers, {report.candidates:,} candidates. "
        "Lines are 95 % intervals over viewers, paired.</p>",
        *_systems(report.rows),
    ]
    for group in report.groups:
        body += [f"<h1>{escape(group.name)}: {group.users:,} viewers</h1>", *_systems(group.rows)]
    body += _calibration(report)
    if report.apart:
        items = "".join(f"<li>{escape(what)}: {count:,}</li>" for what, count in report.apart.items())
        body.append(f"<h2>Not asked about</h2><ul>{items}</ul>")
    terms = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in MEANING.items())
    return page(title, [*body, f"<details><summary>What the metrics mean</summary><dl>{terms}</dl></details>"])


def _calibration(report: Report) -> list[str]:
    """Whether forecasts of outcomes come true, and which there are none of."""
    rows = [
        [name, f"{each.forecasts:,}", f"{each.forecast:.4g}", f"{each.came:.4g}",
         f"{each.error.value:.4f} ({each.error.low:.4f} to {each.error.high:.4f})"]
        for name, each in report.calibration.items()
    ]  # fmt: skip
    parts = []
    if rows:
        told = "The mean gap between forecasts and what came, over ten bins of equally many; minutes in minutes."
        head = ["outcome", "forecasts", "forecast", "came", "error of calibration"]
        parts = ["<h2>Do forecasts come true?</h2>", f'<p class="soft">{told}</p>', table([head, *rows])]
    if report.uncompared:
        parts.append(f"<p>Forecasts are not held against what came: {escape(report.uncompared)}</p>")
    parts += [f"<p>{escape(name)} is not forecast: {escape(why)}</p>" for name, why in report.not_forecast.items()]
    return parts


def _systems(rows: Sequence[Row]) -> list[str]:
    parts = []
    for kind, (heading, told) in _PARTS.items():
        bars = [_bar(row) for row in rows if row.kind == kind]
        if bars:
            drawn = interval_chart(bars, heading, lambda value: f"{value:+.3g}" if value else "0")
            parts += [f'<h2>{heading}</h2><p class="soft">{told}</p>', wide(drawn)]
    if not rows:
        return parts
    names = list(rows[0].metrics)
    cells = [[row.kind, row.system, *(_told(row.metrics[name]) for name in names)] for row in rows]
    return [*parts, "<h2>All figures</h2>", table([["kind", "system", *names], *cells])]


def _bar(row: Row) -> Bar:
    lead = row.lead[DRAWN]
    tone: Tone = "good" if lead.low > 0 else "bad" if lead.high < 0 else "open"
    name = row.system.partition(" less ")[2] if row.kind == "less" else row.system
    return Bar(name, lead.value, lead.low, lead.high, tone, f"{lead.value:+.4f}")


def _told(measured: Measured) -> str:
    return f"{measured.value:.4f} ({measured.low:.4f} to {measured.high:.4f})"
