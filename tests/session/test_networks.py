"""Networks as enhancements: found by name, carried by recipes, missed with a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from medviewer.ai import enhance as network
from medviewer.cli.desk import step as typed
from medviewer.core.geometry import Plane
from medviewer.core.pipeline import Pipeline, Step
from medviewer.core.voi import VOI
from medviewer.core.volume import Frame, read_only
from medviewer.imaging.enhance.apply import enhance
from medviewer.imaging.enhance.operation import ENHANCEMENTS, Stage
from medviewer.kit.errors import BadValue
from medviewer.kit.paths import user_folder
from medviewer.session import networks
from medviewer.session.recipe_files import read_recipe, write_recipe
from tests.ai.small_models import card, identity, write
from tests.ai.test_enhance import about, half, mean_of_nine
from tests.contracts.test_enhancements import TestEveryEnhancement as Contract
from tests.contracts.test_enhancements import test_a_picture_is_the_same_in_another_unit as unit_contract

NAME = "network-mean"
PERCENTILES = {**about()["input"], "values": {"scale": "percentile"}}


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for the models of this test alone."""
    monkeypatch.setenv("MEDVIEWER_HOME", str(tmp_path / "home"))
    folder = user_folder("models")
    folder.mkdir(parents=True, exist_ok=True)
    yield folder
    ENHANCEMENTS.exchange([name for name in ENHANCEMENTS.names if name.startswith(networks.PREFIX)], ())
    network.forget()


def test_a_model_in_the_folder_is_an_operation_when_somebody_asks_for_it(models: Path) -> None:
    assert NAME not in ENHANCEMENTS
    path = write(models, mean_of_nine(), about(), "mean")
    found = ENHANCEMENTS[NAME]
    assert (found.title, found.group, found.stage) == ("Mean of nine", "Networks", Stage.SIGNAL)
    assert "Made for CT." in found.help
    path.unlink()
    assert networks.declare() == ()
    assert NAME not in ENHANCEMENTS


def test_only_what_makes_pictures_better_is_an_operation(models: Path) -> None:
    write(models, identity(), card(), "bright")
    write(models, mean_of_nine(), about(), "mean")
    assert networks.declare() == (NAME,)
    assert networks.declare() == (NAME,)


def test_it_works_on_values_before_the_window_like_any_other(models: Path) -> None:
    write(models, mean_of_nine(), about(), "mean")
    stored = np.random.default_rng(0).integers(-1000, 3000, (40, 50)).astype(np.int16)
    frame = Frame(read_only(stored), Plane(stored.shape))  # type: ignore[arg-type]
    found = enhance(frame, VOI(40, 400), Pipeline((Step.of(NAME),)))
    assert not found.displayed
    assert np.abs(found.values - ndimage.uniform_filter(stored.astype(np.float32), 3)).max() < 1e-2


def test_a_recipe_carries_the_hash_and_tells_another_file(models: Path, tmp_path: Path) -> None:
    path = write(models, mean_of_nine(), about(), "mean")
    made = typed(f"{NAME}:strength=0.5")
    assert dict(made.values)["sha256"] == network_hash()
    recipe = tmp_path / "recipe.json"
    write_recipe(recipe, Pipeline((made,), "Calm"))
    assert read_recipe(recipe).steps == (made,)
    write(models, half(shape=("n", 1, "h", "w")), about(), path.stem)
    networks.declare()
    with pytest.raises(BadValue, match="another file of the network mean"):
        read_recipe(recipe)
    with pytest.raises(BadValue, match="another file of the network mean"):
        ENHANCEMENTS[NAME](np.zeros((4, 4), np.float32), **dict(made.values))


def network_hash() -> str:
    return str(ENHANCEMENTS[NAME].checked({})["sha256"])


def test_a_network_that_is_missing_is_named_and_the_rest_goes_on(models: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.json"
    write_recipe(recipe, Pipeline((Step.of("gamma"), Step.of(NAME)), "Calm"))
    with pytest.raises(BadValue, match=r"Step 2 of recipe.json is the network 'mean', which is not here"):
        read_recipe(recipe)
    with pytest.raises(BadValue, match="The network 'mean' is not here"):
        ENHANCEMENTS[NAME]
    off = Pipeline((Step.of("gamma"), replace(Step.of(NAME), on=False)))
    stored = read_only(np.arange(64, dtype=np.uint8).reshape(8, 8))
    assert enhance(Frame(stored, Plane((8, 8))), VOI(32, 64), off).displayed


def test_images_that_it_was_not_made_for_are_remarked(models: Path) -> None:
    write(models, mean_of_nine(), about(), "mean")
    stack = Pipeline((Step.of(NAME), Step.of("gamma")))
    assert networks.remarks(stack, "CT") == ()
    assert networks.remarks(stack, "MR") == ("Mean of nine was made for CT images, and this is MR.",)
    assert "does not say" in networks.remarks(stack, "")[0]


CONTRACTS = [
    "test_keeps_its_promise_at_both_ends_of_every_slider",
    "test_what_it_finds_are_numbers_and_no_more_than_asked_for",
    "test_makes_nothing_of_nothing",
    "test_gives_the_same_again",
    "test_padding_changes_nothing_that_is_picture",
    "test_works_where_nothing_is_picture",
    "test_what_stands_in_the_padding_of_a_file_is_not_seen",
    "test_keeps_colours_and_greys_of_a_colour_picture",
    "test_refuses_what_lies_beyond_its_limits",
    "test_introduces_itself",
]


@pytest.mark.parametrize("promise", CONTRACTS)
def test_it_keeps_what_every_enhancement_promises(models: Path, promise: str) -> None:
    write(models, mean_of_nine(), about(input=PERCENTILES), "mean")
    getattr(Contract(), promise)(ENHANCEMENTS[NAME])


def test_it_gives_the_same_in_any_unit(models: Path) -> None:
    write(models, mean_of_nine(), about(input=PERCENTILES), "mean")
    unit_contract(NAME)
