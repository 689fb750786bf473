"""Letters that join each other or run from right to left, with the fonts of this computer.

Arabic, Hebrew, Devanagari, Thai and others need a font that has them and a library that puts their letters
together (Raqm, which comes with Pillow). Every system has such fonts under names of its own.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, features

FONTS = (
    # Linux
    *("DejaVuSans.ttf", "NotoSans-Regular.ttf", "NotoSansArabic-Regular.ttf", "NotoSansHebrew-Regular.ttf"),
    *("NotoSansDevanagari-Regular.ttf", "NotoSansThai-Regular.ttf", "NotoSansBengali-Regular.ttf"),
    *("NotoSansTamil-Regular.ttf", "Lohit-Devanagari.ttf", "FreeSans.ttf", "unifont.otf"),
    # Windows
    *("arial.ttf", "segoeui.ttf", "Nirmala.ttc", "Nirmala.ttf", "LeelawUI.ttf", "ebrima.ttf", "seguisym.ttf"),
    # macOS
    *("Arial Unicode.ttf", "GeezaPro.ttc", "ArialHB.ttc", "Kohinoor.ttc", "Thonburi.ttc"),
)
"""File names, looked for where the system keeps its fonts."""
_UNKNOWN = "\U0010fffd"
_TRIAL_PX = 24


@lru_cache(maxsize=4096)
def font_for(sign: str) -> str:
    """The font that has a letter for *sign*, "" where this computer has none."""
    if not features.check("raqm"):
        return ""
    return next((name for name in FONTS if _has(name, sign)), "")


def width_px(text: str, name: str, size_px: int) -> int:
    """How many pixels *text* takes."""
    font = _font(name, size_px)
    return 0 if font is None else round(font.getlength(text)) + 2


def ink(text: str, name: str, size_px: int, shape: tuple[int, int], base: int) -> NDArray[np.uint8]:
    """*text* as (row, column) ink of *shape*, 0 to 255, with its base line in row *base*."""
    picture = Image.new("L", shape[::-1], 0)
    font = _font(name, size_px)
    if font is not None:
        ImageDraw.Draw(picture).text((0, base), text, fill=255, font=font, anchor="ls")
    return np.array(picture, np.uint8)


@lru_cache(maxsize=256)
def _font(name: str, size_px: int) -> ImageFont.FreeTypeFont | None:
    try:
        return ImageFont.truetype(name, size_px, layout_engine=ImageFont.Layout.RAQM)
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=64)
def _plain_font(name: str) -> ImageFont.FreeTypeFont | None:
    """Without Raqm, which would draw a circle below signs that only stand over others."""
    try:
        return ImageFont.truetype(name, _TRIAL_PX, layout_engine=ImageFont.Layout.BASIC)
    except (OSError, ValueError):
        return None


def _has(name: str, sign: str) -> bool:
    font = _plain_font(name)
    if font is None:
        return False
    found, missing = (bytes(font.getmask(one)) for one in (sign, _UNKNOWN))
    return bool(found) and found != missing
