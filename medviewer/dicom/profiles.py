"""Colour profiles (ICC) of colour pictures, applied where they mean other colours than screens do (sRGB).

The library that applies them runs where decoders run, behind the wall: a profile is a small program, and
comes from wherever the file comes from.
"""

from __future__ import annotations

import hashlib
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.dicom.attributes import Attributes
from medviewer.dicom.decode import Coded, Decoder
from medviewer.dicom.syntax import Coding
from medviewer.kit.errors import FileTrouble

NOT_APPLIED = "Colour profile not applied"
LARGEST_PROFILE = 16 << 20
_SMALLEST_PROFILE = 128
_SAME = 2
"""Steps of 255 by which the colours of a profile may differ from sRGB and still be called the same."""
_MOST_KNOWN = 64

Rgb = NDArray[np.uint8]


def profile_of(attributes: Attributes) -> bytes:
    """The profile of a colour picture, empty where there is none or screens take its colours as they are."""
    values = attributes.values
    if attributes.samples == 1 and attributes.photometric != "PALETTE COLOR":
        return b""
    profile = values.raw("ICCProfile")
    paths = values.items("OpticalPathSequence")
    if not profile and len(paths) == 1:
        profile = paths[0].raw("ICCProfile")
    return b"" if _is_named_srgb(profile) else profile


def _is_named_srgb(profile: bytes) -> bool:
    return b"sRGB" in profile or b"s\0R\0G\0B" in profile


class Profiles:
    """Applies profiles with the help of *decoder*, and knows which are of no use. Threads may share it."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._lock = Lock()
        self._known: dict[bytes, str] = {}

    def applied(self, rgb: Rgb, profile: bytes, name: str) -> tuple[Rgb, str, tuple[str, ...]]:
        """*rgb* in the colours of screens, words about it, and remarks; *name* is the file's."""
        found = self._verdict(profile, name)
        if found == "sRGB":
            return rgb, "ICC Profile (0028,2000) is that of screens", ()
        if not found:
            try:
                return _through(self._decoder, rgb, profile, name), "ICC Profile (0028,2000) applied", ()
            except FileTrouble:
                found = "it cannot be used"
        return rgb, f"ICC Profile (0028,2000) not applied: {found}", (f"{NOT_APPLIED}: {found}",)

    def _verdict(self, profile: bytes, name: str) -> str:
        """Why a profile is not applied, "sRGB" where that changes nothing, "" when it is to be applied."""
        key = hashlib.sha256(profile).digest()
        with self._lock:
            known = self._known.get(key)
        if known is None:
            known = _fault(profile) or self._tried(profile, name)
            with self._lock:
                if len(self._known) >= _MOST_KNOWN:
                    self._known.clear()
                self._known[key] = known
        return known

    def _tried(self, profile: bytes, name: str) -> str:
        """What the profile does to a chart of colours, before it is let near a picture."""
        steps = np.linspace(0, 255, 9).astype(np.uint8)
        chart = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(27, 27, 3)
        try:
            shown = _through(self._decoder, chart, profile, name)
        except FileTrouble:
            return "it is damaged"
        return "sRGB" if int(np.abs(shown.astype(int) - chart).max()) <= _SAME else ""


def _fault(profile: bytes) -> str:
    if len(profile) > LARGEST_PROFILE:
        return f"it has {len(profile) >> 20} MB"
    if len(profile) < _SMALLEST_PROFILE or profile[36:40] != b"acsp":
        return "it is damaged"
    space = profile[16:20]
    if space != b"RGB ":
        return f"it is for {space.decode('ascii', 'replace').strip()!r} and not for RGB"
    return ""


def _through(decoder: Decoder, rgb: Rgb, profile: bytes, name: str) -> NDArray[Any]:
    rows, columns = rgb.shape[:2]
    data = len(profile).to_bytes(4, "little") + profile + np.ascontiguousarray(rgb).tobytes()
    return decoder.decode(Coded(data, Coding.PROFILE, rows, columns, 3, 8, "RGB", name)).pixels
