"""Which recipes are worth a look at a series: the reader's own, and shipped ones made for its kind."""

from __future__ import annotations

from medviewer.core.pipeline import Pipeline
from medviewer.core.study import Series
from medviewer.session.recipes import Source, all_recipes

MEANT_FOR = {
    "CT lung": (("CT",), ("CHEST", "LUNG", "THORAX")),
    "CT brain": (("CT",), ("HEAD", "BRAIN", "SKULL")),
    "CT": (("CT",), ()),
    "MR": (("MR",), ()),
    "Mammography": (("MG",), ()),
    "Ultrasound": (("US", "IVUS"), ()),
    "Chest X-ray": (("CR", "DX"), ("CHEST", "LUNG", "THORAX")),
    "Angiography": (("XA", "RF"), ()),
}
"""By how their names begin: modalities, and words of Body Part Examined where not every part is meant."""
AT_LEAST = 3
"""Recipes that are offered even if they were made for something else."""


def fitting_recipes(series: Series | None) -> list[Pipeline]:
    """The reader's own recipes, the shipped ones for *series* and for all; others where those are few."""
    own: list[Pipeline] = []
    fit: list[Pipeline] = []
    other: list[Pipeline] = []
    for one in all_recipes():
        place = own if one.source is Source.OWN else fit if _fits(one.name, series) else other
        place.append(one.pipeline)
    found = [*own, *fit]
    found += other[: max(0, AT_LEAST - len(found))]
    distinct = {one.digest: one for one in reversed(found) if one.active}
    return [one for one in found if distinct.get(one.digest) is one]


def _fits(name: str, series: Series | None) -> bool:
    """Whether a recipe is for such a series; one that does not say its body part may be anything."""
    meant = next((kinds for words, kinds in MEANT_FOR.items() if name.startswith(words)), None)
    if meant is None or series is None:
        return meant is None
    modalities, parts = meant
    examined = series.body_part.upper()
    return series.modality in modalities and (
        not parts or not examined or any(part in examined for part in parts)
    )
