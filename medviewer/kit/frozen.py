"""Frozen values: dataclasses that take a fifth of the time to declare.

A dataclass compiles six functions for each class. A program with hundreds of them spends a third of its start
there; here only `__init__` is compiled, and one of each of the others does for all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from typing import Any, NoReturn, TypeVar, dataclass_transform, overload

T = TypeVar("T")


@overload
def frozen(cls: type[T], /) -> type[T]: ...
@overload
def frozen(*, eq: bool) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(eq_default=True, frozen_default=True, field_specifiers=(field,))
def frozen(cls: Any = None, /, *, eq: bool = True) -> Any:
    """Make a class what ``dataclass(frozen=True, slots=True)`` makes of it.

    `fields`, `replace`, `asdict`, pickling and matching work as with any other dataclass.
    """
    return (lambda given: _made(given, eq)) if cls is None else _made(cls, eq)


def _made(cls: type[Any], eq: bool) -> Any:
    # without words of its own a dataclass takes its signature for them, which takes longer than all the rest
    cls.__doc__ = cls.__doc__ or cls.__name__
    made: Any = dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    known = fields(made)
    made.__init__ = _first_time(made, known)
    made.__setattr__ = _refuse_to_set
    made.__delattr__ = _refuse_to_delete
    made.__getstate__ = _state
    made.__setstate__ = _set_state
    if "__repr__" not in made.__dict__:
        made.__repr__ = _shown
    if eq and "__eq__" not in made.__dict__:
        _compared(made, [one.name for one in known if one.compare])
    return made


def _first_time(made: Any, known: tuple[Field[Any], ...]) -> Callable[..., None]:
    """`__init__` until there is one: many classes are declared at a start of which no value is made."""

    def __init__(self: object, *arguments: Any, **named: Any) -> None:  # noqa: N807
        if made.__init__ is __init__:
            made.__init__ = _initialiser(made, known)
        made.__init__(self, *arguments, **named)

    return __init__


def _initialiser(made: type[Any], known: tuple[Field[Any], ...]) -> Callable[..., None]:
    """`__init__`, which writes through the slots, as the class itself refuses."""
    names: dict[str, Any] = {"_MISSING": MISSING}
    arguments, lines = [], []
    for one in known:
        names[f"_set_{one.name}"] = getattr(made, one.name).__set__
        given = one.name
        if one.default_factory is not MISSING:
            names[f"_make_{one.name}"] = one.default_factory
            given = f"_make_{one.name}() if {one.name} is _MISSING else {one.name}"
            arguments.append(f"{one.name}=_MISSING")
        elif one.default is not MISSING:
            names[f"_default_{one.name}"] = one.default
            arguments.append(f"{one.name}=_default_{one.name}")
        else:
            arguments.append(one.name)
        lines.append(f" _set_{one.name}(self, {given})")
    if hasattr(made, "__post_init__"):
        lines.append(" self.__post_init__()")
    made_one: Callable[..., None] = _compiled(
        "__init__", ", ".join(("self", *arguments)), "\n".join(lines) or " pass", names
    )
    made_one.__qualname__ = f"{made.__qualname__}.__init__"  # what an error about arguments names
    return made_one


def _compared(made: Any, names: list[str]) -> None:
    """Let two values be equal, and hash the same, when all that is in them does.

    Most classes are never compared, so both functions are compiled when they are called for the first time.
    """
    mine, theirs = ("".join(f"{whose}.{name}, " for name in names) for whose in ("self", "other"))

    def equal(self: object, other: object) -> Any:
        body = (
            f" if other.__class__ is self.__class__:\n  return ({mine}) == ({theirs})\n return NotImplemented"
        )
        made.__eq__ = _compiled("__eq__", "self, other", body, {})
        return made.__eq__(self, other)

    def hashed(self: object) -> Any:
        made.__hash__ = _compiled("__hash__", "self", f" return hash(({mine}))", {})
        return made.__hash__(self)

    made.__eq__ = equal
    if "__hash__" not in made.__dict__:
        made.__hash__ = hashed


def _compiled(name: str, arguments: str, body: str, names: dict[str, Any]) -> Any:
    """A function, as dataclasses make theirs: of the names of attributes and nothing else."""
    space: dict[str, Any] = {}
    exec(f"def {name}({arguments}):\n{body}", names, space)  # noqa: S102
    return space[name]


def _shown(self: Any) -> str:
    inner = ", ".join(f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr)
    return f"{type(self).__qualname__}({inner})"


def _refuse_to_set(self: object, name: str, _: object) -> NoReturn:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: object, name: str) -> NoReturn:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, one.name) for one in fields(self)]


def _set_state(self: Any, state: list[Any]) -> None:
    for one, content in zip(fields(self), state, strict=True):
        object.__setattr__(self, one.name, content)
