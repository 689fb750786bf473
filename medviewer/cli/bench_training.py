"""What ``medviewer bench`` says of the pictures that training gets (`medviewer.training.bench`)."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from medviewer.cli import output
from medviewer.cli.measuring import at_least, told
from medviewer.cli.screen import measured_in

LEAST_RATIO = 3.0
"""Pictures that the pipeline makes for each one that the plain network learns from in the same time."""


def training() -> dict[str, Any]:
    """A row for each size of pictures: the input pipeline alone, beside the plain network alone."""
    if find_spec("tensorflow") is None:
        return {"missing": "Training was not measured: TensorFlow is not installed."}
    found = measured_in("medviewer.training.bench")
    if found is None:
        return {"missing": "Training could not be measured here: its process ended without figures."}
    return {
        name: {
            "pipeline_per_s": round(row["pipeline_per_s"]),
            "network_per_s": round(row["network_per_s"]),
            **at_least(row["ratio"], LEAST_RATIO),
        }
        for name, row in found.items()
    }


def tell(found: Mapping[str, Any]) -> None:
    """Each row as a line with both figures."""
    for name, row in found.items():
        if not isinstance(row, Mapping):
            output.tell(str(row))
            continue
        made, learnt = row["pipeline_per_s"], row["network_per_s"]
        output.tell(f"{name}: {told(row)}; {made:,} made and {learnt:,} learnt from in a second")
