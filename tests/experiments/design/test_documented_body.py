"""docs/experiments.md states the body of /v1/experiments as the code has it: names, defaults, what is required."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from frontrow.experiments.design.design import Arm, Design, Guard

DOCS = Path(__file__).resolve().parents[3] / "docs" / "experiments.md"


def body():
    """The text between the braces, on one line."""
    text = DOCS.read_text("utf-8")
    start = text.index("`{experiment_id,")
    return " ".join(text[start + 2 : text.index("}`. Required", start)].split()).replace("[[start, end)…]", "…")


def top_level(text):
    """Parts between commas that are in no bracket."""
    parts, depth, part = [], 0, ""
    for letter in text:
        depth += (letter in "{[(") - (letter in "}])")
        if letter == "," and depth == 0:
            parts.append(part.strip())
            part = ""
        else:
            part += letter
    return [*parts, part.strip()]


def names(parts):
    return [re.match(r"[a-z_]+", part)[0] for part in parts]


def test_the_fields_are_those_of_the_record():
    parts = top_level(body())
    assert set(names(parts)) == set(Design.__struct_fields__)
    inner = {part.split(":")[0]: part for part in parts if ":[" in part}
    for name, kind in (("arms", Arm), ("guardrails", Guard)):
        fields = top_level(re.search(r"\[\{(.*)\}\]", inner[name])[1])
        assert names(fields) == list(kind.__struct_fields__)


def test_the_defaults_are_those_of_the_record():
    design = Design(
        experiment_id="x", hypothesis="h", arms=(Arm(key="a", weight=1), Arm(key="b", weight=0)), primary="p"
    )
    said = {part.split(" ")[0]: part for part in top_level(body())}
    assert "default profile" in said["unit"]
    assert "default {}: everybody" in said["audience"]
    assert design.audience == {}
    assert f"default {design.coverage:g})" in said["coverage"]
    assert "or null" in said["layer"]
    assert design.layer is None
    assert "default all of it" in body()
    assert design.ranges == ((0.0, 1.0),)
    assert "default the id" in said["seed"]
    assert design.split().seed is None
    assert f"default .0{100 * Guard(metric='m').margin:g})" in body()
    assert f"default .0{100 * design.alpha:g})" in said["alpha"]
    assert "default draft" in said["state"]
    assert design.state == "draft"
    assert design.unit == "profile"
    for name in ("minimal_effect", "planned_units"):
        assert "or null" in said[name]
        assert getattr(design, name) is None


def test_required_are_those_without_a_default():
    text = " ".join(DOCS.read_text("utf-8").split())
    said = re.search(r"Required are (.*?)\. `started_at`", text)[1]
    required = {each.name for each in msgspec.structs.fields(Design) if each.required} - {"experiment_id"}
    assert set(re.findall(r"`([a-z_]+)`", said)) == required
    assert "2 to 50" in said
