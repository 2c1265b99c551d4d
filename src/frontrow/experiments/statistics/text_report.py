"""An analysis as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from frontrow.experiments.statistics.analysis import Analysis
from frontrow.experiments.statistics.effect import Effect
from frontrow.experiments.statistics.words import number, percent, small, span

MOST_NAMED = 4
"""Covariates named one by one."""


def text_report(analysis: Analysis) -> str:
    """Verdict first, then what it rests on; plain text, 80 to 120 columns."""
    lines = [f"{item.arm} against {analysis.control}: {item.decision.upper()}" for item in analysis.verdicts]
    for item in analysis.verdicts:
        lines += ["", f"Why ({item.arm})", *(f"  - {reason}" for reason in item.reasons)]
    lines += [
        "",
        "Units",
        f"  {units_line(analysis)}",
        "",
        effects_heading(analysis),
        *_table(effect_rows(analysis, analysis.effects)),
    ]
    if analysis.guardrails:
        rows = [[item.metric, item.arm, item.state, item.text] for item in analysis.guardrails]
        lines += ["", "Guardrails", *_table([["metric", "arm", "state", "why"], *rows])]
    if analysis.segments:
        told = told_segments(analysis)
        lines += ["", "Segments", *_table(effect_rows(analysis, told))]
        if more := len(analysis.segments) - len(told):
            lines.append(f"  and {more} more, in which nothing was found (--json and --report have them)")
    if analysis.novelty:
        lines += ["", "Over the days since exposure"]
        lines += [f"  {item.metric} in {item.arm}: {item.text} (p {small(item.p_value)})" for item in analysis.novelty]
    if analysis.warnings:
        lines += ["", "Warnings", *(f"  - {text}" for text in analysis.warnings)]
    lines += ["", *(f"  {text}" for text in method_lines(analysis))]
    return "\n".join(lines) + "\n"


def told_segments(analysis: Analysis) -> list[Effect]:
    """The primary metric's in every segment, and whatever else was found in one."""
    return [item for item in analysis.segments if item.found or item.metric == analysis.primary]


def effects_heading(analysis: Analysis) -> str:
    """Says so where the effects below it mean nothing."""
    return "Effects, not to be trusted: the experiment is broken" if analysis.decision == "broken" else "Effects"


def units_line(analysis: Analysis) -> str:
    """Arms' sizes and whether they are as meant."""
    mismatch = analysis.mismatch
    sizes = ", ".join(f"{item.arm} {item.units:,}" for item in analysis.arms)
    p_value, kind = (
        (mismatch.sequential_p_value, "at every look")
        if mismatch.sequential
        else (mismatch.p_value, "for this one look")
    )
    state = "NOT as meant" if mismatch.broken else "as meant"
    return f"{sizes}; sizes are {state} (p {small(p_value)}, {kind})"


def method_lines(analysis: Analysis) -> list[str]:
    """How to read the numbers."""
    confidence = f"{100 * (1 - analysis.alpha / max(len(analysis.arms) - 1, 1)):.3g} %"
    if analysis.method == "sequence":
        plan = (
            f"narrowest at the planned {number(analysis.planned_units)} units a side"
            if analysis.planned_units
            else "not tuned, since no sample was planned"
        )
        lines = [f"Intervals are {confidence} confidence sequences, valid at every look, {plan}."]
    else:
        lines = [
            f"Intervals are {confidence} for one look at a sample fixed ahead; looking again makes them too narrow."
        ]
    if analysis.covariates:
        known = analysis.covariates
        named = ", ".join(known) if len(known) <= MOST_NAMED else f"{len(known)} numbers of each unit"
        lines.append(f"Adjusted by what was known before the experiment: {named} (CUPED).")
    if any(item.adjusted_p_value is not None for item in [*analysis.effects, *analysis.segments]):
        share = f"{100 * analysis.alpha:g} %"
        lines.append(f"Beside the primary metric, of all that is called found at most {share} is false on average.")
    return lines


def effect_rows(analysis: Analysis, effects: Sequence[Effect]) -> list[list[str]]:
    """A heading and one row an effect, as text."""
    several = len(analysis.arms) > 2
    parted = any(item.segment for item in effects)
    heading = ["metric", *(["segment"] if parted else []), *(["arm"] if several else [])]
    rows = [
        [
            *heading,
            analysis.control,
            "its value" if several else analysis.arms[-1].arm,
            "change",
            "interval",
            "p",
            "finding",
        ]
    ]
    for item in effects:
        relative = item.lift is not None and item.lift_interval is not None
        change = percent(item.lift) if relative and item.lift is not None else number(item.difference)
        interval = span(item.lift_interval if relative else item.difference_interval, relative)
        p_value = item.p_value if item.adjusted_p_value is None else item.adjusted_p_value
        row = [item.metric, *([_segment(item)] if parted else []), *([item.arm] if several else [])]
        said = finding(item, analysis.primary)
        rows.append([*row, number(item.control_value), number(item.arm_value), change, interval, small(p_value), said])
    return rows


def finding(effect: Effect, primary: str) -> str:
    """better, worse, or nothing yet."""
    alone = effect.metric == primary and effect.segment is None
    if not effect.found:
        return "primary" if alone else ""
    good = (effect.difference > 0) == (effect.better == "up")
    return ("better" if good else "worse") + (", primary" if alone else "")


def _segment(effect: Effect) -> str:
    return f"{effect.segment.column} {effect.segment.level}" if effect.segment else ""


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
