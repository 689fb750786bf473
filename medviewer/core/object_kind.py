"""Kinds of objects that say something about the pictures of a study."""

from __future__ import annotations

from enum import Enum


class ObjectKind(Enum):
    """What an object is; the value is its name for the reader."""

    SEGMENTATION = "Segmentation"
    STRUCTURES = "Structure set"
    REPORT = "Report"
    KEY_PICTURES = "Key pictures"
    PRESENTATION = "Presentation state"
    MAP = "Parametric map"
    DOCUMENT = "PDF document"
    OTHER = "Object"
