"""Where in a picture an answer comes from: one number per place, for one label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.ai import finish
from medviewer.ai.card import Card
from medviewer.ai.prepare import Placement
from medviewer.imaging.resample import resize_image
from medviewer.kit.frozen import frozen

CLASS_MAP = "class activation map"


@frozen(eq=False)
class Attribution:
    """How much each place speaks for a label, positive, or against it, negative."""

    label: str
    method: str
    values: NDArray[np.float32]
    """(row, column), in the unit of *unit*; its grid covers the network's input evenly"""
    placement: Placement
    unit: str
    """of what a value is a part: logit or probability"""
    checks: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    """numbers that agree where the method keeps its promise, by what they are"""

    def on_picture(self) -> NDArray[np.float32]:
        """The values on the picture's own grid, (row, column); 0 where the network never looked."""
        plane = resize_image(np.ascontiguousarray(self.values, np.float32), self.placement.size)
        return finish.back(plane, self.placement)


def class_maps(
    raw: NDArray[Any], logits: NDArray[Any], placement: Placement, card: Card
) -> tuple[Attribution, ...]:
    """The class activation map (row, column, class) of one picture as one attribution per label.

    A network whose last step is the mean over places of a map per class (Zhou et al., CVPR 2016) says where
    each logit comes from without any further arithmetic. For such a network Grad-CAM (Selvaraju et al.,
    ICCV 2017) gives the same map but for its bias, its scale and that it drops what speaks against: the
    gradient of the logit with respect to a channel of the last features is that channel's weight over the
    number of places. Of softmax, which knows differences only, the mean over all classes is taken off: values
    are parts of the logit against that mean. Empty when what the network gave is no such map.
    """
    if raw.ndim != 3 or not np.isfinite(raw).all():
        return ()
    maps, said = raw.astype(np.float32), np.atleast_1d(logits).reshape(-1).astype(np.float32)
    if maps.shape[-1] == 1 and len(said) == 1 and len(card.output.labels) == 2:
        maps, said = np.concatenate([-maps, maps], axis=-1), np.array([-said[0], said[0]])
    if max(label.value for label in card.output.labels) >= min(maps.shape[-1], len(said)):
        return ()
    if card.output.activation == "softmax":
        maps, said = maps - maps.mean(axis=-1, keepdims=True), said - said.mean()
    return tuple(
        Attribution(
            label.name,
            CLASS_MAP,
            np.ascontiguousarray(maps[..., label.value]),
            placement,
            "logit",
            {"mean of the map": float(maps[..., label.value].mean()), "logit": float(said[label.value])},
        )
        for label in card.output.labels
    )
