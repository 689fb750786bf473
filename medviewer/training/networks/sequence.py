"""Networks over the slices of a series, however many there are: a picture network, then a recurrent one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import keras
from keras import layers

from medviewer.kit.params import Slider, Words
from medviewer.training.networks.cnn import CLASSES, LAST_PX
from medviewer.training.networks.layers import Dropout, Width, convolved, pooled
from medviewer.training.networks.network import Given, network

RECURRENT = "recurrent"
"""Name of the recurrent layer, by which an export finds it."""


@keras.saving.register_keras_serializable("medviewer")
class PerSlice(layers.Layer):  # type: ignore[misc]
    """Runs a picture network on every slice: (n, slice, row, column, channel) to (n, slice, feature).

    Keras's own TimeDistributed is written to ONNX files that cannot run when the number of slices may vary.
    """

    def __init__(self, inner: keras.Model, **more: Any) -> None:
        super().__init__(**more)
        self.inner = inner

    def call(self, volume: Any, training: bool = False) -> Any:
        """The features of each slice."""
        shape = keras.ops.shape(volume)
        pictures = keras.ops.reshape(volume, (-1, *volume.shape[2:]))
        found = self.inner(pictures, training=training)
        return keras.ops.reshape(found, (shape[0], shape[1], found.shape[-1]))

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """(n, slice, feature)."""
        return (shape[0], shape[1], self.inner.output_shape[-1])


@network("Recurrent network over slices", tasks=CLASSES, takes="slices")
def slices(
    given: Given,
    *,
    width: Width = 8,
    units: Annotated[int, Slider(1, 512, label="Units of the recurrent layer")] = 32,
    cell: Annotated[Literal["gru", "lstm"], Words("Recurrent layer")] = "gru",
    both_ways: Annotated[bool, Words("Both ways", "from the first slice and from the last")] = True,
    dropout: Dropout = 0.2,
) -> keras.Model:
    """A convolutional network on each slice, then a GRU or LSTM over all of them, then the classes.

    *given.size* is (slice, row, column); the number of slices may vary from series to series.
    """
    rows, columns = given.size[-2:]
    picture = keras.Input((rows, columns, given.channels), name="picture")
    flow, side = picture, min(rows, columns)
    while True:
        flow = convolved(flow, width)
        if side <= LAST_PX:
            break
        flow, side, width = pooled(flow), side // 2, min(width * 2, 128)
    inner = keras.Model(picture, layers.GlobalAveragePooling2D()(flow), name="of_each_slice")
    image = keras.Input((None, rows, columns, given.channels), name="image")
    name = "forward" if both_ways else RECURRENT
    recurrent: Any = {"gru": layers.GRU, "lstm": layers.LSTM}[cell](units, name=name)
    recurrent = layers.Bidirectional(recurrent, name=RECURRENT) if both_ways else recurrent
    found = recurrent(PerSlice(inner, name="per_slice")(image))
    logits = layers.Dense(given.classes, name="logits")(layers.Dropout(dropout)(found))
    return keras.Model(image, [logits], name="slices")
