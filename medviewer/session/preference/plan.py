"""A preference study as values: its pictures, its recipes, its pairs, and what was answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from enum import Enum
from typing import Any

from medviewer.core.pipeline import Pipeline
from medviewer.core.voi import VOI, Curve, Lut
from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen

FORMAT = 1
MOST_CASES, MOST_RECIPES, MOST_TRIALS = 2000, 20, 5000
LONGEST_WORDS = 200


class Choice(Enum):
    """What a reader said of a pair."""

    LEFT = "left"
    RIGHT = "right"
    NEITHER = "none"
    """no preference"""
    SKIPPED = "skipped"
    """the pair could not be shown: nobody was asked"""


@frozen
class Case:
    """One picture, found again by its UIDs, with the window it is shown through; nothing says whose it is."""

    series: str
    """Series Instance UID"""
    instance: str
    """SOP Instance UID"""
    frame: int = 0
    voi: VOI = VOI()
    """unknown: the file's own, or that of its series"""
    modality: str = ""


@frozen
class Trial:
    """One pair: which case, and the numbers of the recipes on both sides."""

    case: int
    left: int
    right: int
    repeats: int = -1
    """the number of the earlier trial that this one asks again with the sides exchanged; -1: none"""

    @property
    def pair(self) -> tuple[int, int]:
        """Both recipes, whatever their sides."""
        return min(self.left, self.right), max(self.left, self.right)

    def chosen(self, choice: Choice) -> int | None:
        """The recipe that was preferred, None for none."""
        return {Choice.LEFT: self.left, Choice.RIGHT: self.right}.get(choice)


@frozen
class Answer:
    """What was said of one trial."""

    trial: int
    choice: Choice
    ms: int
    """from the moment both pictures stood on the screen; pauses are not counted"""
    at: str
    """when, in UTC (ISO 8601)"""


@frozen
class Plan:
    """Everything that is settled before the first answer."""

    title: str
    question: str
    reader: str
    """a code that tells readers apart; no name"""
    created: str
    cases: tuple[Case, ...]
    recipes: tuple[Pipeline, ...]
    """an empty one is the original"""
    trials: tuple[Trial, ...]
    seed: int
    ties: bool = True
    """whether "no preference" may be said"""
    window_locked: bool = True

    def to_json(self, by: str = "") -> str:
        """This as a file; *by* names the program that writes it."""
        found = {
            "medviewer_preference": FORMAT,
            **({"by": by} if by else {}),
            **{name: getattr(self, name) for name in _PLAIN},
            "cases": [_plain_case(one) for one in self.cases],
            "recipes": [json.loads(one.to_json()) for one in self.recipes],
            "trials": [[one.case, one.left, one.right, one.repeats] for one in self.trials],
        }
        return json.dumps(found, indent=1, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """The plan in *text*. Raises BadValue when it is none, or cannot be followed."""
        try:
            found = json.loads(text)
            version = found["medviewer_preference"]
            if isinstance(version, int) and version > FORMAT:
                raise BadValue("This study was made by a newer medviewer.", "Update medviewer.")
            plan = cls(
                **{name: kind(found[name]) for name, kind in _PLAIN.items()},
                cases=tuple(_case(one) for one in found["cases"]),
                recipes=tuple(Pipeline.from_json(json.dumps(one)) for one in found["recipes"]),
                trials=tuple(Trial(*map(int, one)) for one in found["trials"]),
            )
            plan.check()
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            raise BadValue("This is not a preference study.", "Open one that medviewer has saved.") from None
        return plan

    def check(self) -> None:
        """Raise ValueError where a trial names what is not there."""
        for at, one in enumerate(self.trials):
            is_there = 0 <= one.case < len(self.cases) and max(one.pair) < len(self.recipes)
            is_there = is_there and min(one.pair) >= 0 and one.left != one.right
            if not is_there or one.repeats not in range(-1, at):
                raise ValueError(f"trial {at} is of nothing")


_PLAIN: Mapping[str, Any] = {
    "title": str,
    "question": str,
    "reader": str,
    "created": str,
    "seed": int,
    "ties": bool,
    "window_locked": bool,
}


def _plain_case(case: Case) -> dict[str, Any]:
    voi = case.voi
    window: dict[str, Any] = {"center": voi.center, "width": voi.width, "curve": voi.curve.value}
    if voi.lut is not None:
        lut = voi.lut
        window["lut"] = [lut.first, lut.bits, list(lut.entries), lut.explanation]
    window |= {"inverted": voi.inverted, "name": voi.name}
    return {
        "series": case.series,
        "instance": case.instance,
        "frame": case.frame,
        "modality": case.modality,
        "window": window,
    }


def _case(found: Mapping[str, Any]) -> Case:
    window = found["window"]
    voi = VOI(
        float(window["center"]), float(window["width"]), Curve(window["curve"]), bool(window["inverted"])
    )
    if "lut" in window:
        first, bits, entries, words = window["lut"]
        voi = replace(voi, lut=Lut(int(first), int(bits), tuple(map(int, entries)), str(words)))
    return Case(
        str(found["series"]),
        str(found["instance"]),
        int(found["frame"]),
        replace(voi, name=str(window.get("name") or "")),
        str(found.get("modality") or ""),
    )
