"""What is to be said of a picture: that it was compressed with loss, and what of its file is not shown."""

from __future__ import annotations

from itertools import zip_longest

from medviewer.dicom.attributes import Attributes
from medviewer.dicom.color import supplement_of

COLORED = "Colours in the file shown as grey"
RAW = "Raw data, not processed for display"
PRESENTATION = "Presentation table in the file not applied"

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
_JPEG = "1.2.840.10008.1.2.4."
_ALWAYS = {
    **dict.fromkeys(("50", "51"), "JPEG"),
    **dict.fromkeys(("100", "101"), "MPEG-2"),
    **dict.fromkeys(("102", "103", "104", "105", "106"), "H.264"),
    **dict.fromkeys(("107", "108"), "H.265"),
}
"""The method of transfer syntaxes that always lose something, by their last number."""


def remarks_of(attributes: Attributes) -> tuple[str, ...]:
    """What is to be said of every picture of a file."""
    return (
        *_lossy(attributes),
        *((RAW,) if attributes.values.text("PresentationIntentType") == "FOR PROCESSING" else ()),
        *((COLORED,) if _is_colored(attributes) else ()),
        *((PRESENTATION,) if "PresentationLUTSequence" in attributes.values else ()),
    )


def _lossy(attributes: Attributes) -> tuple[str, ...]:
    values = attributes.values
    if values.text("LossyImageCompression") != "01":
        # some writers forget to say so; these ways of coding lose something whatever they say
        method = _ALWAYS.get(attributes.syntax.removeprefix(_JPEG).split(".")[0])
        return (f"Lossy compression {method}",) if method and attributes.syntax.startswith(_JPEG) else ()
    ratios = [f"{_short(ratio)}:1" for ratio in values.texts("LossyImageCompressionRatio") if ratio]
    methods = [
        _METHODS.get(method, method) for method in values.texts("LossyImageCompressionMethod") if method
    ]
    about = " ".join(part for pair in zip_longest(methods, ratios, fillvalue="") for part in pair if part)
    return (f"Lossy compression {about[:40]}".strip(),)


def _short(ratio: str) -> str:
    """A decimal string to three digits, as nobody measures more; anything else as it is."""
    try:
        number = float(ratio)
    except ValueError:
        return ratio
    return f"{number:.0f}" if number >= 100 else f"{number:.3g}"


def _is_colored(attributes: Attributes) -> bool:
    values = attributes.values
    return (
        attributes.samples == 1
        and attributes.photometric != "PALETTE COLOR"
        and values.text("PixelPresentation") in ("COLOR", "MIXED", "TRUE_COLOR", "COLOR_RANGE")
        and "RedPaletteColorLookupTableDescriptor" in values
        and supplement_of(attributes) is None
    )
