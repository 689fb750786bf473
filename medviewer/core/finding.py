"""What a model said, which model, and what a person thinks of it."""

from __future__ import annotations

from enum import Enum

from medviewer.kit.frozen import frozen


class State(Enum):
    """Whatever a model says is a proposal until a person accepts it."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@frozen
class Provenance:
    """Where a result comes from."""

    model: str
    version: str
    sha256: str
    when: str
    """UTC, ISO 8601"""
    values: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.model} {self.version}".strip()


@frozen
class Finding:
    """One statement of a model about one frame, or about a whole series when *frame* is None."""

    what: str
    score: float
    """0 to 1"""
    threshold: float
    """the operating point at and above which the model says yes"""
    provenance: Provenance
    frame: int | None = None
    state: State = State.PROPOSED

    @property
    def positive(self) -> bool:
        """Whether the score reaches the operating point."""
        return self.score >= self.threshold
