"""What an import did: counts, the first problems with their place, and what the user should know."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from frontrow.core.clock import format_time, parse_time
from frontrow.core.errors import FrontrowError

Progress = Callable[[float, str], None]
"""Called with a fraction from 0 to 1 and what is being done."""

SHOWN_PROBLEMS = 20


def silent(fraction: float, text: str) -> None:
    """Progress for nobody."""


class Problem(msgspec.Struct, frozen=True):
    """One record that was left out, or (`left_out` false) of which a later one of the same id counts. `where` is
    file:line (Parquet: file:row N, from 1)."""

    where: str
    message: str
    left_out: bool = True


class Count(msgspec.Struct):
    """Records of one kind: `accepted` are stored now, `duplicates` were there before, `rejected` were left out.

    `repeated` ids stood in the files more than once, and the last record counted (titles and profiles).
    """

    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    repeated: int = 0


class ImportReport(msgspec.Struct):
    """Counts of an import, its first problems, and notes. `newest_at` is the newest of its events that the
    log holds, RFC 3339 UTC.

    `clock` is "data" when this import switched the workspace to the data's clock, else null.
    """

    titles: Count = msgspec.field(default_factory=Count)
    profiles: Count = msgspec.field(default_factory=Count)
    events: Count = msgspec.field(default_factory=Count)
    problems: list[Problem] = []
    notes: list[str] = []
    newest_at: str | None = None
    clock: str | None = None

    @property
    def rejected(self) -> int:
        """Records of all kinds that were left out."""
        return self.titles.rejected + self.profiles.rejected + self.events.rejected

    @property
    def stored(self) -> int:
        """Records of all kinds that are in the workspace because of this import or an earlier one."""
        return sum(count.accepted + count.duplicates for count in (self.titles, self.profiles, self.events))

    def reject(self, count: Count, where: str, message: str) -> None:
        """Counts a record that is left out, and keeps its place if it is among the first."""
        count.rejected += 1
        self._name(Problem(where, message))

    def repeat(self, count: Count, where: str, message: str) -> None:
        """Counts a record that a later one of the same id replaces."""
        count.repeated += 1
        self._name(Problem(where, message, left_out=False))

    def _name(self, problem: Problem) -> None:
        if len(self.problems) == SHOWN_PROBLEMS and problem.left_out:  # these go before what is merely said twice
            for place in range(SHOWN_PROBLEMS - 1, -1, -1):
                if not self.problems[place].left_out:
                    del self.problems[place]
                    break
        if len(self.problems) < SHOWN_PROBLEMS:
            self.problems.append(problem)

    def saw(self, at: int) -> None:
        """Takes note of an event that the log holds, by its time in microseconds UTC."""
        if self.newest_at is None or at > parse_time(self.newest_at):
            self.newest_at = format_time(at)


class ImportRefused(FrontrowError):
    """A strict import of files with problems; nothing was written. `report` lists the problems."""

    def __init__(self, report: ImportReport) -> None:
        first = next((each for each in report.problems if each.left_out), report.problems[0])
        others = f", and {report.rejected - 1:,} more" if report.rejected > 1 else ""
        super().__init__(
            f"nothing was imported: {first.where}: {first.message}{others}",
            "Mend the files, or import without --strict to leave these records out",
        )
        self.report = report
