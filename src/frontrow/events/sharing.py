"""What is asked of a state that other servers share: that it holds what was answered."""

from __future__ import annotations

from typing import Protocol

from frontrow.people.store import ErasedPlace


class Sharing(Protocol):
    """Tells other servers what was committed here. It loses nothing: what could not be told is read from disk again."""

    def settle(self) -> None:
        """Called after a commit and before its answer: returns once other servers' answers hold all that is committed,
        or once those that do not are sure to say so. Never raises for a store that fails; waits a bounded time."""
        ...

    def erased(self) -> list[ErasedPlace]:
        """`settle` after an erasure, and what a receipt says of it; nothing where no state is shared."""
        ...


class Alone:
    """Nothing is shared: every reader reads the same disk."""

    def settle(self) -> None:
        """Nobody is to be told."""

    def erased(self) -> list[ErasedPlace]:
        """Nothing is held elsewhere."""
        return []
