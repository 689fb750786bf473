"""Frozen values as plain ones for JSON and back, by what their classes declare.

A file can make nothing but what a field says it holds; a part that is missing, unknown or wrong has the
default of its field. So files of other versions open, and damaged ones do as far as they can.
"""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Callable, Collection
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from typing import Any

from medviewer.core.pipeline import Pipeline
from medviewer.kit.errors import BadValue

DEEPEST = 12
"""A view remembers what was there before planes stood side by side, and so on: not endlessly."""
PLAIN = (bool, int, float, str, type(None))

_WRONG = (BadValue, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, NameError)


def plain(value: Any, without: Collection[str] = ()) -> Any:
    """*value* for a JSON file, leaving out fields *without* and what cannot be plain. Raises TypeError."""
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, Pipeline):
        return value.to_json()
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, (tuple, frozenset)):
        return [plain(one, without) for one in value]
    if is_dataclass(value):
        return {one.name: plain(getattr(value, one.name), without) for one in _written(value, without)}
    raise TypeError(f"{type(value).__name__} is not written")


def value_of(kind: Any, found: Any, depth: int = 0) -> Any:
    """The value of a *kind* that `plain` wrote. Raises ValueError where nothing can be made of it."""
    if depth > DEEPEST:
        raise ValueError("too deep")
    try:
        return _value(kind, found, depth)
    except _WRONG as trouble:
        raise ValueError(str(trouble)) from None


def _written(value: Any, without: Collection[str]) -> list[Field[Any]]:
    return [one for one in fields(value) if one.name not in without]


def _value(kind: Any, found: Any, depth: int) -> Any:
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return _one_of(inner, found, depth)
    if origin is tuple:
        return _tuple(inner, found, depth)
    if origin is frozenset:
        return frozenset(value_of(inner[0], one, depth + 1) for one in _listed(found))
    if kind in _MAKERS:
        return _MAKERS[kind](found)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind[found]
    if is_dataclass(kind) and isinstance(kind, type):
        return _dataclass(kind, found, depth)
    raise TypeError("a kind of value that is not read")


def _one_of(kinds: tuple[Any, ...], found: Any, depth: int) -> Any:
    exact = [kind for kind in kinds if kind is type(found)]
    for kind in (*exact, *kinds):
        try:
            return value_of(kind, found, depth)
        except ValueError:
            continue
    raise ValueError("none of what it may be")


def _tuple(inner: tuple[Any, ...], found: Any, depth: int) -> tuple[Any, ...]:
    listed = _listed(found)
    if len(inner) == 2 and inner[1] is Ellipsis:
        return tuple(value_of(inner[0], one, depth + 1) for one in listed)
    return tuple(value_of(kind, one, depth + 1) for kind, one in zip(inner, listed, strict=True))


def _listed(found: Any) -> list[Any]:
    if not isinstance(found, list):
        raise TypeError("no list")
    return found


def _dataclass(kind: type[Any], found: Any, depth: int) -> Any:
    if not isinstance(found, dict):
        raise TypeError("not the parts of a value")
    hints = _hints(kind)
    given = {}
    for one in fields(kind):
        has_default = one.default is not MISSING or one.default_factory is not MISSING
        try:
            given[one.name] = value_of(hints[one.name], found[one.name], depth + 1)
        except (ValueError, KeyError):
            if not has_default:
                raise
    return kind(**given)


_known_hints: dict[Any, dict[str, Any]] = {}


def _hints(kind: Any) -> dict[str, Any]:
    if kind not in _known_hints:
        _known_hints[kind] = typing.get_type_hints(kind)
    return _known_hints[kind]


def _exactly(kind: type) -> Callable[[Any], Any]:
    def make(found: Any) -> Any:
        if type(found) is not kind:
            raise TypeError(f"no {kind.__name__}")
        return found

    return make


def _number(found: Any) -> float:
    if type(found) not in (int, float) or not math.isfinite(found):
        raise ValueError("no number")
    return float(found)


_MAKERS: dict[Any, Callable[[Any], Any]] = {
    **{kind: _exactly(kind) for kind in (bool, int, str, type(None))},
    float: _number,
    Pipeline: lambda found: Pipeline.from_json(found),
}
