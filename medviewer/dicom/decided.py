"""What in a file decided how its pictures look, in words with tag numbers, for whoever asks why."""

from __future__ import annotations

from medviewer.core.beside_pixels import Decision, OverlayPlane, Shutter, Supplement
from medviewer.core.voi import VOI
from medviewer.core.volume import Rescale
from medviewer.dicom.attributes import Attributes, Values
from medviewer.dicom.syntax import syntax_name


def of_file(attributes: Attributes) -> tuple[Decision, ...]:
    """What holds for every frame of a file: bits and presentation."""
    return (Decision("stored", _stored(attributes)), Decision("presentation", _presentation(attributes)))


def _stored(attributes: Attributes) -> str:
    syntax = f"Transfer Syntax UID (0002,0010) {syntax_name(attributes.syntax)}"
    if attributes.pixel_keyword == "FloatPixelData":
        return f"Float Pixel Data (7FE0,0008), 32 bits; {syntax}"
    if attributes.pixel_keyword == "DoubleFloatPixelData":
        return f"Double Float Pixel Data (7FE0,0009), 64 bits, kept in 32; {syntax}"
    signed = "signed" if attributes.signed else "unsigned"
    return (
        f"Bits Allocated (0028,0100) {attributes.allocated}, Bits Stored (0028,0101) {attributes.stored}, "
        f"High Bit (0028,0102) {attributes.high_bit}, "
        f"Pixel Representation (0028,0103) {int(attributes.signed)}: {signed}; {syntax}"
    )


def _presentation(attributes: Attributes) -> str:
    words = f"Photometric Interpretation (0028,0004) {attributes.photometric}"
    shape = attributes.values.text("PresentationLUTShape")
    if shape:
        words += f", Presentation LUT Shape (2050,0020) {shape[:16]}"
        if shape not in ("IDENTITY", "INVERSE"):
            words += " (not for screens)"
    intent = attributes.values.text("PresentationIntentType")
    if intent:
        words += f", Presentation Intent Type (0008,0068) {intent[:16]}"
    pixels = attributes.values.text("PixelPresentation")
    return f"{words}, Pixel Presentation (0008,9205) {pixels[:16]}" if pixels else words


def modality(attributes: Attributes, frame: int, values: Values, rescale: Rescale, shadow: bool) -> Decision:
    """How stored values became modality values; *shadow*: what the file gives leads back to a beam."""
    where = attributes.says(frame, "PixelValueTransformationSequence")
    group = f", from Pixel Value Transformation Sequence (0028,9145) of {where}" if where else ""
    unit = f": {rescale.unit}" if rescale.unit else ""
    written = [
        f"{name} {values.text(keyword)[:32]}"
        for name, keyword in (
            ("Rescale Slope (0028,1053)", "RescaleSlope"),
            ("Rescale Intercept (0028,1052)", "RescaleIntercept"),
        )
        if values.text(keyword)
    ]
    if "ModalityLUTSequence" in values:
        written = ["Modality LUT Sequence (0028,3000)"]
    if shadow:
        relation = values.text("PixelIntensityRelationship")
        relation = f"; Pixel Intensity Relationship (0028,1040) {relation[:16]}" if relation else ""
        what = " and ".join(written) + " not applied" if written else "stored values"
        return Decision("modality", f"{what}: X-ray values are shown as stored{relation}")
    if rescale.lut is not None:
        table = f"{len(rescale.lut.entries)} entries from {rescale.lut.first}"
        return Decision("modality", f"Modality LUT Sequence (0028,3000), {table}{group}{unit}")
    if not written:
        return Decision("modality", f"no Rescale Slope (0028,1053): stored values are shown{unit}")
    if (rescale.slope, rescale.intercept) == (1.0, 0.0) and not _is_identity(values):
        return Decision("modality", f"{', '.join(written)} unusable: stored values are shown")
    return Decision("modality", f"{', '.join(written)}{group}{unit}")


def _is_identity(values: Values) -> bool:
    slope, intercept = values.numbers("RescaleSlope"), values.numbers("RescaleIntercept")
    return slope[:1] in ((), (1.0,)) and intercept[:1] in ((), (0.0,))


def padding(ends: tuple[float, float] | None) -> tuple[Decision, ...]:
    """Which stored values are no part of the picture."""
    if ends is None:
        return ()
    words = f"Pixel Padding Value (0028,0120) {ends[0]:g}"
    if ends[1] != ends[0]:
        words = f"Pixel Padding Value and Range Limit (0028,0120), (0028,0121): {ends[0]:g} to {ends[1]:g}"
    return (Decision("padding", f"{words}, compared with stored values"),)


def colors_over_grey(supplement: Supplement | None) -> tuple[Decision, ...]:
    """Which stored values have colours of their own."""
    if supplement is None:
        return ()
    words = f"Palette Color Lookup Tables (0028,1101) to (0028,1203) from stored value {supplement.first} on"
    return (Decision("colour", f"{words}, as Pixel Presentation (0008,9205) says"),)


def windows(
    attributes: Attributes, frame: int, values: Values, found: tuple[VOI, ...], remarks: tuple[str, ...]
) -> Decision:
    """Which windows the file offers, and where they stand."""
    if not found:
        words = "no usable window in the file: the picture's own values decide"
        return Decision("window", words)
    tables = sum(window.lut is not None for window in found)
    plain = len(found) - tables
    words = "VOI LUT Sequence (0028,3010), " + f"{tables} tables" * (tables > 1) if tables else ""
    words = words.rstrip(", ")
    if plain:
        center, width = values.text("WindowCenter"), values.text("WindowWidth")
        words += "; " if words else ""
        words += f"Window Center (0028,1050) {center[:32]}, Window Width (0028,1051) {width[:32]}"
        words += f", VOI LUT Function (0028,1056) {values.text('VOILUTFunction')[:16] or 'LINEAR'}"
    where = attributes.says(frame, "FrameVOILUTSequence")
    words += f", from Frame VOI LUT Sequence (0028,9132) of {where}" if where else ""
    moved = any("was converted" in remark for remark in remarks)
    return Decision("window", words + "; meant for stored values, converted" if moved else words)


def colour(photometric: str, attributes: Attributes, profile: str = "") -> Decision:
    """How colours became red, green and blue; *photometric* is what the decoder left."""
    written = attributes.photometric
    if photometric == "PALETTE COLOR":
        words = "Palette Color Lookup Tables (0028,1101) to (0028,1203)"
    elif photometric == "RGB":
        words = "RGB as stored" if written == "RGB" else f"{written}, converted to RGB by the decoder"
    else:
        words = f"{photometric} converted to RGB (PS3.3 C.7.6.3.1.2)"
    if attributes.samples > 1:
        words += f", Planar Configuration (0028,0006) {int(attributes.planar)}"
    return Decision("colour", f"{words}; {profile}" if profile else words)


def beside(overlays: tuple[OverlayPlane, ...], shutter: Shutter | None, values: Values) -> list[Decision]:
    """Which overlays and shutters lie on the picture."""
    found = [
        Decision(
            "overlay",
            f"Overlay Data ({plane.group:X},3000), {'region of interest' if plane.is_region else 'graphics'}"
            + (f": {plane.label}" if plane.label else ""),
        )
        for plane in overlays
    ]
    if shutter is not None:
        shape = ", ".join(values.texts("ShutterShape"))
        found.append(Decision("shutter", f"Shutter Shape (0018,1600) {shape}, grey {shutter.grey:.2g}"))
    return found
