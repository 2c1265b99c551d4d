"""The house rules that a machine can hold: layers, sizes, and what every file must say."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted((ROOT / "src" / "frontrow").rglob("*.py"))


def test_a_room_imports_only_from_rooms_below_it():
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([tool, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_room_has_its_place_in_the_order():
    layers = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]["layers"]
    placed = {layer.split(".")[1] for line in layers for layer in line.replace(" ", "").split("|")}
    rooms = {path.name for path in (ROOT / "src" / "frontrow").iterdir() if (path / "__init__.py").exists()}
    tops = {path.stem for path in (ROOT / "src" / "frontrow").glob("*.py")} - {"__init__", "__main__"}
    assert rooms | tops <= placed


def test_no_file_is_longer_than_500_lines_and_the_median_is_under_150():
    lengths = sorted((len(path.read_text().splitlines()), path.name) for path in SOURCES)
    assert lengths[-1][0] <= 500, lengths[-1]
    assert lengths[len(lengths) // 2][0] < 150


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_every_module_says_what_it_is(path):
    assert ast.get_docstring(ast.parse(path.read_text())), f"{path} has no docstring"


def test_only_wiring_names_concrete_storage():
    for path in SOURCES:
        room = path.relative_to(ROOT / "src" / "frontrow").parts[0]
        if room not in {"storage", "wiring.py", "sharing.py"}:
            assert "frontrow.storage" not in path.read_text(), path
