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
    value: float | None = None
    """of a regression, what was estimated, in *unit*; such a finding has no score of its own (1 from 0 on)"""
    unit: str = ""

    @property
    def positive(self) -> bool:
        """Whether the score reaches the operating point."""
        return self.score >= self.threshold

    @property
    def number(self) -> str:
        """The score in two digits, or the value with its unit."""
        return f"{self.score:.2f}" if self.value is None else f"{self.value:.4g} {self.unit}".rstrip()
