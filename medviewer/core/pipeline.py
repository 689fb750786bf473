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

FORMAT = 2
"""1: the hash is that of the active steps, 12 digits long. 2: of all steps, in full, the writer beside."""


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

    @property
    def sha256(self) -> str:
        """64 hexadecimal digits of what all steps say, those that are off too; names do not count.

        It is that of ``[[operation, {name: value}, on], ...]`` as JSON in ASCII without spaces, names sorted,
        whole numbers without a point: what another program may write as 3 or as 3.0 is one value.
        """
        said = [
            [step.operation, {name: _plain(value) for name, value in step.values}, step.on]
            for step in self.steps
        ]
        plain = json.dumps(said, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(plain.encode()).hexdigest()

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

    def to_json(self, by: str = "") -> str:
        """This as a recipe file; *by* names the program that writes it, with its version."""
        steps = [
            {"operation": step.operation, "values": dict(step.values), "on": step.on} for step in self.steps
        ]
        recipe = {
            "medviewer_recipe": FORMAT,
            **({"by": by} if by else {}),
            "name": self.name,
            "description": self.description,
            "steps": steps,
            "sha256": self.sha256,
        }
        return json.dumps(recipe, indent=1, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Pipeline:
        """The recipe in *text*. Raises BadValue when it is none; operations are checked when applied."""
        return recipe_file(text).pipeline

    def _check(self, at: int) -> None:
        if not 0 <= at < len(self.steps):
            raise BadValue(f"There is no step {at + 1}.", f"The recipe has {len(self.steps)} steps.")


@frozen
class RecipeFile:
    """What a recipe file says."""

    pipeline: Pipeline
    format: int
    by: str
    """the program that wrote it, with its version; "" when it does not say"""
    is_intact: bool
    """whether its steps are those that were hashed; False: somebody changed or wrote them by hand"""


def recipe_file(text: str) -> RecipeFile:
    """The recipe in *text*, of this format or an older one. Raises BadValue when it is none."""
    try:
        found = json.loads(text)
        version = found["medviewer_recipe"]
        if isinstance(version, int) and version > FORMAT:
            raise BadValue(
                "This recipe was saved by a newer medviewer.",
                f"It has format {version:.0f}, and this version reads up to {FORMAT}. Update medviewer.",
            )
        if isinstance(version, bool) or version not in range(1, FORMAT + 1):
            raise ValueError("a format that never was")
        steps = tuple(_step(item) for item in found["steps"])
        made = Pipeline(steps, str(found.get("name") or ""), str(found.get("description") or ""))
        hashed = made.digest if version == 1 else made.sha256
        return RecipeFile(made, version, str(found.get("by") or ""), found.get("sha256") == hashed)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise BadValue(
            "This is not a recipe file.", "Recipes are JSON files that medviewer has saved."
        ) from None


def _step(item: Mapping[str, Any]) -> Step:
    values = item.get("values", {})
    for value in values.values():
        if not isinstance(value, (bool, int, float, str, type(None))):
            raise ValueError("a value is neither a number nor a word")
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError("a value is no number, or endless")
    return Step.of(str(item["operation"]), dict(values), bool(item.get("on", True)))


def _plain(value: Value) -> Value:
    return int(value) if isinstance(value, float) and value.is_integer() else value
