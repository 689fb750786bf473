"""Recommended colours: CIELab in whole numbers to red, green and blue (PS3.3 C.10.7.1.1)."""

from __future__ import annotations

from collections.abc import Sequence

_WHITE = (0.95047, 1.0, 1.08883)
"""D65. The standard refers to the ICC's D50; pixelmed, dcmqi, dcmjs and highdicom all write and read colours
of D65, and a colour has to come back as the one that was chosen."""
_TO_SRGB = (
    (3.2404542, -1.5371385, -0.4985314),
    (-0.9692660, 1.8760108, 0.0415560),
    (0.0556434, -0.2040259, 1.0572252),
)
"""XYZ at D65 to linear sRGB (IEC 61966-2-1)."""


def rgb_of_lab(value: Sequence[float]) -> str:
    """#rrggbb of a Recommended Display CIELab Value: three numbers of 0 to 65535."""
    lightness, a, b = value[0] / 65535 * 100, value[1] / 65535 * 255 - 128, value[2] / 65535 * 255 - 128
    y = (lightness + 16) / 116
    steps = (y + a / 500, y, y - b / 200)
    xyz = [white * _uncurved(step) for white, step in zip(_WHITE, steps, strict=True)]
    linear = (sum(k * part for k, part in zip(row, xyz, strict=True)) for row in _TO_SRGB)
    return "#" + "".join(f"{_in_8_bits(part):02x}" for part in linear)


def rgb_of_numbers(value: Sequence[float]) -> str:
    """#rrggbb of three numbers of 0 to 255."""
    return "#" + "".join(f"{min(max(round(part), 0), 255):02x}" for part in value[:3])


def _uncurved(step: float) -> float:
    return step**3 if step > 6 / 29 else 3 * (6 / 29) ** 2 * (step - 4 / 29)


def _in_8_bits(part: float) -> int:
    part = min(max(part, 0.0), 1.0)
    curved = 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055
    return round(255 * curved)
