"""``medviewer explore``: from pictures, labelled or not, to one page about what they have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.kit.errors import TrainingTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.task import TaskContext
from medviewer.training.classical.explored_page import page_of
from medviewer.training.classical.exploring import explored, in_words
from medviewer.training.classical.measuring import as_pictures, features_of_all, input_of
from medviewer.training.classical.threads import one_core_free
from medviewer.training.configuration import DataPlan, InputPlan
from medviewer.training.data.dataset import Dataset
from medviewer.training.data.find import find_data
from medviewer.training.data.loading import Loaded, load

PAGE = "explored.html"
BANDS = ("lowest third", "middle third", "highest third")


def explore_data(
    path: Path,
    output: Path,
    plan: InputPlan,
    context: TaskContext,
    *,
    clusters: int = 0,
    side: int = 0,
    tsne: bool = False,
    seed: int = 1,
) -> dict[str, Any]:
    """Write the page into *output*; the figures. Raises TrainingTrouble, BadValue, Cancelled, OSError."""
    dataset = _data(path)
    if dataset.is_stacked:
        raise TrainingTrouble("Series are not explored.", "Give pictures.")
    taken = input_of(plan, dataset)
    loaded = load(dataset, as_pictures(taken), context.part(0.0, 0.2))
    features = features_of_all(loaded, taken, context.part(0.2, 0.6))
    classes, names = _classes(dataset, loaded)
    judges = classes if names and (classes >= 0).all() else None
    with one_core_free():
        found = explored(
            features, taken.feature_names, judges, context.part(0.6, 0.95),
            clusters=clusters, side=side, tsne=tsne, seed=seed,
        )  # fmt: skip
    families = ", ".join(one.partition("(")[0] for one in taken.features)
    how = f"{len(taken.feature_names)} features ({families}) at {taken.size}, seed {seed}"
    page = page_of(dataset.name, found, classes, names, lambda at: np.asarray(loaded.inputs[at])[..., 0], how)
    output.mkdir(parents=True, exist_ok=True)
    write_atomically(output / PAGE, page.encode())
    return {
        "page": str(output / PAGE),
        "pictures": len(loaded),
        "features": len(taken.feature_names),
        "classes": list(names),
        **in_words(found),
        "excluded": list(loaded.excluded),
    }


def _data(path: Path) -> Dataset:
    """Labelled pictures, or where there are no labels the pictures alone."""
    try:
        return find_data(path)
    except TrainingTrouble:
        if not path.is_dir():
            raise
        return find_data(path, DataPlan(task="generation"))


def _classes(dataset: Dataset, loaded: Loaded) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    if dataset.task == "classification":
        return loaded.labels, dataset.classes
    if dataset.task == "regression" and loaded.targets is not None:
        values = loaded.targets[:, 0]
        known = np.isfinite(values)
        ends = np.quantile(values[known], (1 / 3, 2 / 3))
        return np.where(known, np.searchsorted(ends, values), -1), BANDS
    return np.full(len(loaded), -1, np.int64), ()
