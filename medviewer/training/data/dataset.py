"""Labelled pictures as values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.volume import Frame
from medviewer.kit.frozen import frozen

Picture = Frame | NDArray[Any]
"""an array is (row, column) or (row, column, 3) RGB"""
Stack = Sequence[Frame] | NDArray[Any]
"""the pictures of a series in order; an array is (slice, row, column)"""

TASKS = ("classification", "multilabel", "regression", "segmentation", "enhancement", "generation")


@frozen
class Example:
    """One picture, or one series, with what is known about it; nothing is read before `read` is called."""

    name: str
    """the file below the data folder, or the place in an array; never a patient's name"""
    read: Callable[[], Any]
    """a `Picture`, or where `Dataset.unit` is series a `Stack`; raises FileTrouble"""
    label: int = -1
    """index into the classes of a classification; -1 where there is none"""
    read_mask: Callable[[], NDArray[np.uint8]] | None = None
    """(row, column), of a series (slice, row, column); raises FileTrouble"""
    group: str = ""
    """examples of one group never come apart: the patient where that is known, else the picture itself"""
    part: str = ""
    """train, val or test where the data say so themselves"""
    targets: tuple[float, ...] = ()
    """one number for each of the classes: 0 or 1 of a multilabel task, the value of a regression; NaN is
    missing"""
    read_wanted: Callable[[], Any] | None = None
    """of an enhancement: the better picture, of the same size as `read`; raises FileTrouble"""
    subgroups: tuple[str, ...] = ()
    """one word for each of `Dataset.subgroups` (F, 40-59, scanner 2); "" is missing"""


@frozen
class Dataset:
    """What a folder or a file of labelled pictures holds."""

    name: str
    task: str
    """one of TASKS"""
    classes: tuple[str, ...]
    """of a classification, in the order of the labels; of a multilabel task or a regression the names of the
    targets; of a segmentation the names of the mask's values from 1 where they are known"""
    examples: tuple[Example, ...]
    excluded: tuple[str, ...] = ()
    """sentences about what could not be used"""
    grouping: str = "picture"
    """what one group is: patient, study or picture"""
    unit: str = "picture"
    """what one example is: picture or series"""
    subgroups: tuple[str, ...] = ()
    """columns that the evaluation tells apart: sex, age, site, ..."""
    remarks: tuple[str, ...] = ()
    """sentences about what was decided on the way: missing values filled, ...; for the card and the run"""

    @property
    def is_stacked(self) -> bool:
        """Whether one example is a series."""
        return self.unit == "series"
