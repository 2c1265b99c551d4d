"""Import, training and start of a server on MovieLens-1M (or any MovieLens folder): seconds and peak memory.

    python benchmarks/scale/run.py ~/.cache/frontrow/ml-1m [--runs 3]

Each run makes a new workspace with the commands that a user types, each in a process of its own: init, import, train,
and a server until it answers its first page, twice (the second start finds the disk's cache warm). Peak memory is the
largest resident size of the command's process. The floor loop of benchmarks/page is measured before and after; the load
of the machine is told, for other work beside it makes every figure larger. Writes result.json beside this file.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "page"))

from floor import floor_ms  # noqa: E402 - lies beside

GATE = {"import_s": 15.0, "train_s": 90.0, "peak_gb": 2.0}
AIM = {"train_s": 45.0}


def main() -> None:
    """All runs, their medians, and the result file."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("movielens", type=Path, help="a MovieLens folder")
    asked.add_argument("--runs", type=int, default=3)
    options = asked.parse_args()
    before, load = floor_ms(), os.getloadavg()
    runs = [one_run(options.movielens) for _ in range(options.runs)]
    after = floor_ms()
    result = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"python": platform.python_version(), "cores": os.cpu_count(), "machine": platform.machine()},
        "load_before": load,
        "load_after": os.getloadavg(),
        "floor_ms_p50": [round(before[0], 3), round(after[0], 3)],
        "gate": GATE,
        "aim": AIM,
        "median": {name: round(statistics.median(run[name] for run in runs), 2) for name in runs[0]},
        "runs": runs,
    }
    print(json.dumps(result["median"], indent=1))
    (HERE / "result.json").write_text(json.dumps(result, indent=1) + "\n")


def one_run(movielens: Path) -> dict[str, float]:
    """A new workspace from nothing to its second server."""
    folder = Path(tempfile.mkdtemp(prefix="frontrow-scale-"))
    workspace = str(folder / "workspace")
    try:
        command("init", workspace)
        import_s, import_gb = command("import", "movielens", str(movielens), "--workspace", workspace)
        train_s, train_gb = command("train", "--workspace", workspace)
        start_s, second_start_s = first_page(workspace), first_page(workspace)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    run = {
        "import_s": import_s, "import_gb": import_gb, "train_s": train_s, "train_gb": train_gb, "start_s": start_s,
        "second_start_s": second_start_s, "peak_gb": max(import_gb, train_gb),
    }  # fmt: skip
    print({name: round(figure, 2) for name, figure in run.items()}, file=sys.stderr)
    return run


def frontrow(*arguments: str) -> list[str]:
    """The command, run by this Python."""
    return [sys.executable, "-m", "frontrow", *arguments]


def command(*arguments: str) -> tuple[float, float]:
    """Seconds that a command took, and its peak memory in GB."""
    started = time.perf_counter()
    process = subprocess.Popen(frontrow(*arguments), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(arguments)} ended with {process.returncode}: {said.decode()[-2000:]}")
    return time.perf_counter() - started, usage.ru_maxrss * 1024 / 1e9


def first_page(workspace: str) -> float:
    """Seconds from the command to the first page over HTTP."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    started = time.perf_counter()
    arguments = frontrow("serve", "--workspace", workspace, "--dev", "--port", str(port))
    server = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        while not page_answered(port):
            if server.poll() is not None or time.perf_counter() - started > 120:
                sys.exit("the server did not start")
            time.sleep(0.05)
        return time.perf_counter() - started
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)


def page_answered(port: int) -> bool:
    """Whether a page comes back."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        link.request("GET", "/v1/home?profile_id=1")
        page: dict[str, Any] = json.loads(link.getresponse().read())
        return bool(page["rows"])
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


if __name__ == "__main__":
    main()
