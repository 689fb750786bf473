"""Segmentation: methods with their parameters, and what makes a mask tidy."""

from medviewer.imaging.segment import (
    cleaning,
    contours,
    edge_and_fill,
    growing,
    lungs,
    presets,
    random_walker,
    superpixels,
    thresholds,
    watershed,
)

__all__ = [
    "cleaning",
    "contours",
    "edge_and_fill",
    "growing",
    "lungs",
    "presets",
    "random_walker",
    "superpixels",
    "thresholds",
    "watershed",
]
