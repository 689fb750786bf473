"""Pictures that ``medviewer render`` writes of a CT and a PET of the same place."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from medviewer.cli.main import main
from tests import factories

CT, PT = (factories.uid("P1", "1", word) for word in ("ct", "pt"))


def rendered(folder: Path, *flags: str) -> np.ndarray:
    """Slice 6 of the CT as RGB."""
    target = folder.parent / "out.png"
    given = ["render", str(folder), "--series", CT, "--frame", "6", "--window", "40,400", "-o", str(target)]
    assert main([*given, *flags]) == 0
    return np.asarray(cv2.imread(str(target)))[..., ::-1]
