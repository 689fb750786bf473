"""Widgets of which some methods are left to derived classes."""

from __future__ import annotations

from typing import Any


class Abstract:
    """A class that derives from such a one and leaves something out is refused when it is declared.

    The classes of the standard library that do the like have a metaclass, and Qt's widgets another one.
    """

    def __init_subclass__(cls, **named: Any) -> None:
        super().__init_subclass__(**named)
        every = {name for kind in cls.__mro__ for name, one in vars(kind).items() if _is_left(one)}
        missing = sorted(name for name in every if _is_left(getattr(cls, name)) and name not in vars(cls))
        if missing:
            raise TypeError(f"{cls.__name__} leaves out {', '.join(missing)}")


def _is_left(one: object) -> bool:
    return bool(getattr(one, "__isabstractmethod__", False))
