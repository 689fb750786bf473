"""A parameter, declared once: slider, flag, manual and check all read it here.

The parameters of an operation are the keyword-only arguments of its function::

    def clahe(image, *, clip_limit: Annotated[float, Slider(0.5, 10, step=0.1)] = 2.0): ...
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from enum import Enum
from functools import lru_cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen

Value = bool | int | float | str | None
"""What a parameter may hold: everything that JSON and a command line can say."""


@frozen
class Slider:
    """The limits of a number, both ends allowed."""

    minimum: float
    maximum: float
    step: float | None = None
    label: str = ""
    unit: str = ""


@frozen
class Words:
    """The label and the help of a parameter that is not a bounded number."""

    label: str = ""
    help: str = ""


@frozen
class Coded:
    """A text that carries data: nobody types or reads it, *told* says what it holds."""

    told: Callable[[str], str]
    label: str = ""
    help: str = ""
    check: Callable[[str], object] | None = None
    """raises BadValue for a text that cannot be used"""


class Kind(Enum):
    """What sort of value a parameter takes."""

    INTEGER = "integer"
    NUMBER = "number"
    SWITCH = "switch"
    CHOICE = "choice"
    TEXT = "text"
    PATH = "path"
    PATHS = "paths"
    TEXTS = "texts"
    """any number of texts: a flag that may be repeated"""
    OTHER = "other"


_ANY = {
    Kind.INTEGER: "a whole number",
    Kind.NUMBER: "a number",
    Kind.SWITCH: "on or off",
    Kind.CHOICE: "one of the choices",
    Kind.TEXT: "a text",
    Kind.PATH: "a path",
    Kind.PATHS: "paths",
    Kind.TEXTS: "texts",
    Kind.OTHER: "a value",
}


@frozen
class Parameter:
    """One declared parameter."""

    name: str
    label: str
    kind: Kind
    default: Any = None
    required: bool = False
    optional: bool = False
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: tuple[str, ...] = ()
    unit: str = ""
    help: str = ""
    told: Callable[[str], str] | None = None
    """puts a text that carries data into words; None for whatever can be read as it is"""
    check: Callable[[str], object] | None = None
    """raises BadValue for a text that carries the wrong data"""

    def words(self, value: Any) -> str:
        """*value* as it is told to a reader."""
        return f"{value}" if self.told is None else self.told(value)

    def parse(self, text: str) -> Any:
        """The value that *text* stands for, checked. Raises BadValue."""
        read = _READERS.get(self.kind)
        return self.checked(read(self, text) if read else text)

    def checked(self, value: Any) -> Any:
        """*value* in this parameter's type. Raises BadValue with the limits."""
        if value is None and self.optional:
            return None
        check = _CHECKS.get(self.kind)
        return check(self, value) if check else value

    def limits(self) -> str:
        """The limits in words, for help pages and messages."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.minimum is None or self.maximum is None:
            return _ANY[self.kind]
        return f"from {self.minimum:g} to {self.maximum:g}" + (f" {self.unit}" if self.unit else "")

    def refuse(self, value: object) -> BadValue:
        """The error for a value that is not allowed here."""
        # a whole number was read as a float, and 99.0 is not what was typed
        told = f"{value:.15g}" if isinstance(value, float) else f"{value!s:.80}"
        whole = "a whole number " if self.kind is Kind.INTEGER and self.minimum is not None else ""
        return BadValue(f"{self.label} cannot be {told or 'empty'}.", f"It takes {whole}{self.limits()}.")


_LARGEST = sys.float_info.max
"""Larger whole numbers exist in Python and in no picture."""


def _number(parameter: Parameter, value: Any) -> float | int:
    whole = parameter.kind is Kind.INTEGER
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= _LARGEST:
        raise parameter.refuse(value)
    if whole and value != int(value):
        raise parameter.refuse(value)
    if parameter.minimum is not None and value < parameter.minimum:
        raise parameter.refuse(value)
    if parameter.maximum is not None and value > parameter.maximum:
        raise parameter.refuse(value)
    return int(value) if whole else float(value)


def _choice(parameter: Parameter, value: Any) -> str:
    if value not in parameter.choices:
        raise parameter.refuse(value)
    return str(value)


def _switch(parameter: Parameter, value: Any) -> bool:
    if not isinstance(value, bool):
        raise parameter.refuse(value)
    return value


def _text(parameter: Parameter, value: Any) -> str:
    if not isinstance(value, str):
        raise parameter.refuse(value)
    if parameter.check is not None:
        parameter.check(value)
    return value


def _path(parameter: Parameter, value: Any) -> Path:
    if not isinstance(value, (str, Path)) or "\0" in str(value):
        raise parameter.refuse(value)
    return Path(value)


def _texts(parameter: Parameter, value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
        raise parameter.refuse(value)
    return tuple(value)


def _paths(parameter: Parameter, value: Any) -> tuple[Path, ...]:
    if not isinstance(value, (tuple, list)):
        raise parameter.refuse(value)
    return tuple(_path(parameter, one) for one in value)


_CHECKS: dict[Kind, Callable[[Parameter, Any], Any]] = {
    Kind.INTEGER: _number,
    Kind.NUMBER: _number,
    Kind.CHOICE: _choice,
    Kind.SWITCH: _switch,
    Kind.TEXT: _text,
    Kind.PATH: _path,
    Kind.TEXTS: _texts,
    Kind.PATHS: _paths,
}


def _read_number(parameter: Parameter, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise parameter.refuse(text) from None


def _read_switch(parameter: Parameter, text: str) -> bool:
    word = text.strip().lower()
    if word in {"1", "on", "true", "yes"}:
        return True
    if word in {"0", "off", "false", "no"}:
        return False
    raise parameter.refuse(text)


_READERS: dict[Kind, Callable[[Parameter, str], Any]] = {
    Kind.INTEGER: _read_number,
    Kind.NUMBER: _read_number,
    Kind.SWITCH: _read_switch,
    Kind.CHOICE: lambda _, text: text,
    Kind.TEXT: lambda _, text: text,
    Kind.PATH: lambda _, text: text,
}


@lru_cache(maxsize=1024)
def parameters(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    """The keyword-only arguments of *function*, in the order of their declaration."""
    hints = get_type_hints(function, include_extras=True)
    return tuple(
        _parameter(name, hints.get(name, str), argument.default)
        for name, argument in inspect.signature(function).parameters.items()
        if argument.kind is inspect.Parameter.KEYWORD_ONLY
    )


@lru_cache(maxsize=64)
def fields_of(declared: Any) -> tuple[Parameter, ...]:
    """The fields of a frozen class as parameters, in the order of their declaration."""
    hints = get_type_hints(declared, include_extras=True)
    return tuple(_parameter(one.name, hints[one.name], _default_of(one)) for one in fields(declared))


def _default_of(one: Field[Any]) -> Any:
    if one.default_factory is not MISSING:
        return one.default_factory()
    return inspect.Parameter.empty if one.default is MISSING else one.default


def checked(declared: tuple[Parameter, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    """All parameters with their values, defaults filled in. Raises BadValue for a wrong name or value."""
    names = {parameter.name for parameter in declared}
    for name in values:
        if name not in names:
            known = ", ".join(sorted(names)) or "none"
            raise BadValue(f"There is no parameter {name!r:.80}.", f"The parameters are: {known}.")
    result = {}
    for parameter in declared:
        if parameter.name in values:
            result[parameter.name] = parameter.checked(values[parameter.name])
        elif parameter.required:
            raise BadValue(f"{parameter.label} is missing.", f"It takes {parameter.limits()}.")
        else:
            result[parameter.name] = parameter.default
    return result


def _parameter(name: str, hint: Any, default: Any) -> Parameter:
    hint, optional, extras = _taken_apart(hint)
    slider = next((extra for extra in extras if isinstance(extra, Slider)), None)
    coded = next((extra for extra in extras if isinstance(extra, Coded)), None)
    words = coded or next((extra for extra in extras if isinstance(extra, Words)), Words())
    required = default is inspect.Parameter.empty
    label = (slider.label if slider else words.label) or name.replace("_", " ").capitalize()
    return Parameter(
        name=name,
        label=label,
        kind=_kind(hint),
        default=None if required else default,
        required=required,
        optional=optional,
        minimum=slider.minimum if slider else None,
        maximum=slider.maximum if slider else None,
        step=slider.step if slider else None,
        choices=tuple(str(choice) for choice in get_args(hint)) if get_origin(hint) is Literal else (),
        unit=slider.unit if slider else "",
        help=words.help,
        told=None if coded is None else coded.told,
        check=None if coded is None else coded.check,
    )


def _taken_apart(hint: Any) -> tuple[Any, bool, tuple[Any, ...]]:
    """The plain type, whether None is allowed too, and what is annotated, inside or outside of "or None"."""
    if get_origin(hint) is Annotated:
        inner, *extras = get_args(hint)
        plain, optional, more = _taken_apart(inner)
        return plain, optional, (*extras, *more)
    if get_origin(hint) in (Union, UnionType):
        rest = [part for part in get_args(hint) if part is not NoneType]
        if len(rest) == 1 and len(rest) < len(get_args(hint)):
            plain, _, extras_inside = _taken_apart(rest[0])
            return plain, True, extras_inside
    return hint, False, ()


def _kind(hint: Any) -> Kind:
    if get_origin(hint) is Literal:
        return Kind.CHOICE
    if hint == tuple[str, ...]:
        return Kind.TEXTS
    if hint == tuple[Path, ...]:
        return Kind.PATHS
    plain = {bool: Kind.SWITCH, int: Kind.INTEGER, float: Kind.NUMBER, str: Kind.TEXT, Path: Kind.PATH}
    return plain.get(hint, Kind.OTHER)
