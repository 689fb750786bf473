"""Weights from and for other runs: by the name of the layer and the shape, as numbers and nothing else."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
from numpy.typing import NDArray

from medviewer.kit.errors import FileTrouble, TrainingTrouble
from medviewer.kit.files import write_atomically

LARGEST = 4_000_000_000


def write_weights(path: Path, model: keras.Model) -> None:
    """The weights of *model* as .npz, called layer/number. Raises OSError."""
    arrays = {f"{name}/{at}": array for name, own in _by_layer(model).items() for at, array in enumerate(own)}
    content = io.BytesIO()
    np.savez(content, **arrays)  # type: ignore[arg-type]
    write_atomically(path, content.getvalue())


def transferred(model: keras.Model, path: Path) -> tuple[Any, ...]:
    """The layers of *model* that took all their weights from the file at *path*.

    The file is an .npz of `write_weights`, or Keras's .weights.h5. Raises FileTrouble, or TrainingTrouble
    when no layer fits.
    """
    found = _read(path)
    took = []
    for layer in _layers(model):
        own, given = _own(layer), found.get(layer.name, [])
        if own and [one.shape for one in own] == [one.shape for one in given]:
            layer.load_own_variables({str(at): array for at, array in enumerate(given)})
            took.append(layer)
    if not took:
        raise TrainingTrouble(
            f"No layer of {path.name} has the name and the shape of one of this network.",
            "Choose the network that the weights were made with.",
        )
    return tuple(took)


def _read(path: Path) -> dict[str, list[NDArray[Any]]]:
    try:
        if path.stat().st_size > LARGEST:
            raise FileTrouble(f"{path.name} is too large for a file of weights.", "")
        return _of_keras(path) if path.suffix == ".h5" else _of_numpy(path)
    except OSError as trouble:
        raise FileTrouble(
            f"{path} cannot be read as weights: {trouble.strerror or 'it is damaged'}.", "Check the path."
        ) from None
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile):
        raise FileTrouble(
            f"{path.name} holds no weights.", "Take an .npz of another run, or a .weights.h5 of Keras."
        ) from None


def _of_numpy(path: Path) -> dict[str, list[NDArray[Any]]]:
    numbered: dict[str, dict[int, NDArray[Any]]] = {}
    with np.load(path, allow_pickle=False) as found:
        for name in found.files:
            layer, _, number = name.rpartition("/")
            numbered.setdefault(layer, {})[int(number)] = found[name]
    return {layer: [own[at] for at in sorted(own)] for layer, own in numbered.items()}


def _of_keras(path: Path) -> dict[str, list[NDArray[Any]]]:
    """Groups called vars hold a layer's weights by number; the layer's name is that group's attribute."""
    layers: dict[str, list[NDArray[Any]]] = {}

    def look(place: str, item: Any) -> None:
        if isinstance(item, h5py.Group) and place.rpartition("/")[2] == "vars" and len(item):
            name = str(item.attrs.get("name", place.split("/")[-2]))
            layers[name] = [np.asarray(item[key]) for key in sorted(item, key=int)]

    with h5py.File(path, "r") as found:
        found.visititems(look)
    return layers


def _by_layer(model: keras.Model) -> dict[str, list[NDArray[Any]]]:
    return {layer.name: own for layer in _layers(model) if (own := _own(layer))}


def _layers(model: keras.Model) -> list[Any]:
    """All layers that may hold weights, those within others as well."""
    return [layer for layer in model._flatten_layers() if not isinstance(layer, keras.Model)]


def _own(layer: Any) -> list[NDArray[Any]]:
    store: dict[str, Any] = {}
    layer.save_own_variables(store)
    return [np.asarray(store[key]) for key in sorted(store, key=int)]
