"""Enhancement steps, as data: an ordered stack that can be compared, hashed and saved."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen
from medviewer.kit.params import Value

FORMAT = 1


@frozen
class Step:
    """One operation with its values; a step that is not *on* is kept but skipped."""

    operation: str
    values: tuple[tuple[str, Value], ...] = ()
    on: bool = True

    @classmethod
    def of(cls, operation: str, values: Mapping[str, Value] | None = None, on: bool = True) -> Step:
        """A step; the order of *values* does not matter."""
        return cls(operation, tuple(sorted((values or {}).items())), on)

    def with_values(self, values: Mapping[str, Value]) -> Step:
        """The same operation with some values replaced."""
        return Step.of(self.operation, {**dict(self.values), **values}, self.on)


@frozen
class Pipeline:
    """Steps in the order in which they are applied."""

    steps: tuple[Step, ...] = ()
    name: str = ""
    description: str = ""

    @property
    def active(self) -> tuple[Step, ...]:
        """The steps that are on."""
        return tuple(step for step in self.steps if step.on)

    @property
    def digest(self) -> str:
        """A short hash of what the active steps do; names and descriptions do not count."""
        plain = json.dumps([[step.operation, step.values] for step in self.active], sort_keys=True)
        return hashlib.sha256(plain.encode()).hexdigest()[:12]

    def added(self, step: Step) -> Pipeline:
        """With *step* at the end."""
        return replace(self, steps=(*self.steps, step))

    def replaced(self, at: int, step: Step) -> Pipeline:
        """With the step number *at* exchanged."""
        self._check(at)
        return replace(self, steps=(*self.steps[:at], step, *self.steps[at + 1 :]))

    def removed(self, at: int) -> Pipeline:
        """Without the step number *at*."""
        self._check(at)
        return replace(self, steps=(*self.steps[:at], *self.steps[at + 1 :]))

    def moved(self, at: int, to: int) -> Pipeline:
        """With the step number *at* in place *to*."""
        self._check(at)
        rest = list(self.steps)
        rest.insert(max(0, min(to, len(rest) - 1)), rest.pop(at))
        return replace(self, steps=tuple(rest))

    def to_json(self) -> str:
        """This as a recipe file."""
        steps = [
            {"operation": step.operation, "values": dict(step.values), "on": step.on} for step in self.steps
        ]
        recipe = {
            "medviewer_recipe": FORMAT,
            "name": self.name,
            "description": self.description,
            "steps": steps,
            "sha256": self.digest,
        }
        return json.dumps(recipe, indent=1, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Pipeline:
        """The recipe in *text*. Raises BadValue when it is none; operations are checked when applied."""
        try:
            found = json.loads(text)
            if not isinstance(found, dict) or found.get("medviewer_recipe") != FORMAT:
                raise BadValue(
                    "This is not a recipe of this version of medviewer.", "Export the recipe again."
                )
            steps = tuple(_step(item) for item in found["steps"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise BadValue(
                "This is not a recipe file.", "Recipes are JSON files that medviewer has saved."
            ) from None
        return cls(steps, str(found.get("name") or ""), str(found.get("description") or ""))

    def _check(self, at: int) -> None:
        if not 0 <= at < len(self.steps):
            raise BadValue(f"There is no step {at + 1}.", f"The recipe has {len(self.steps)} steps.")


def _step(item: Mapping[str, Any]) -> Step:
    values = item.get("values", {})
    for value in values.values():
        if not isinstance(value, (bool, int, float, str, type(None))):
            raise ValueError("a value is neither a number nor a word")
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError("a value is no number, or endless")
    return Step.of(str(item["operation"]), dict(values), bool(item.get("on", True)))
