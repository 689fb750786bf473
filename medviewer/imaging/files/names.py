"""Which files are grids, segmentations or surfaces, by their names."""

from __future__ import annotations

import os
from pathlib import Path

GRIDS = (".nii.gz", ".nii", ".nrrd")
SURFACES = (".stl", ".ply")
SEGMENTATION = ".seg.nrrd"
"""As 3D Slicer calls its segmentations."""
GRID = "grid file"
"""Stands instead of a transfer syntax where the pictures of an instance are those of such a file."""


def ending_of(path: Path | str) -> str:
    """The ending in GRIDS, "" for another one."""
    name = os.path.basename(str(path)).lower()
    return next((one for one in GRIDS if name.endswith(one)), "")


def is_surface_file(path: Path | str) -> bool:
    """Whether a file holds triangles."""
    return str(path).lower().endswith(SURFACES)


def is_segmentation_file(path: Path | str) -> bool:
    """Whether a file can be nothing but labels."""
    return is_surface_file(path) or str(path).lower().endswith(SEGMENTATION)
