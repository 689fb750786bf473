"""Which features are taken of a picture: a short text for people, and all of them in one vector."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.features.feature import FAMILIES, WHOLE, Family, Image, Region
from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen
from medviewer.kit.params import Kind, Value

USUAL = "intensity, glcm, gabor, lbp, hog"
MOST = 20_000
"""numbers of one picture"""
_ONE = re.compile(r"\s*([a-z][a-z0-9_]*)\s*(?:\(([^()]*)\))?\s*(?:,|$)")


@frozen
class Wanted:
    """One family with all its parameters."""

    name: str
    values: tuple[tuple[str, Value], ...] = ()

    @property
    def family(self) -> Family:
        """What is declared under this name. Raises BadValue."""
        return FAMILIES[self.name]

    def __str__(self) -> str:
        told = "; ".join(f"{name}={value}" for name, value in self.values)
        return f"{self.name}({told})" if told else self.name


Plan = tuple[Wanted, ...]


def read_plan(text: str) -> Plan:
    """The families in a text such as ``intensity, glcm(levels=16; distances=1 2)``. Raises BadValue.

    All parameters are filled in, so that what a plan means never changes with a later default.
    """
    found, at = [], 0
    text = text.strip() or USUAL
    while at < len(text):
        one = _ONE.match(text, at)
        if one is None:
            raise BadValue(
                f"The features cannot be read from {text[at : at + 40]!r} on.",
                "Write names with commas between: intensity, glcm(levels=16; distances=1 2), hog.",
            )
        found.append(wanted(one[1], _values(FAMILIES[one[1]], one[2] or "")))
        at = one.end()
    if len({str(one) for one in found}) < len(found):
        raise BadValue("The same features are wanted twice.", "Name them once.")
    return tuple(found)


def wanted(name: str, values: dict[str, Value]) -> Wanted:
    """The family *name* with *values*, all others as usual. Raises BadValue."""
    return Wanted(name, tuple(FAMILIES[name].checked(values).items()))


def measured(image: Image, plan: Plan, region: Region = WHOLE) -> dict[str, float]:
    """All numbers by name, in the order of the plan. Raises BadValue."""
    found: dict[str, float] = {}
    for one in plan:
        for name, number in one.family(image, region, **dict(one.values)).items():
            # the same family twice with other parameters
            found[name if name not in found else f"{name}__{one}"] = number
    if len(found) > MOST:
        raise BadValue(f"These are {len(found)} features of one picture; {MOST} are allowed.", "")
    return found


def vector(image: Image, plan: Plan, region: Region = WHOLE) -> NDArray[np.float32]:
    """The numbers of `measured` alone, (feature,). Raises BadValue."""
    return np.array(list(measured(image, plan, region).values()), np.float32)


def names_of(plan: Plan, size: tuple[int, int]) -> tuple[str, ...]:
    """What the numbers of pictures of *size* are called. Raises BadValue."""
    image = np.linspace(0, 1, size[0] * size[1], dtype=np.float32).reshape(size)
    mask = np.ones(size, bool)
    return tuple(measured(image, plan, Region(mask=mask)))


def without_outline(plan: Sequence[Wanted]) -> str:
    """Which of the features need an outline that somebody drew; "" for none."""
    return ", ".join(str(one) for one in plan if not one.family.can_do_without_mask(dict(one.values)))


def _values(family: Family, text: str) -> dict[str, Value]:
    known = {one.name: one for one in family.parameters}
    found: dict[str, Value] = {}
    for part in filter(str.strip, text.split(";")):
        name, _, value = (word.strip() for word in part.partition("="))
        if name not in known:
            told = ", ".join(known) or "none"
            raise BadValue(f"{family.title} has no parameter {name!r:.40}.", f"It has: {told}.")
        found[name] = known[name].parse(value.strip("'\"") if known[name].kind is Kind.TEXT else value)
    return found
