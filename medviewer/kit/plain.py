"""Frozen values as plain ones for JSON, and back by the types that their fields declare.

A file can make nothing but what a field says it holds.
"""

from __future__ import annotations

import math
import types
from collections.abc import Collection
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from medviewer.kit.errors import BadValue

T = TypeVar("T")
_SIMPLE = (bool, int, float, str, type(None))
_DEEPEST = 16
"""A value may hold one of its own kind, which holds another: not endlessly."""
_WRONG = (BadValue, TypeError, ValueError, LookupError, AttributeError, ArithmeticError)


def to_plain(value: Any, without: Collection[str] = ()) -> Any:
    """*value*, of frozen dataclasses, enumerations, tuples, sets and simple values, as JSON takes it.

    Fields called as in *without* are left out wherever they are. Raises TypeError for anything else.
    """
    if isinstance(value, Enum):
        return to_plain(value.value)
    if is_dataclass(value) and not isinstance(value, type):
        names = (one.name for one in fields(value) if one.name not in without)
        return {name: to_plain(getattr(value, name), without) for name in names}
    if isinstance(value, (tuple, frozenset)):
        return [to_plain(one, without) for one in value]
    if isinstance(value, _SIMPLE):
        return value
    raise TypeError(f"{type(value).__name__} is no plain value")


def from_plain(kind: type[T], found: Any, forgiving: Collection[type] = ()) -> T:
    """The value of *kind* that `to_plain` made *found* of; what is missing has its default.

    Raises BadValue when *found* is nothing of that kind. In a dataclass that is *forgiving* a field that is
    wrong has its default too; all others are right or refused. Names that *kind* does not know are left out.
    """
    try:
        made: T = _value(kind, found, forgiving, 0)
        return made
    except _WRONG:
        raise BadValue("What was saved is damaged.", "") from None


def _value(kind: Any, found: Any, forgiving: Collection[type], depth: int) -> Any:
    if depth > _DEEPEST:
        raise ValueError("too deep")
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _one_of(inner, found, forgiving, depth)
    if origin is tuple:
        kinds = (inner[0],) * len(found) if inner[1:] == (Ellipsis,) else inner
        pairs = zip(kinds, _listed(found), strict=True)
        return tuple(_value(each, one, forgiving, depth + 1) for each, one in pairs)
    if origin is frozenset:
        return frozenset(_value(inner[0], one, forgiving, depth + 1) for one in _listed(found))
    if is_dataclass(kind):
        return _dataclass(kind, found, forgiving, depth)
    if isinstance(kind, type) and issubclass(kind, Enum):
        (one,) = (one for one in kind if to_plain(one) == found)
        return one
    return _simple(kind, found)


def _one_of(kinds: tuple[Any, ...], found: Any, forgiving: Collection[type], depth: int) -> Any:
    # a whole number is one, though it might stand for a real one too
    for kind in sorted(kinds, key=lambda one: one is not type(found)):
        try:
            return _value(kind, found, forgiving, depth)
        except _WRONG:
            continue
    raise ValueError("none of what it may be")


def _listed(found: Any) -> list[Any]:
    if not isinstance(found, list):
        raise TypeError("no list")
    return found


def _dataclass(kind: Any, found: Any, forgiving: Collection[type], depth: int) -> Any:
    if not isinstance(found, dict):
        raise TypeError("not the parts of a value")
    made = {}
    for one, hint in _hints(kind):
        if one.name not in found:
            continue
        try:
            made[one.name] = _value(hint, found[one.name], forgiving, depth + 1)
        except _WRONG:
            if kind not in forgiving or one.default is one.default_factory is MISSING:
                raise
    return kind(**made)


def _simple(kind: Any, found: Any) -> Any:
    if kind is float and type(found) is int:
        found = float(found)
    if type(found) is not kind or (kind is float and not math.isfinite(found)):
        raise ValueError(f"{type(found).__name__} does not belong here")
    return found


@lru_cache(maxsize=64)
def _hints(kind: Any) -> tuple[tuple[Field[Any], Any], ...]:
    known = get_type_hints(kind)
    return tuple((one, known[one.name]) for one in fields(kind))
