"""Reading untrusted JSON entry by entry, with one sentence for each fault."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

LONGEST_TEXT = 4000
_MISSING = object()

NAME = r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}"
"""What a model may be called: its name is a file name too."""


class Reading:
    """One JSON object that is being read; parts of it add their faults to the same list."""

    def __init__(self, found: Mapping[str, Any], where: str = "", faults: list[str] | None = None) -> None:
        self._found = found
        self._where = where
        self.faults: list[str] = [] if faults is None else faults

    def fault(self, sentence: str) -> None:
        """Note what is wrong."""
        self.faults.append(sentence)

    def has(self, key: str) -> bool:
        """Whether there is such an entry."""
        return self._found.get(key) is not None

    def text(self, key: str, default: Any = _MISSING) -> str:
        """A text; not empty when there is no *default*."""
        value = self._found.get(key)
        if value is None and default is not _MISSING:
            return str(default)
        if not isinstance(value, str) or (default is _MISSING and not value.strip()):
            self.fault(f"The entry {self._named(key)} must be a text.")
            return ""
        if len(value) > LONGEST_TEXT:
            self.fault(f"The entry {self._named(key)} is longer than {LONGEST_TEXT} characters.")
        return value

    def name(self, key: str) -> str:
        """A name that can stand in commands and file names."""
        value = self.text(key)
        if value and not re.fullmatch(NAME, value):
            self.fault(
                f"The entry {self._named(key)} may hold letters, digits, dot, dash and underscore only."
            )
        return value

    def choice(self, key: str, allowed: tuple[str, ...], default: str = "") -> str:
        """One of *allowed*."""
        value = self._found.get(key, default or None)
        if value not in allowed:
            self.fault(f"The entry {self._named(key)} must be one of {', '.join(allowed)}.")
            return default or allowed[0]
        return str(value)

    def number(
        self, key: str, default: float, lowest: float, highest: float, *, required: bool = False
    ) -> float:
        """A finite number from *lowest* to *highest*."""
        value: Any = self._found.get(key)
        if value is None and not required:
            return default
        if not _is_number(value) or not lowest <= value <= highest:
            self.fault(f"The entry {self._named(key)} must be a number from {lowest:g} to {highest:g}.")
            return default
        return float(value)

    def whole(self, key: str, default: int, lowest: int, highest: int) -> int:
        """A whole number from *lowest* to *highest*."""
        value = self._found.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            self.fault(f"The entry {self._named(key)} must be a whole number from {lowest} to {highest}.")
            return default
        return value

    def switch(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self._found.get(key, default)
        if not isinstance(value, bool):
            self.fault(f"The entry {self._named(key)} must be true or false.")
            return default
        return value

    def numbers(self, key: str, default: tuple[float, ...]) -> tuple[float, ...]:
        """A list of finite numbers."""
        value = self._found.get(key)
        if value is None:
            return default
        if not isinstance(value, list) or len(value) > 64 or not all(_is_number(item) for item in value):
            self.fault(f"The entry {self._named(key)} must be a list of numbers.")
            return default
        return tuple(float(item) for item in value)

    def words(self, key: str, most: int = 100) -> tuple[str, ...]:
        """A list of texts; one text stands for a list of one."""
        value = self._found.get(key, [])
        value = [value] if isinstance(value, str) and value else value
        if (
            not isinstance(value, list)
            or len(value) > most
            or not all(isinstance(item, str) for item in value)
        ):
            self.fault(f"The entry {self._named(key)} must be a list of texts.")
            return ()
        return tuple(value)

    def size(self, key: str) -> tuple[int, int] | None:
        """(rows, columns), or None when there is none."""
        value = self._found.get(key)
        if value is None:
            return None
        good = isinstance(value, list) and len(value) == 2
        if not good or not all(type(item) is int and 1 <= item <= 8192 for item in value):
            self.fault(f"The entry {self._named(key)} must be two whole numbers from 1 to 8192.")
            return None
        return value[0], value[1]

    def color(self, key: str, default: str) -> str:
        """A colour as #rrggbb."""
        value = self._found.get(key, default)
        if not isinstance(value, str) or not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
            self.fault(f"The entry {self._named(key)} must be a colour like #56b4e9.")
            return default
        return value.lower()

    def part(self, key: str, *, required: bool = True) -> Reading:
        """The object under *key*."""
        value = self._found.get(key)
        if not isinstance(value, dict):
            if required or value is not None:
                self.fault(f"The part {self._named(key)} is missing.")
                # one sentence is enough: what its entries would lack is not told as well
                return Reading({}, f"{self._where}{key}.", [])
            value = {}
        return Reading(value, f"{self._where}{key}.", self.faults)

    def parts(self, key: str) -> tuple[Reading, ...]:
        """The list of objects under *key*."""
        value = self._found.get(key)
        if (
            not isinstance(value, list)
            or len(value) > 1000
            or not all(isinstance(item, dict) for item in value)
        ):
            self.fault(f"The entry {self._named(key)} must be a list of objects.")
            return ()
        return tuple(
            Reading(item, f"{self._where}{key}[{at}].", self.faults) for at, item in enumerate(value)
        )

    def plain(self, key: str) -> Mapping[str, Any]:
        """An object that is kept as it is."""
        value = self._found.get(key, {})
        if not isinstance(value, dict):
            self.fault(f"The part {self._named(key)} must be an object.")
            value = {}
        return MappingProxyType(value)

    def _named(self, key: str) -> str:
        return f'"{self._where}{key}"'


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300
