"""Subgroups as words, for an evaluation that tells them apart: sex, bands of age, site, scanner, ..."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from medviewer.kit.errors import TrainingTrouble
from medviewer.training.data.gather import Source
from medviewer.training.data.missing import NOTHING, are_numbers, number_of

AGES = (18, 40, 60, 80)
"""where bands of age end"""
MOST_WORDS = 8
"""A column with more different numbers is put into bands."""


def subgroup_words(
    names: Sequence[str], pairs: Sequence[tuple[Source, Mapping[str, str]]]
) -> list[list[str]]:
    """For each column a word per picture: out of the table, else out of the picture's header."""
    found = []
    for name in names:
        words = [
            row[name] if name in row else dict(source.about).get(name.lower(), "") for source, row in pairs
        ]
        if not any(words):
            raise TrainingTrouble(
                f"Neither the table nor the pictures have {name!r:.80}.",
                "Subgroups are columns of the table, or sex, age, site, scanner or modality of DICOM files.",
            )
        found.append(_banded(name, words))
    return found


def _banded(name: str, words: list[str]) -> list[str]:
    """Numbers of many kinds as bands: ages by decades of life, others by quarters."""
    words = ["" if one.lower() in NOTHING else one for one in words]
    if not are_numbers(words):
        return words
    values = np.array([number_of(one) for one in words])
    if name.lower().startswith("age"):
        ends: Sequence[float] = AGES
    elif len(set(words) - {""}) <= MOST_WORDS:
        return words
    else:
        ends = sorted({float(f"{one:.3g}") for one in np.nanquantile(values, (0.25, 0.5, 0.75))})
    bands = [f"below {ends[0]:g}", *(f"{a:g} to below {b:g}" for a, b in zip(ends, ends[1:], strict=False)),
             f"{ends[-1]:g} and above"]  # fmt: skip
    return [
        "" if math.isnan(value) else bands[int(np.searchsorted(ends, value, side="right"))]
        for value in values.tolist()
    ]
