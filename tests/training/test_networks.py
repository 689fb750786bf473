"""Every declared network: built, counted, exported, and the same in ONNX Runtime as in Keras."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest

from medviewer.kit.errors import BadValue, TrainingTrouble

pytest.importorskip("tensorflow", reason="needs TensorFlow")
keras = pytest.importorskip("keras", reason="needs Keras")

from medviewer.training.export_onnx import export  # noqa: E402
from medviewer.training.networks import NETWORKS, Given  # noqa: E402
from medviewer.training.networks.layers import Activation, activated  # noqa: E402
from medviewer.training.networks.pictures import discriminator  # noqa: E402

pytestmark = pytest.mark.training
SMALL: dict[str, dict[str, Any]] = {
    "densenet121": {"growth": 2},
    "efficientnet": {"scale": 0.2, "depth": 0.3},
    "textbook": {"width": 4, "dense": 8},
    "textbook4": {"width": 4, "dense": 8},
    "mlp": {"width": 8},
    "slices": {"width": 4, "units": 4},
}
SIZES = {"picture": (32, 32), "volume": (8, 16, 16), "slices": (0, 32, 32), "numbers": (16, 16)}
LARGER = {"textbook4": (48, 48)}


def given_for(name: str) -> Given:
    network = NETWORKS[name]
    channels = 8 if network.takes == "numbers" else 1
    return Given(LARGER.get(name, SIZES[network.takes]), channels, 2, network.tasks[0])


def small(name: str) -> keras.Model:
    return NETWORKS[name](given_for(name), **SMALL.get(name, {"width": 4}))


def batches(name: str, rng: np.random.Generator) -> list[np.ndarray]:
    given = given_for(name)
    takes = NETWORKS[name].takes
    if takes == "numbers":
        shapes: list[tuple[int, ...]] = [(given.channels,)] * 2
    elif takes == "slices":
        shapes = [(5, *given.size[1:], 1), (3, *given.size[1:], 1)]
    else:
        shapes = [(*given.size, 1)] * 2
    return [rng.random((count, *shape), np.float32) for count, shape in zip((1, 3), shapes, strict=True)]


def trained_a_little(model: keras.Model, rng: np.random.Generator) -> None:
    """Statistics of normalisation and weights as after some training: not zeros and ones."""
    for weight in model.weights:
        values = np.asarray(weight)
        spread = 0.1 * max(float(np.abs(values).max()), 0.1)
        weight.assign(values + spread * rng.random(values.shape).astype(np.float32))


@pytest.mark.parametrize("name", [one.name for one in NETWORKS])
def test_every_network_is_the_same_in_onnx_as_in_keras(name: str) -> None:
    rng = np.random.default_rng(3)
    model = small(name)
    trained_a_little(model, rng)
    proto, difference = export(model, NETWORKS[name].outputs, batches(name, rng))
    assert difference <= 1e-4
    assert [port.name for port in proto.graph.output] == list(NETWORKS[name].outputs)


def test_every_activation_exports() -> None:
    """All in one network, one beside the other: a conversion takes seconds."""
    rng = np.random.default_rng(4)
    image = keras.Input((8, 8, 4), name="image")
    words = get_args(get_args(Activation)[0])
    model = keras.Model(image, [activated(image, word) for word in words])
    pictures = [rng.normal(0, 2, (count, 8, 8, 4)).astype(np.float32) for count in (1, 3)]
    assert export(model, [f"after_{word}" for word in words], pictures)[1] <= 1e-4


def test_a_u_net_with_residual_blocks_and_attention_exports() -> None:
    rng = np.random.default_rng(5)
    model = NETWORKS["unet"](given_for("unet"), width=2, depth=2, residual=True, attention=True)
    trained_a_little(model, rng)
    assert export(model, ["logits"], batches("unet", rng))[1] <= 1e-4


def test_a_recurrent_network_takes_any_number_of_slices() -> None:
    rng = np.random.default_rng(6)
    for cell, both_ways in (("gru", False), ("lstm", True)):
        model = NETWORKS["slices"](given_for("slices"), width=4, units=4, cell=cell, both_ways=both_ways)
        trained_a_little(model, rng)
        many = [rng.random((1, count, 32, 32, 1), np.float32) for count in (1, 7, 12)]
        assert export(model, ["logits"], many)[1] <= 1e-4


def test_a_valid_convolution_and_pooling_shrink_as_the_textbooks_say() -> None:
    model = NETWORKS["textbook"](Given((32, 32), 1, 10, "classification"))
    shapes = [layer.output.shape[1:3] for layer in model.layers[1:] if len(layer.output.shape) == 4]
    assert (30, 30) in shapes
    assert (15, 15) in shapes
    assert shapes.index((30, 30)) < shapes.index((15, 15))


@pytest.mark.parametrize(
    ("name", "given", "options", "count"),
    [
        # Conv 32, 64, 128 and Dense 128 on 28 x 28: 320 + 18,496 + 73,856 + 147,584 + 1,290
        ("textbook", Given((28, 28), 1, 10, "classification"), {}, 241_546),
        # Chollet, Deep Learning with Python (2017), listing 5.6: 150 x 150 colour pictures, one sigmoid
        ("textbook4", Given((150, 150), 3, 1, "multilabel"), {}, 3_453_121),
        # LeCun et al. 1998: the two convolutions, dense layers of 120, 84 and 10
        ("lenet", Given((28, 28), 1, 10, "classification"), {}, 61_706),
    ],
)
def test_a_published_network_has_its_published_number_of_parameters(
    name: str, given: Given, options: dict[str, Any], count: int
) -> None:
    assert NETWORKS[name](given, **options).count_params() == count


@pytest.mark.parametrize(
    ("name", "options", "least", "most"),
    [
        # He et al. 2016: 11.7 and 25.6 million with 1000 classes; without them and with one channel less
        ("resnet18", {"width": 64}, 11.1e6, 11.8e6),
        ("resnet50", {"width": 64}, 23.4e6, 25.6e6),
        # Huang et al. 2017: 8.0 million, 7.0 without the dense layer of 1000 classes
        ("densenet121", {"growth": 32}, 6.8e6, 8.0e6),
        # Simonyan and Zisserman 2015: 14.7 million without the dense layers
        ("vgg16", {"width": 64}, 14.6e6, 14.8e6),
    ],
)
def test_at_its_published_width_a_network_is_as_large_as_published(
    name: str, options: dict[str, Any], least: float, most: float
) -> None:
    model = NETWORKS[name](Given((224, 224), 3, 2, "classification"), **options)
    assert least < model.count_params() < most


def test_the_map_of_a_classifier_adds_up_to_its_logits() -> None:
    rng = np.random.default_rng(7)
    for name in ("cnn", "resnet18", "vgg16"):
        logits, cam = small(name)(batches(name, rng)[1])
        np.testing.assert_allclose(np.asarray(cam).mean(axis=(1, 2)), np.asarray(logits), atol=1e-5)


def test_a_denoiser_that_has_learnt_nothing_changes_nothing() -> None:
    picture = batches("dncnn", np.random.default_rng(8))[1]
    np.testing.assert_array_equal(np.asarray(small("dncnn")(picture)), picture)


def test_an_adversary_judges_whole_pictures_or_patches() -> None:
    assert discriminator((32, 32), 1, 4).output_shape == (None, 1)
    assert discriminator((64, 64), 2, 4, patches=True).output_shape == (None, 8, 8, 1)


def test_what_does_not_fit_is_said_before_anything_is_trained() -> None:
    with pytest.raises(TrainingTrouble, match="multiples of 4, not 30 x 32"):
        NETWORKS["unet"](Given((30, 32), 1, 1, "segmentation"), depth=2)
    with pytest.raises(TrainingTrouble, match="U-Net is for segmentation and enhancement"):
        NETWORKS["unet"](Given((32, 32), 1, 2, "classification"))
    with pytest.raises(TrainingTrouble, match="too small for LeNet-5"):
        NETWORKS["lenet"](Given((8, 8), 1, 2, "classification"))
    with pytest.raises(BadValue, match="Channels of the first block cannot be 0"):
        NETWORKS["cnn"](Given((32, 32), 1, 2, "classification"), width=0)
