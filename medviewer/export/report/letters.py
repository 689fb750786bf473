"""Words on the pages of a PDF: as text in a font that is in the file, else as small pictures of words.

reportlab brings Bitstream Vera (free to embed), which has the letters of western and central Europe. What it
lacks, Cyrillic, Greek, Chinese, Japanese, Korean, is drawn as pictures with the letters that come with
OpenCV, on every system the same. What those lack too, or would put in the wrong order, is written as its
number (U+0939), never as an empty box.
"""

from __future__ import annotations

import io
import os
import unicodedata
from functools import lru_cache

import cv2
import numpy as np
import reportlab
from numpy.typing import NDArray
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

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


def fonts() -> None:
    """Tell reportlab where its own fonts are; once is enough, more does no harm."""
    if FONT not in pdfmetrics.getRegisteredFontNames():
        folder = os.path.join(os.path.dirname(reportlab.__file__), "fonts")
        for name in (FONT, BOLD):
            pdfmetrics.registerFont(TTFont(name, os.path.join(folder, f"{name}.ttf")))


def pieces(text: str) -> tuple[Piece, ...]:
    """*text* as runs of letters; what nothing here can draw stands there as its number."""
    found: list[Piece] = []
    for sign in text:
        is_picture = not _in_font(sign)
        if is_picture and not _is_drawn(sign):
            sign, is_picture = f"[U+{ord(sign):04X}]", False
        if found and found[-1].is_picture == is_picture:
            found[-1] = Piece(found[-1].text + sign, is_picture)
        else:
            found.append(Piece(sign, is_picture))
    return tuple(found)


@lru_cache(maxsize=4096)
def width(piece: Piece, size: float, bold: bool) -> float:
    """How many points a piece takes in a line."""
    if piece.is_picture:
        return _drawn_width(piece.text, size) / DENSITY
    return float(pdfmetrics.stringWidth(piece.text, BOLD if bold else FONT, size))


def text_width(text: str, size: float, bold: bool) -> float:
    """How many points *text* takes."""
    return sum(width(piece, size, bold) for piece in pieces(text))


@lru_cache(maxsize=512)
def picture_of(
    text: str, size: float, bold: bool, color: tuple[int, int, int]
) -> tuple[ImageReader, float, float]:
    """A piece as a picture on a clear ground, its height in points, and how far that reaches down."""
    across, down = _drawn_width(text, size), round(size * _LINE * DENSITY)
    ink = np.zeros((down, max(across, 1)), np.uint8)
    face, place = cv2.FontFace("sans"), (0, round(size * _BASE * DENSITY))
    # the size of OpenCV's fonts is that of a capital and more: this makes them as large as those beside them
    cv2.putText(ink, text, place, 255, face, _pixels(size), 700 if bold else 400)
    picture = np.empty((*ink.shape, 4), np.uint8)
    picture[..., :3] = color[::-1]
    picture[..., 3] = ink
    done, content = cv2.imencode(".png", picture)
    assert done
    return ImageReader(io.BytesIO(bytes(content))), size * _LINE, size * (_LINE - _BASE)


def _pixels(size: float) -> int:
    return max(round(size * DENSITY), 5)


@lru_cache(maxsize=4096)
def _drawn_width(text: str, size: float) -> int:
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
