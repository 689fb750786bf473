"""A value that is equal to nothing but itself, for keys that stand for something large."""

from __future__ import annotations

from typing import Any


class Itself:
    """Holds something, so that its identity stays its own for as long as the key is kept.

    The bare `id` of what was dropped comes back with the next thing that is made.
    """

    __slots__ = ("held",)

    def __init__(self, held: Any) -> None:
        self.held = held

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Itself) and other.held is self.held

    def __hash__(self) -> int:
        return id(self.held)

    def __repr__(self) -> str:
        return f"Itself({type(self.held).__name__})"
