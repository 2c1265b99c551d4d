"""The parts of a self-contained HTML page: its frame, tables and what scrolls. Nothing is loaded from anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

MOST_LETTERS = 28
"""Of a cell in one line."""
STYLE = Path(__file__).with_name("report.css").read_text("utf-8")


def page(title: str, body: Sequence[str]) -> str:
    """The whole page from the parts of its body, which are HTML; `title` is text."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n<body>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def wide(part: str) -> str:
    """What scrolls by itself where the page is narrow."""
    return f'<div class="wide">{part}</div>'


def table(rows: Sequence[Sequence[str]]) -> str:
    """A table of texts; the first row is its head."""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in rows[0])
    body = "".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in rows[1:])
    return wide(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")


def _cell(text: str) -> str:
    kind = ' class="long"' if len(text) > MOST_LETTERS else ""
    return f"<td{kind}>{escape(text)}</td>"
