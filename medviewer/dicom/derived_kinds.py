"""Which class of object takes the pictures that were made from others, and what the standard lets it hold."""

from __future__ import annotations

from typing import Any

from medviewer.kit.frozen import frozen

_BASE = "1.2.840.10008.5.1.4.1.1."
SECONDARY_CAPTURE = f"{_BASE}7"


@frozen
class Kind:
    """A class of pictures with its limits for grey values."""

    sop_class: str
    bits: int = 16
    signed: bool = True
    rescaled: bool = True
    """whether stored values may be led to others by a slope; if not, stored values are what they are"""
    color: bool = False
    """whether it takes RGB"""
    grouped: bool = False
    """whether functional groups say what each frame is (PS3.3 C.7.6.16)"""
    is_primary: bool = False
    """whether the second value of Image Type has to be PRIMARY (PS3.3 C.8.4.9, C.8.9.4, C.8.16.1)"""
    follows: bool = True
    """whether it keeps the attributes of its source; if not, only what says who, when and where"""


_STORED = {"signed": False, "rescaled": False}
_COLORED = {**_STORED, "bits": 8, "color": True}
_GROUPED = {"grouped": True, "is_primary": True}
_RADIOGRAPHS = ("1.1", "1.2", "1.3")
_KINDS: dict[str, dict[str, Any]] = {
    "1": {},
    "2": {},
    "4": {},
    "7": {"color": True},
    # values of radiographs, angiographs and scintigrams are led nowhere (C.8.11.3, C.8.7.1, C.8.4.8)
    **{name + end: _STORED for name in _RADIOGRAPHS for end in ("", ".1")},
    **dict.fromkeys(("7.3", "12.1", "12.2", "12.3"), _STORED),
    "20": {**_STORED, "is_primary": True},
    "7.2": {**_STORED, "bits": 8},
    **dict.fromkeys(("3", "3.1", "6", "6.1", "7.4"), _COLORED),
    **dict.fromkeys(("77.1.1", "77.1.2", "77.1.4", "77.1.5.1", "77.1.5.2"), _COLORED),
    "128": {"is_primary": True},
    **dict.fromkeys(("2.1", "2.2", "4.1", "4.4", "130", "128.1"), _GROUPED),
    **dict.fromkeys(("12.1.1", "12.2.1", "13.1.1", "13.1.3"), {**_STORED, **_GROUPED}),
}
"""By the end of the SOP Class UID; what stands nowhere here becomes secondary captures: a dose, a
segmentation or a map of parameters with other values would no longer be one."""
_FOR_PROCESSING = {f"{_BASE}{name}.1": f"{_BASE}{name}" for name in _RADIOGRAPHS}


def kind_of(sop_class: str, is_color: bool, as_greys: bool = False) -> Kind:
    """What takes pictures made from those of *sop_class*: the same class wherever it can hold them.

    Greys *as_greys*, ready to be seen, are no longer for processing: radiographs then change to the class for
    presentation (PS3.4 B.5).
    """
    if as_greys:
        sop_class = _FOR_PROCESSING.get(sop_class, sop_class)
    known = _KINDS.get(sop_class.removeprefix(_BASE)) if sop_class.startswith(_BASE) else None
    if known is None or (is_color and not known.get("color")):
        return Kind(SECONDARY_CAPTURE, color=True, follows=False)
    return Kind(sop_class, **known)
