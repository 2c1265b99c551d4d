"""From a fresh clone to a page in a browser, as a newcomer has it.

    python benchmarks/demo/run.py [--quick] [--pip-cache DIR] [--folder DIR] [--port 8460] [--out FILE]

Clones this repository's HEAD into an empty folder, runs `make demo` there with an empty home and the given pip cache,
and asks for a viewer's page until rows are in its HTML; then ends it and starts it again. Each step's seconds are those
at which its lines came. Of the running demo: milliseconds until the first rows are in a browser's hands (the HTML up to
the end of the first row, median over viewers, each asked for the first time, and again) and the page's weight over the
wire with all that it loads. The result is added to result.json under `whole` or `quick`, with the machine's load.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import signal
import statistics
import subprocess
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
STEPS = {"Installing": "install", "1/3": "simulate", "2/3": "import", "3/3": "train", "Starting": "serve"}
SUMMED = re.compile(r"(\d)/3 .*, ([\d.]+) s$")
VIEWERS = [f"p-{number:05d}" for number in range(1, 41)]


class Demo:
    """`make demo` running in a clone. `lines` are (seconds since the start, line)."""

    def __init__(self, clone: Path, port: int, quick: bool, environment: dict[str, str]) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.lines: list[tuple[float, str]] = []
        self._begun = time.monotonic()
        command = ["make", "demo", f"PORT={port}", *(["QUICK=1"] if quick else [])]
        self._process = subprocess.Popen(
            command, cwd=clone, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True,
        )  # fmt: skip
        threading.Thread(target=self._read, daemon=True).start()

    def page(self, limit: float = 900.0) -> float:
        """Seconds until a viewer's page has rows."""
        while time.monotonic() - self._begun < limit:
            if self._process.poll() is not None:
                raise SystemExit("\n".join(line for _, line in self.lines))
            try:
                with urllib.request.urlopen(f"{self.address}/?profile={VIEWERS[0]}", timeout=30) as answer:
                    if b'class="tile"' in answer.read():
                        return round(time.monotonic() - self._begun, 1)
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"no page after {limit} s")

    def steps(self, page: float) -> dict[str, float]:
        """Seconds of each step, from when its first line came to when the next one's did."""
        starts = [
            (at, name) for at, line in self.lines for word, name in STEPS.items()
            if line.startswith(word) and not SUMMED.search(line)
        ]  # fmt: skip
        ends = [at for at, _ in starts[1:]] + [page]
        return {name: round(end - at, 1) for (at, name), end in zip(starts, ends, strict=True)}

    def stop(self) -> None:
        """Ctrl-C."""
        os.killpg(self._process.pid, signal.SIGINT)
        self._process.wait(30)

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self.lines.append((time.monotonic() - self._begun, line.rstrip()))


def first_rows(address: str) -> dict[str, float]:
    """Median milliseconds until the first row has come, for viewers asked for the first time and for the second."""
    told = {}
    for name in ("first visit", "second visit"):
        took = []
        for viewer in VIEWERS:
            begun = time.perf_counter()
            with urllib.request.urlopen(f"{address}/?profile={viewer}", timeout=30) as answer:
                seen = b""
                while b"</section>" not in seen.partition(b'class="shelf')[2] and (more := answer.read1()):
                    seen += more
                took.append((time.perf_counter() - begun) * 1000)
                answer.read()
        told[name] = round(statistics.median(took), 1)
        told[f"{name}, slowest"] = round(max(took), 1)
    return told


def weight(address: str) -> dict[str, float]:
    """Kilobytes over the wire, as a browser asks for them."""
    html, sent = _get(f"{address}/?profile={VIEWERS[0]}")
    told = {"html": sent}
    known: dict[str, float] = {}
    waiting = re.findall(r'(?:href|src)="(/web/[^"]+)"', html)
    while waiting:
        path = waiting.pop()
        if path not in known:
            text, known[path] = _get(address + path)
            if path.endswith(".js"):
                waiting += [f"/web/{name}" for name in re.findall(r'(?:from|import) "\./([\w.]+)"', text)]
    told["css and js"] = sum(known.values())
    return {name: round(size / 1024, 1) for name, size in (told | {"total": sum(told.values())}).items()}


def _get(address: str) -> tuple[str, float]:
    import gzip

    request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        body = answer.read()
        packed = answer.headers.get("Content-Encoding") == "gzip"
        return (gzip.decompress(body) if packed else body).decode(), len(body)


def main() -> None:
    """Runs it once and keeps the result."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--quick", action="store_true", help="make demo QUICK=1")
    asked.add_argument("--pip-cache", type=Path, default=None, help="pip's cache; filled by the first run with it")
    asked.add_argument("--folder", type=Path, default=Path("demo-run"), help="where to clone; emptied before")
    asked.add_argument("--port", type=int, default=8460)
    asked.add_argument("--out", type=Path, default=HERE / "result.json")
    options = asked.parse_args()
    folder = options.folder.resolve()
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "home").mkdir(parents=True)
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder / "clone")], check=True)
    kept = {
        name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY", "MAKEFLAGS")
    }
    environment = kept | {"HOME": str(folder / "home")}
    environment |= {"PIP_CACHE_DIR": str(options.pip_cache.resolve())} if options.pip_cache else {}
    before = os.getloadavg()[0]
    demo = Demo(folder / "clone", options.port, options.quick, environment)
    page = demo.page()
    result: dict[str, Any] = {"page after s": page, "steps s": demo.steps(page)}
    result |= {"first rows ms": first_rows(demo.address), "weight KB": weight(demo.address)}
    demo.stop()
    again = Demo(folder / "clone", options.port, options.quick, environment)
    result["second start, page after s"] = again.page()
    again.stop()
    result["load before, after"] = [round(before, 2), round(os.getloadavg()[0], 2)]
    result["machine"] = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    known = json.loads(options.out.read_text()) if options.out.exists() else {}
    known["quick" if options.quick else "whole"] = result
    options.out.write_text(json.dumps(known, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
