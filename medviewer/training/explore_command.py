"""``medviewer explore``: its flags; nothing heavy is imported before it is called."""

# ruff: noqa: PLC0415

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal

from medviewer.kit.errors import ExportTrouble, TrainingTrouble
from medviewer.kit.params import Slider, Words
from medviewer.kit.task import TaskContext


def explore(
    context: TaskContext,
    *,
    data: Annotated[Path, Words(help="pictures, labelled or not: folders or a .npz file")],
    output: Annotated[Path | None, Words(help="folder for the page; by default NAME-explored here")] = None,
    features: Annotated[
        str, Words(help="intensity, glcm(levels=16; distances=1 2), ...; by default all")
    ] = "",
    clusters: Annotated[int, Slider(0, 50, label="Clusters, 0 as many as classes or the best")] = 0,
    side: Annotated[int, Slider(0, 20, label="Side of the map, 0 chooses", unit="nodes")] = 0,
    tsne: Annotated[bool, Words(help="also t-SNE, which is slow")] = False,
    size: Annotated[int, Slider(0, 1024, label="Side of the pictures, 0 chooses", unit="px")] = 0,
    scale: Literal["percentile", "window", "range", "z-score"] = "percentile",
    low: Annotated[float | None, Slider(-1e6, 1e6, label="Low end of the values")] = None,
    high: Annotated[float | None, Slider(-1e6, 1e6, label="High end of the values")] = None,
    seed: Annotated[int, Slider(0, 2**31 - 1)] = 1,
) -> dict[str, Any]:
    """See what pictures have in common: components, clusters, a tree and a map, on one page."""
    if find_spec("sklearn") is None:
        raise TrainingTrouble(
            "Exploring needs scikit-learn, which is not installed.",
            "Install medviewer with its extra: pip install 'medviewer[train]'.",
        )
    from medviewer.training.classical.explore import explore_data
    from medviewer.training.configuration import InputPlan

    plan = InputPlan(size=size, scale=scale, low=low, high=high, features=features)
    folder = Path(output) if output else Path(f"{Path(data).resolve().stem}-explored")
    try:
        return explore_data(
            Path(data), folder, plan, context, clusters=clusters, side=side, tsne=tsne, seed=seed
        )
    except OSError as trouble:
        raise ExportTrouble(
            f"{trouble.filename or folder} cannot be written: {trouble.strerror or trouble}.",
            "Choose another folder with --output.",
        ) from trouble
