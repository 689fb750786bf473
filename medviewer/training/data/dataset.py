"""Labelled pictures as values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.volume import Frame
from medviewer.kit.frozen import frozen

Picture = Frame | NDArray[Any]


@frozen
class Example:
    """One picture with what is known about it; nothing is read before `read` is called."""

    name: str
    """the file below the data folder, or the place in an array; never a patient's name"""
    read: Callable[[], Picture]
    """raises FileTrouble"""
    label: int = -1
    """index into the classes"""
    read_mask: Callable[[], NDArray[np.uint8]] | None = None
    """(row, column); raises FileTrouble"""
    group: str = ""
    """examples of one group never come apart: the patient where that is known, else the picture itself"""
    part: str = ""
    """train, val or test where the data say so themselves"""


@frozen
class Dataset:
    """What a folder or a file of labelled pictures holds."""

    name: str
    task: str
    """classification or segmentation"""
    classes: tuple[str, ...]
    """of a classification, in the order of the labels"""
    examples: tuple[Example, ...]
    excluded: tuple[str, ...] = ()
    """sentences about what could not be used"""
    grouping: str = "picture"
    """what one group is: patient or picture"""
