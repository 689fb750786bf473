"""What a network is punished for."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


def class_loss(truth: Any, logits: Any, weights: Any, smoothing: float = 0.0) -> Any:
    """Cross-entropy, weighted by class; *truth* (n,) whole numbers, *logits* (n, class)."""
    count = logits.shape[-1]
    wanted = tf.one_hot(truth, count) * (1.0 - smoothing) + smoothing / count
    each = tf.nn.softmax_cross_entropy_with_logits(wanted, logits)
    return tf.reduce_mean(each * tf.gather(weights, truth))


def mask_loss(truth: Any, logits: Any) -> Any:
    """Cross-entropy plus one minus the mean soft Dice; *truth* (n, row, column) label values.

    One logit channel stands for a single label (sigmoid), several for background and labels (softmax).
    """
    if logits.shape[-1] == 1:
        wanted = tf.cast(truth[..., None] > 0, tf.float32)
        entropy = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(wanted, logits))
        given = tf.sigmoid(logits)
    else:
        wanted = tf.one_hot(tf.cast(truth, tf.int32), logits.shape[-1])
        entropy = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(wanted, logits))
        given, wanted = tf.nn.softmax(logits)[..., 1:], wanted[..., 1:]
    both = tf.reduce_sum(given * wanted, axis=(1, 2))
    either = tf.reduce_sum(given, axis=(1, 2)) + tf.reduce_sum(wanted, axis=(1, 2))
    # the 1 makes an empty mask that is left empty a full success
    return entropy + 1.0 - tf.reduce_mean((2 * both + 1) / (either + 1))
