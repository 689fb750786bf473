"""Words on the pages of a PDF: as text in a font that is in the file, else as small pictures of words.

reportlab brings Bitstream Vera (free to embed), which has the letters of western and central Europe. What it
lacks, Cyrillic, Greek, Chinese, Japanese, Korean, is drawn as pictures with the letters that come with
OpenCV, on every system the same. What those lack, or would put in the wrong order, is drawn with the fonts of
this computer (`shaped.py`); where it has none the sign's number stands there (U+0939), never an empty box.
"""

from __future__ import annotations

import io
import os
import unicodedata
from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np
import reportlab
from numpy.typing import NDArray
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from medviewer.export.report import shaped
from medviewer.kit.frozen import frozen

FONT, BOLD = "Vera", "VeraBd"
DENSITY = 6
"""Pixels per point of a word that is drawn as a picture: 432 to the inch."""
_LINE, _BASE = 1.6, 1.15
"""Height of such a picture and where its base line is, in sizes of the letters."""
_UNKNOWN = "\U0010fffd"
_RIGHT_TO_LEFT = ("R", "AL", "AN")


@frozen
class Piece:
    """Letters of a line that are drawn alike."""

    text: str
    is_picture: bool
    font: str = ""
    """a font of this computer that draws it; "": OpenCV's"""


def fonts() -> None:
    """Tell reportlab where its own fonts are; once is enough, more does no harm."""
    if FONT not in pdfmetrics.getRegisteredFontNames():
        folder = os.path.join(os.path.dirname(reportlab.__file__), "fonts")
        for name in (FONT, BOLD):
            pdfmetrics.registerFont(TTFont(name, os.path.join(folder, f"{name}.ttf")))


def pieces(text: str) -> tuple[Piece, ...]:
    """*text* as runs of letters; what nothing here can draw stands there as its number."""
    found: list[Piece] = []
    for piece in map(_piece, text):
        before = found[-1] if found else None
        if before is not None and (before.is_picture, before.font) == (piece.is_picture, piece.font):
            found[-1] = replace(before, text=before.text + piece.text)
        elif len(found) > 1 and piece.font and before is not None and _joins(found[-2], before, piece):
            # words that run from right to left stand in that order too
            found[-2:] = [replace(piece, text=found[-2].text + before.text + piece.text)]
        else:
            found.append(piece)
    return tuple(found)


@lru_cache(maxsize=4096)
def width(piece: Piece, size: float, bold: bool) -> float:
    """How many points a piece takes in a line."""
    if piece.is_picture:
        return _drawn_width(piece.text, piece.font, size) / DENSITY
    return float(pdfmetrics.stringWidth(piece.text, BOLD if bold else FONT, size))


def text_width(text: str, size: float, bold: bool) -> float:
    """How many points *text* takes."""
    return sum(width(piece, size, bold) for piece in pieces(text))


@lru_cache(maxsize=512)
def picture_of(
    piece: Piece, size: float, bold: bool, color: tuple[int, int, int]
) -> tuple[ImageReader, float, float]:
    """A piece as a picture on a clear ground, its height in points, and how far that reaches down."""
    across, down = _drawn_width(piece.text, piece.font, size), round(size * _LINE * DENSITY)
    shape, base = (down, max(across, 1)), round(size * _BASE * DENSITY)
    if piece.font:
        ink = shaped.ink(piece.text, piece.font, _pixels(size), shape, base)
    else:
        ink = np.zeros(shape, np.uint8)
        face = cv2.FontFace("sans")
        cv2.putText(ink, piece.text, (0, base), 255, face, _pixels(size), 700 if bold else 400)
    picture = np.empty((*ink.shape, 4), np.uint8)
    picture[..., :3] = color[::-1]
    picture[..., 3] = ink
    done, content = cv2.imencode(".png", picture)
    assert done
    return ImageReader(io.BytesIO(bytes(content))), size * _LINE, size * (_LINE - _BASE)


@lru_cache(maxsize=8192)
def _piece(sign: str) -> Piece:
    if _in_font(sign):
        return Piece(sign, False)
    if _is_drawn(sign):
        return Piece(sign, True)
    font = shaped.font_for(sign)
    return Piece(sign, True, font) if font else Piece(f"[U+{ord(sign):04X}]", False)


def _joins(one: Piece, between: Piece, other: Piece) -> bool:
    return one.font == other.font and not between.is_picture and between.text.isspace()


def _pixels(size: float) -> int:
    return max(round(size * DENSITY), 5)


@lru_cache(maxsize=4096)
def _drawn_width(text: str, font: str, size: float) -> int:
    if font:
        return shaped.width_px(text, font, _pixels(size))
    box = cv2.getTextSize((1 << 14, 1 << 14), text, (0, 1 << 13), cv2.FontFace("sans"), _pixels(size), 400)
    return int(box[0]) + int(box[2]) + DENSITY


@lru_cache(maxsize=4096)
def _in_font(sign: str) -> bool:
    fonts()
    return ord(sign) in pdfmetrics.getFont(FONT).face.charToGlyph


@lru_cache(maxsize=4096)
def _is_drawn(sign: str) -> bool:
    """Whether OpenCV has a letter for this sign, and puts it where it belongs."""
    if unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT or unicodedata.combining(sign):
        return False
    return sign.isspace() or not np.array_equal(_small(sign), _small(_UNKNOWN))


def _small(sign: str) -> NDArray[np.uint8]:
    ink = np.zeros((48, 64), np.uint8)
    cv2.putText(ink, sign, (4, 36), 255, cv2.FontFace("sans"), 28, 400)
    return ink
