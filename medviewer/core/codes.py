"""Coded meanings: what a word means in a dictionary that other programs know (PS3.16, PS3.3 8.8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from medviewer.kit.frozen import frozen


@frozen
class Code:
    """An entry of a dictionary, such as SNOMED CT's for the lung: (39607008, SCT, "Lung")."""

    value: str
    scheme: str
    """Coding Scheme Designator: SCT, DCM, UCUM, 99..."""
    meaning: str

    def to_list(self) -> list[str]:
        """This for a JSON file."""
        return [self.value, self.scheme, self.meaning]

    @classmethod
    def of(cls, found: Sequence[Any]) -> Code:
        """The code that `to_list` wrote. Raises ValueError or TypeError where it is none."""
        value, scheme, meaning = found
        return cls(str(value), str(scheme), str(meaning))
