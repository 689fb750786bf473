"""Which picture it is, whatever number it has in its series just now."""

from __future__ import annotations

from medviewer.core.study import Series

Place = tuple[str, str, int]
"""path, member of an archive, frame"""


def place(series: Series, index: int) -> Place:
    """Where picture *index* of a series comes from. Raises IndexError."""
    address = series.frames[index]
    instance = series.instances[address.instance]
    return (instance.path, instance.member, address.frame)
