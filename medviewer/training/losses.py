"""What a network is punished for, by name.

A loss takes (truth, logits, weights): *truth* is (n,) whole numbers of classes, (n, label) zeros and ones of
a multi-label, (n, value) numbers of a regression, (n, row, column[, ...]) label values of a mask, or a
picture; *logits* is what the network gives, *weights* (class,) how much each class counts, 1 on average.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import tensorflow as tf

from medviewer.kit.declared import Declared
from medviewer.kit.frozen import frozen
from medviewer.kit.params import Slider
from medviewer.kit.registry import Registry

SMALL = 1e-7


@frozen
class Loss(Declared):
    """A declared loss."""

    tasks: tuple[str, ...]

    def with_values(self, values: dict[str, Any]) -> Callable[[Any, Any, Any], Any]:
        """It with its parameters. Raises BadValue."""
        chosen = self.checked(values)
        return lambda truth, logits, weights: self.function(truth, logits, weights, **chosen)


LOSSES: Registry[Loss] = Registry("loss", "medviewer.losses")
USUAL = {
    "classification": "cross_entropy",
    "multilabel": "binary",
    "regression": "mse",
    "segmentation": "entropy_dice",
    "enhancement": "mse",
    "generation": "adversarial",
}
ADVERSARIAL = "adversarial"
"""Which loss a task takes unless told otherwise."""


def loss(title: str, *, tasks: tuple[str, ...], name: str = "") -> Callable[[Any], Any]:
    """Declare the decorated function as a loss; its parameters are its keyword-only arguments."""

    def declare(function: Any) -> Any:
        LOSSES.add(Loss(name or function.__name__, title, function, tasks))
        return function

    return declare


@loss("Cross-entropy", tasks=("classification",))
def cross_entropy(
    truth: Any,
    logits: Any,
    weights: Any,
    *,
    smoothing: Annotated[float, Slider(0, 0.5, label="Softer truth")] = 0.0,
) -> Any:
    """Minus the logarithm of the right class's probability, weighted by class."""
    count = logits.shape[-1]
    wanted = tf.one_hot(truth, count) * (1.0 - smoothing) + smoothing / count
    each = tf.nn.softmax_cross_entropy_with_logits(wanted, logits)
    return tf.reduce_mean(each * tf.gather(weights, truth))


@loss("Focal loss", tasks=("classification",))
def focal(truth: Any, logits: Any, weights: Any, *, gamma: Annotated[float, Slider(0, 5)] = 2.0) -> Any:
    """Cross-entropy in which what is right already counts less (Lin et al. 2017, equation 5)."""
    each = tf.nn.sparse_softmax_cross_entropy_with_logits(truth, logits)
    return tf.reduce_mean((1.0 - tf.exp(-each)) ** gamma * each * tf.gather(weights, truth))


@loss("Binary cross-entropy", tasks=("multilabel", "classification"))
def binary(truth: Any, logits: Any, weights: Any) -> Any:
    """Each label judged on its own; of a classification each class against the rest."""
    if len(truth.shape) == 1:
        truth = tf.one_hot(truth, logits.shape[-1])
    each = tf.nn.sigmoid_cross_entropy_with_logits(tf.cast(truth, tf.float32), logits)
    return tf.reduce_mean(each * weights)


@loss("Mean squared error", tasks=("regression", "enhancement", "classification"))
def mse(truth: Any, logits: Any, weights: Any) -> Any:
    """The mean of squared differences; of a classification, of its probabilities (Brier)."""
    if len(truth.shape) == 1:
        wanted, given = tf.one_hot(truth, logits.shape[-1]), tf.nn.softmax(logits)
        return tf.reduce_mean(tf.reduce_sum((wanted - given) ** 2, axis=-1) * tf.gather(weights, truth))
    return tf.reduce_mean((tf.cast(truth, tf.float32) - logits) ** 2)


@loss("Mean absolute error", tasks=("regression", "enhancement"))
def mae(truth: Any, logits: Any, weights: Any) -> Any:
    """The mean of absolute differences: single large ones count less."""
    return tf.reduce_mean(tf.abs(tf.cast(truth, tf.float32) - logits))


@loss("Adversarial", tasks=("generation", "enhancement"), name=ADVERSARIAL)
def adversarial(
    truth: Any,
    logits: Any,
    weights: Any,
    *,
    distance: Annotated[float, Slider(0, 1000, label="Weight of the distance from the truth")] = 100.0,
    width: Annotated[int, Slider(1, 256, label="Channels of the adversary's first block")] = 16,
    softening: Annotated[float, Slider(0, 0.4, label="Softer truth")] = 0.1,
) -> Any:
    """What an adversary tells from the truth; this is the part that needs none, the mean absolute difference.

    The rest is in `steps.adversarial`. A generator of new pictures has no truth to be near to.
    """
    return tf.reduce_mean(tf.abs(tf.cast(truth, tf.float32) - logits))


@loss("Dice", tasks=("segmentation",))
def dice(truth: Any, logits: Any, weights: Any) -> Any:
    """One minus the mean soft Dice of all labels (Milletari et al. 2016)."""
    wanted, given = _memberships(truth, logits)
    return 1.0 - _soft_dice(wanted, given)


@loss("Cross-entropy of masks", tasks=("segmentation",))
def mask_entropy(truth: Any, logits: Any, weights: Any) -> Any:
    """Cross-entropy of each pixel."""
    return tf.reduce_mean(_entropies(truth, logits))


@loss("Cross-entropy and Dice", tasks=("segmentation",))
def entropy_dice(
    truth: Any,
    logits: Any,
    weights: Any,
    *,
    share: Annotated[float, Slider(0, 1, label="Share of Dice")] = 0.5,
) -> Any:
    """Both, twice their weighted mean: entropy judges each pixel, Dice keeps small labels from being lost."""
    wanted, given = _memberships(truth, logits)
    entropy = tf.reduce_mean(_entropies(truth, logits))
    return 2.0 * ((1.0 - share) * entropy + share * (1.0 - _soft_dice(wanted, given)))


@loss("Focal loss of masks", tasks=("segmentation",))
def mask_focal(truth: Any, logits: Any, weights: Any, *, gamma: Annotated[float, Slider(0, 5)] = 2.0) -> Any:
    """Cross-entropy of each pixel in which what is right already counts less (Lin et al. 2017)."""
    each = _entropies(truth, logits)
    return tf.reduce_mean((1.0 - tf.exp(-each)) ** gamma * each)


def _entropies(truth: Any, logits: Any) -> Any:
    """The cross-entropy of each pixel; one channel stands for a single label, else one is the background."""
    if logits.shape[-1] == 1:
        wanted = tf.cast(truth[..., None] > 0, tf.float32)
        return tf.nn.sigmoid_cross_entropy_with_logits(wanted, logits)[..., 0]
    return tf.nn.sparse_softmax_cross_entropy_with_logits(tf.cast(truth, tf.int32), logits)


def _memberships(truth: Any, logits: Any) -> tuple[Any, Any]:
    """How much each pixel belongs to each label, in truth and as given; the background left out."""
    if logits.shape[-1] == 1:
        return tf.cast(truth[..., None] > 0, tf.float32), tf.sigmoid(logits)
    wanted = tf.one_hot(tf.cast(truth, tf.int32), logits.shape[-1])
    return wanted[..., 1:], tf.nn.softmax(logits)[..., 1:]


def _soft_dice(wanted: Any, given: Any) -> Any:
    inside = tuple(range(1, len(given.shape) - 1))
    both = tf.reduce_sum(given * wanted, axis=inside)
    either = tf.reduce_sum(given, axis=inside) + tf.reduce_sum(wanted, axis=inside)
    # the 1 makes an empty mask that is left empty a full success
    return tf.reduce_mean((2 * both + 1) / (either + 1))
