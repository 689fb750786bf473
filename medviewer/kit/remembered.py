"""Answers that are remembered by which objects were given, not by what is in them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar, TypeVarTuple

T = TypeVar("T")
Given = TypeVarTuple("Given")


def remembered(most: int) -> Callable[[Callable[[*Given], T]], Callable[[*Given], T]]:
    """Remember up to *most* answers of a function of frozen values, which is called by positions only.

    A series holds thousands of pictures: to hash or to compare it takes longer than most of what is told of
    it. Frozen values are exchanged, never changed, so the same object always has the same answer.
    Beside them only True, False, None and small whole numbers should be given, which Python has once each.
    """

    def remember(function: Callable[[*Given], T]) -> Callable[[*Given], T]:
        # what was given is kept too: no other object can get its id
        known: dict[tuple[int, ...], tuple[tuple[*Given], T]] = {}

        @wraps(function)
        def answer(*given: *Given) -> T:
            key = tuple(map(id, given))
            found = known.get(key)
            if found is None:
                if len(known) >= most:
                    known.clear()
                found = known[key] = (given, function(*given))
            return found[1]

        return answer

    return remember
