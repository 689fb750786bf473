"""Recommended colours: CIELab in whole numbers to red, green and blue (PS3.3 C.10.7.1.1)."""

from __future__ import annotations

from collections.abc import Sequence

_WHITE = (0.9642, 1.0, 0.8249)
"""D50, the white of the profile connection space (ICC.1:2010 7.2.16)."""
_TO_SRGB = (
    (3.1338561, -1.6168667, -0.4906146),
    (-0.9787684, 1.9161415, 0.0334540),
    (0.0719453, -0.2289914, 1.4052427),
)
"""XYZ at D50 to linear sRGB, adapted after Bradford (brucelindbloom.com, Eqn_RGB_XYZ_Matrix)."""


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
