"""Frozen values as plain ones for JSON, and back by the types that their fields declare."""

from __future__ import annotations

import math
import types
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from medviewer.kit.errors import BadValue

T = TypeVar("T")
_SIMPLE = (bool, int, float, str, type(None))


def to_plain(value: Any) -> Any:
    """*value*, made of frozen dataclasses, enumerations, tuples and simple values, as JSON takes it."""
    if isinstance(value, Enum):
        return to_plain(value.value)
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: to_plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple):
        return [to_plain(one) for one in value]
    if isinstance(value, _SIMPLE):
        return value
    raise TypeError(f"{type(value).__name__} is no plain value")


def from_plain(kind: type[T], found: Any) -> T:
    """The value of *kind* that `to_plain` made *found* of; what is missing has its default.

    Raises BadValue when *found* is nothing of that kind. Names that *kind* does not know are left out.
    """
    try:
        made: T = _of(kind, found)
        return made
    except (TypeError, ValueError, KeyError, OverflowError, RecursionError):
        raise BadValue("What was saved is damaged.", "") from None


def _of(kind: Any, found: Any) -> Any:
    if kind is Any:
        return found
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _one_of(get_args(kind), found)
    if origin is tuple:
        return _tuple(get_args(kind), found)
    if origin is Literal:
        return _checked(found, found in get_args(kind))
    if is_dataclass(kind):
        return _dataclass(kind, found)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(one for one in (*kind, None) if one is None or to_plain(one) == found) or _refuse(found)
    return _simple(kind, found)


def _one_of(kinds: tuple[Any, ...], found: Any) -> Any:
    if found is None:
        return _checked(None, type(None) in kinds)
    others = [one for one in kinds if one is not type(None)]
    if len(others) == 1:
        return _of(others[0], found)
    # of several only simple ones can be told from each other
    return _checked(found, any(type(found) is one for one in others) and _is_finite(found))


def _tuple(kinds: tuple[Any, ...], found: Any) -> tuple[Any, ...]:
    _checked(found, isinstance(found, list))
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_of(kinds[0], one) for one in found)
    return tuple(_of(kind, one) for kind, one in zip(kinds, found, strict=True))


def _dataclass(kind: Any, found: Any) -> Any:
    _checked(found, isinstance(found, dict))
    hints = _hints(kind)
    return kind(**{name: _of(hint, found[name]) for name, hint in hints.items() if name in found})


def _simple(kind: Any, found: Any) -> Any:
    if kind is float and type(found) is int:
        found = float(found)
    return _checked(found, type(found) is kind and _is_finite(found))


def _is_finite(found: Any) -> bool:
    return not isinstance(found, float) or math.isfinite(found)


def _checked(found: T, is_right: bool) -> T:
    return found if is_right else _refuse(found)


def _refuse(found: Any) -> Any:
    raise ValueError(f"{type(found).__name__} does not belong here")


@lru_cache(maxsize=64)
def _hints(kind: Any) -> dict[str, Any]:
    known = get_type_hints(kind)
    return {one.name: known[one.name] for one in fields(kind)}
