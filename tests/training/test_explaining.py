"""Gradients say where the answer of a network in training comes from."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("tensorflow")

import keras

from medviewer.kit.errors import BadValue
from medviewer.training.explaining.gradients import grad_cam, integrated_gradients
from medviewer.training.networks import Given, built

pytestmark = pytest.mark.training


@pytest.fixture(scope="module")
def network() -> keras.Model:
    """A small classifier with a class map."""
    keras.utils.set_random_seed(4)
    return built("cnn", Given((16, 16), 1, 3, "classification"), {"width": 4})


def test_what_pixels_add_is_the_answer_less_that_for_the_baseline(network: keras.Model) -> None:
    picture = np.random.default_rng(1).random((16, 16, 1)).astype(np.float32)
    told: list[int] = []
    found = integrated_gradients(network, picture, 2, steps=128, report=lambda done, of: told.append(done))
    whole, nothing = (
        float(np.asarray(network(one[None], training=False)[0])[0, 2])
        for one in (picture, np.zeros_like(picture))
    )
    assert found.shape == (16, 16)
    assert found.sum() == pytest.approx(whole - nothing, abs=2e-2 * max(1.0, abs(whole - nothing)))
    assert told[-1] == 128


def test_grad_cam_of_a_network_with_a_class_map_is_that_map(network: keras.Model) -> None:
    picture = np.random.default_rng(2).random((16, 16, 1)).astype(np.float32)
    ours = grad_cam(network, picture, 1)
    own = np.asarray(network(picture[None], training=False)[1])[0, ..., 1]
    assert np.corrcoef(ours.ravel(), own.ravel())[0, 1] == pytest.approx(1, abs=1e-4)
    with pytest.raises(BadValue, match="no layer 'nowhere'"):
        grad_cam(network, picture, 1, "nowhere")
