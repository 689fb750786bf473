"""Enhancements: operations with their parameters, and pipelines of them."""

from medviewer.imaging.enhance import (
    background,
    contrast,
    curves,
    diffusion,
    edges,
    entropy,
    gabor,
    lines_and_circles,
    matching,
    morphology,
    multiscale,
    noise,
    patches,
    ridges,
    sharpness,
    wavelets,
)

__all__ = [
    "background",
    "contrast",
    "curves",
    "diffusion",
    "edges",
    "entropy",
    "gabor",
    "lines_and_circles",
    "matching",
    "morphology",
    "multiscale",
    "noise",
    "patches",
    "ridges",
    "sharpness",
    "wavelets",
]
