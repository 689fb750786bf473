"""Stored values with what they mean: a grey frame with its rescale and windows, or red, green and blue."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from numpy.typing import NDArray

from medviewer.core.beside_pixels import Decision, Supplement
from medviewer.core.geometry import Plane
from medviewer.core.voi import VOI
from medviewer.core.volume import Frame, Rescale, read_only
from medviewer.dicom import decided
from medviewer.dicom.attributes import Attributes, Values
from medviewer.dicom.color import from_palette, supplement_of, to_rgb
from medviewer.dicom.gray import is_inverted, is_shadow, padding_of, rescale_of, windows_of
from medviewer.dicom.native import stored_values
from medviewer.dicom.overlays import Overlays
from medviewer.dicom.profiles import Profiles, profile_of
from medviewer.dicom.shutters import bitmap_group, shutter_of
from medviewer.dicom.suv import Uptake, uptake_of
from medviewer.kit.frozen import frozen


@frozen
class Meaning:
    """What the values of one file mean, as far as it is the same for all its frames."""

    attributes: Attributes
    overlays: Overlays
    supplement: Supplement | None
    padding: tuple[float, float] | None
    inverted: bool
    uptake: Uptake | None
    profile: bytes
    decided: tuple[Decision, ...]
    remarks: tuple[str, ...]


def meaning_of(attributes: Attributes, overlays: Overlays, remarks: tuple[str, ...] = ()) -> Meaning:
    """What holds for every frame of a file."""
    uptake = uptake_of(attributes.values) if attributes.modality == "PT" else None
    padding = padding_of(attributes)
    supplement = supplement_of(attributes)
    steps = (
        *decided.of_file(attributes),
        *decided.padding(padding),
        *decided.colors_over_grey(supplement),
    )
    if uptake is not None:
        steps = (*steps, Decision("SUV", uptake.words))
        remarks = (*remarks, *uptake.remarks)
    return Meaning(
        attributes=attributes,
        overlays=overlays,
        supplement=supplement,
        padding=padding,
        inverted=is_inverted(attributes),
        uptake=uptake,
        profile=profile_of(attributes),
        decided=steps,
        remarks=(*remarks, *attributes.remarks),
    )


def frame_from(
    meaning: Meaning,
    frame: int,
    bits: NDArray[Any],
    photometric: str,
    plane: Plane,
    remarks: tuple[str, ...] = (),
    profiles: Profiles | None = None,
) -> Frame:
    """Frame number *frame* of a file, of which *bits* are the pixels with all their bits.

    *photometric* says which colours they are now; a decoder may have led them to others than the file says.
    """
    pixels = stored_values(bits, meaning.attributes)
    values = meaning.attributes.of_frame(frame)
    notes = (*remarks, *meaning.remarks)
    if photometric == "PALETTE COLOR" or pixels.ndim == 3:
        made = _colored(meaning, pixels, photometric, plane, notes, profiles)
    else:
        made = _grey(meaning, frame, values, pixels, plane, notes)
    return _with_what_lies_over(made, meaning, frame, values, bits)


def _colored(
    meaning: Meaning,
    pixels: NDArray[Any],
    photometric: str,
    plane: Plane,
    notes: tuple[str, ...],
    profiles: Profiles | None,
) -> Frame:
    attributes = meaning.attributes
    if photometric == "PALETTE COLOR":
        rgb = from_palette(pixels, attributes)
    else:
        rgb = to_rgb(pixels, photometric, attributes.stored)
    words = ""
    if meaning.profile and profiles is not None:
        rgb, words, more = profiles.applied(rgb, meaning.profile, attributes.name)
        notes += more
    steps = (*meaning.decided, decided.colour(photometric, attributes, words))
    return Frame(read_only(rgb), plane, remarks=notes, decided=steps)


def _grey(
    meaning: Meaning,
    frame: int,
    values: Values,
    pixels: NDArray[Any],
    plane: Plane,
    notes: tuple[str, ...],
) -> Frame:
    attributes = meaning.attributes
    rescale, more = rescale_of(attributes, values)
    windows, others = windows_of(attributes, values, rescale, pixels, meaning.padding)
    steps = (
        *meaning.decided,
        decided.modality(attributes, frame, values, rescale, is_shadow(attributes)),
        decided.windows(attributes, frame, values, windows, others),
    )
    if meaning.uptake is not None and meaning.uptake.factor:
        rescale, windows, lost = _as_uptake(rescale, windows, meaning.uptake)
        others += lost
    return Frame(
        pixels=read_only(pixels),
        plane=plane,
        rescale=rescale if pixels.dtype.kind != "f" else _for_floats(rescale),
        padding=meaning.padding,
        inverted=meaning.inverted,
        windows=windows,
        remarks=(*notes, *more, *others),
        supplement=meaning.supplement,
        decided=steps,
    )


def _as_uptake(
    rescale: Rescale, windows: tuple[VOI, ...], uptake: Uptake
) -> tuple[Rescale, tuple[VOI, ...], tuple[str, ...]]:
    """Rescale and windows in uptake values, and remarks; a modality table has a meaning of its own."""
    if rescale.lut is not None:
        return rescale, windows, ("SUV not computed: the file has a modality table",)
    factor = uptake.factor
    scaled = Rescale(
        slope=rescale.slope * factor,
        intercept=rescale.intercept * factor,
        unit=uptake.unit,
        factor=factor,
        file_unit=rescale.unit,
    )
    if factor == 1.0:
        return scaled, windows, ()
    plain = tuple(window.scaled(factor) for window in windows if window.lut is None)
    lost = len(plain) < len(windows)
    return scaled, plain, ("A VOI table in the file does not fit SUV and was ignored.",) if lost else ()


def _with_what_lies_over(
    made: Frame, meaning: Meaning, frame: int, values: Values, bits: NDArray[Any]
) -> Frame:
    """The frame with its overlays and its shutter, for files that have any."""
    if bits.shape[:2] != meaning.overlays.shape:
        return made  # a tile of a mosaic; what lies over the mosaic is not its
    overlays = meaning.overlays.of_frame(frame, bits) if meaning.overlays.planes else ()
    shutter, notes = shutter_of(values, made.plane.shape, made.plane.aspect, overlays)
    if not (overlays or shutter or notes):
        return made
    hidden = bitmap_group(values)
    drawn = tuple(plane for plane in overlays if plane.group != hidden)
    return replace(
        made,
        overlays=drawn,
        shutter=shutter,
        remarks=(*made.remarks, *notes),
        decided=(*made.decided, *decided.beside(drawn, shutter, values)),
    )


def _for_floats(rescale: Rescale) -> Rescale:
    """Tables have no meaning for numbers that are not whole."""
    return replace(rescale, lut=None)
