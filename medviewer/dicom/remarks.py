"""What a file has beside its pixels that is not shown, which the reader must know (PS3.3 C.7.6.11, C.9.2)."""

from __future__ import annotations

from itertools import zip_longest

from medviewer.dicom.attributes import Attributes
from medviewer.dicom.fields import ANY_VR, OVERLAY_GROUPS, Field
from medviewer.dicom.opening import Place, open_bytes
from medviewer.dicom.walk import Bytes
from medviewer.kit.errors import FileTrouble

OVERLAY = "Overlay in the file not drawn"
SHUTTER = "Shutter in the file not applied"
COLORED = "Colours in the file shown as grey"
PROFILE = "Colour profile not applied"

_METHODS = {
    "ISO_10918_1": "JPEG",
    "ISO_14495_1": "JPEG-LS",
    "ISO_15444_1": "JPEG 2000",
    "ISO_15444_15": "HTJ2K",
    "ISO_18181_1": "JPEG XL",
    "ISO_13818_2": "MPEG-2",
    "ISO_14496_10": "H.264",
    "ISO_23008_2": "H.265",
}
"""Lossy Image Compression Method (0028,2114), PS3.3 C.7.6.1.1.5.1, in the words of readers."""
_DATA = {group << 16 | 0x3000: Field(f"OverlayData{group:X}", ANY_VR, "bytes") for group in OVERLAY_GROUPS}


def remarks_of(attributes: Attributes, place: Place, source: Bytes) -> tuple[str, ...]:
    """What is to be said of every picture of a file; *source* is the file."""
    values = attributes.values
    return (
        *_lossy(attributes),
        *((OVERLAY,) if _has_overlay(attributes, place, source) else ()),
        *((SHUTTER,) if values.text("ShutterShape") else ()),
        *((COLORED,) if _is_colored(attributes) else ()),
        *((PROFILE,) if _has_profile(attributes) else ()),
    )


def _lossy(attributes: Attributes) -> tuple[str, ...]:
    values = attributes.values
    if values.text("LossyImageCompression") != "01":
        return ()
    ratios = [f"{ratio}:1" for ratio in values.texts("LossyImageCompressionRatio") if ratio]
    methods = [
        _METHODS.get(method, method) for method in values.texts("LossyImageCompressionMethod") if method
    ]
    about = " ".join(part for pair in zip_longest(methods, ratios, fillvalue="") for part in pair if part)
    return (f"Lossy compression {about[:40]}".strip(),)


def _has_overlay(attributes: Attributes, place: Place, source: Bytes) -> bool:
    """Whether any bit of an overlay is set; scanners write empty planes into every picture."""
    groups = [group for group in OVERLAY_GROUPS if f"OverlayRows{group:X}" in attributes.values]
    if not groups:
        return False
    try:
        found = open_bytes(place, source, _DATA, {}).walked.elements
    except FileTrouble:
        return True  # too large or too odd to look at, but there
    planes = [found.get(group << 16 | 0x3000, b"") for group in groups]
    # a plane without data of its own stands in unused bits of the pixels, which are masked away
    return any(not plane or plane.count(0) < len(plane) for plane in planes)


def _is_colored(attributes: Attributes) -> bool:
    values = attributes.values
    return (
        attributes.samples == 1
        and attributes.photometric != "PALETTE COLOR"
        and values.text("PixelPresentation") in ("COLOR", "MIXED", "TRUE_COLOR", "COLOR_RANGE")
        and "RedPaletteColorLookupTableDescriptor" in values
    )


def _has_profile(attributes: Attributes) -> bool:
    """Whether colours are meant otherwise than screens take them, which is sRGB."""
    profile = attributes.values.raw("ICCProfile")
    is_color = attributes.samples > 1 or attributes.photometric == "PALETTE COLOR"
    return bool(profile) and is_color and b"sRGB" not in profile and b"s\0R\0G\0B" not in profile
