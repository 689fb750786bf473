"""Pictures as named numbers that classical models learn from; importing this declares all families."""

from medviewer.imaging.features import gradients, intensity, shape, stripes, texture
from medviewer.imaging.features.feature import FAMILIES, Family, Region
from medviewer.imaging.features.plan import Plan, Wanted, measured, names_of, read_plan, vector, wanted

__all__ = [
    "FAMILIES",
    "Family",
    "Plan",
    "Region",
    "Wanted",
    "gradients",
    "intensity",
    "measured",
    "names_of",
    "read_plan",
    "shape",
    "stripes",
    "texture",
    "vector",
    "wanted",
]
