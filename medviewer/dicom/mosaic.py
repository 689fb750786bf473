"""Siemens mosaics: one picture that holds all slices of a volume as tiles, and where each of them lies."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from struct import unpack

from medviewer.core.vectors import Vector, cross, dot, moved
from medviewer.dicom.csa import read_csa
from medviewer.dicom.header import Header, numbers, whole_number
from medviewer.dicom.vectors import position, position_text, unit_vectors
from medviewer.dicom.walk import Elements

MOST_TILES = 1024
_AT_RIGHT_ANGLES = 0.99
_BLOCKS = (0x10, 0x11, 0x12)

Csa = Mapping[str, tuple[str, ...]]


def is_asked(values: Mapping[str, str]) -> bool:
    """Whether the private elements of Siemens can say more about this picture."""
    kind = values.get("ImageType", "")
    return values.get("Modality") == "MR" and ("MOSAIC" in kind or "DIFFUSION" in kind)


def with_siemens(header: Header, elements: Elements) -> Header:
    """*header* with its diffusion weight, and as tiles if it is a mosaic; *elements* are those of SIEMENS."""
    csa = _csa(elements)
    own = elements if _creator(elements, 0x00190010) == "SIEMENS MR HEADER" else {}
    weighting = {key: value for key, value in _weighting(own, csa).items() if key not in header.values}
    if header.count != 1:
        return header
    if "MOSAIC" in header.texts("ImageType"):
        header = _tiled(header, _tile_count(own, csa), _normal(csa))
    frames = tuple({**weighting, **frame} for frame in header.frames or ({},))
    return replace(header, frames=frames) if weighting else header


def _creator(elements: Elements, tag: int) -> str:
    raw = elements.get(tag, b"")
    return raw.decode("latin-1").strip(" \0") if isinstance(raw, bytes) else ""


def _csa(elements: Elements) -> Csa:
    for block in _BLOCKS:
        raw = elements.get(0x00290000 | block << 8 | 0x10, b"")
        if _creator(elements, 0x00290000 | block) == "SIEMENS CSA HEADER" and isinstance(raw, bytes):
            return read_csa(raw)
    return {}


def _weighting(own: Elements, csa: Csa) -> dict[str, str]:
    """b-value (s/mm2) and gradient direction under their standard keywords."""
    found: dict[str, str] = {}
    written = _creator(own, 0x0019100C) or next(iter(csa.get("B_value", ())), "")
    if numbers(written):
        found["DiffusionBValue"] = repr(numbers(written)[0])
    raw = own.get(0x0019100E, b"")
    direction = unpack("<3d", raw) if isinstance(raw, bytes) and len(raw) == 24 else ()
    direction = direction or numbers("\\".join(csa.get("DiffusionGradientDirection", ())))
    if len(direction) == 3 and all(math.isfinite(value) for value in direction):
        found["DiffusionGradientOrientation"] = "\\".join(f"{value:.6g}" for value in direction)
    return found


def _tile_count(own: Elements, csa: Csa) -> int:
    raw = own.get(0x0019100A, b"")
    if isinstance(raw, bytes) and len(raw) == 2:
        return int.from_bytes(raw, "little")
    return whole_number(next(iter(csa.get("NumberOfImagesInMosaic", ())), "")) or 0


def _normal(csa: Csa) -> Vector | None:
    found = numbers("\\".join(csa.get("SliceNormalVector", ())))
    return (found[0], found[1], found[2]) if len(found) == 3 else None


def _tiled(header: Header, count: int, normal: Vector | None) -> Header:
    rows, columns = header.whole("Rows") or 0, header.whole("Columns") or 0
    side = math.isqrt(max(count - 1, 0)) + 1
    if not 1 < count <= MOST_TILES or rows < side or rows % side or columns % side:
        words = "The mosaic does not say how many slices it holds: it is shown as one picture."
        return replace(header, warnings=(*header.warnings, words))
    frames, problems = _places(header, (rows, columns), side, count, normal)
    return replace(header, tiles=(side, side), frames=frames, warnings=header.warnings + problems)


def _places(
    header: Header, size: tuple[int, int], side: int, count: int, normal: Vector | None
) -> tuple[tuple[Mapping[str, str], ...], tuple[str, ...]]:
    """Image Position (Patient) of each tile.

    The file's own position is that of the corner of a picture as large as the mosaic around the middle of the
    first slice, so the corner of the slice lies further in by half of what the mosaic is larger.
    """
    vectors = unit_vectors(header.get("ImageOrientationPatient"))
    corner = position(header.get("ImagePositionPatient"))
    spacing = numbers(header.get("PixelSpacing"))
    step = header.number("SpacingBetweenSlices") or header.number("SliceThickness") or 0.0
    if vectors is None or corner is None or len(spacing) != 2 or step <= 0:
        nowhere = {"ImagePositionPatient": "", "ImageOrientationPatient": ""}
        return (nowhere,) * count, ("The slices of the mosaic have no place in the patient.",)
    along_row, along_column = vectors
    problems = []
    upright = cross(along_row, along_column)
    if normal is None or abs(dot(normal, upright)) < _AT_RIGHT_ANGLES:
        problems.append(
            "The mosaic does not say in which direction its slices follow: a direction is assumed."
        )
        normal = upright
    if not header.number("SpacingBetweenSlices"):
        problems.append("The distance between the slices of the mosaic is taken from their thickness.")
    inwards = [(whole - whole // side) / 2 for whole in size]
    first = moved(corner, along_row, inwards[1] * spacing[1])
    first = moved(first, along_column, inwards[0] * spacing[0])
    places = tuple(
        {"ImagePositionPatient": position_text(moved(first, normal, at * step))} for at in range(count)
    )
    return places, tuple(problems)
