"""Under which UID a thing is followed through objects and studies (PS3.16 TID 1501, PS3.3 C.8.20.2)."""

from __future__ import annotations


def tracking_of(id: str) -> str:
    """The UID under which something is followed that has none yet: the same each time it is saved.

    *id* are the digits of a number in base 16, as annotations and label maps have one.
    """
    return f"2.25.{int(id, 16) % (1 << 128)}"


def tracking_of_label(group: str, value: int, own: str = "") -> str:
    """That of a label: its *own* UID, else one of the id of its map and its value."""
    return own or tracking_of(f"{group}{value:02x}")
