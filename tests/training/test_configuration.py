"""A configuration says the same as a value, as a file and as words of a terminal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medviewer.kit.errors import BadValue, FileTrouble
from medviewer.training.configuration import Choice, Configuration, DataPlan, TrainPlan
from medviewer.training.configuration_file import read, to_text, with_setting, write

VALUES = st.booleans() | st.integers(-(2**31), 2**31) | st.floats(-1e6, 1e6) | st.text(max_size=20)
NAMES = st.from_regex(r"[a-z_]{1,12}", fullmatch=True).filter(lambda name: name != "name")


@given(st.dictionaries(NAMES, VALUES, max_size=4), st.text(max_size=30), st.integers(1, 10_000))
def test_a_configuration_survives_its_file(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, object], data: str, epochs: int
) -> None:
    path = tmp_path_factory.mktemp("run") / "run.toml"
    asked = Configuration(
        data=DataPlan(path=data),
        network=Choice.of("unet", **values),  # type: ignore[arg-type]
        augment=tuple(sorted(values.items())),  # type: ignore[arg-type]
        train=TrainPlan(epochs=epochs),
    )
    write(path, asked)
    assert read(path) == asked


def test_an_empty_file_asks_for_what_is_usual(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text("")
    assert read(tmp_path / "run.toml") == Configuration()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[training]\nepochs = 3", "no section 'training'"),
        ("[train]\nepoch = 3", r"\[train\] There is no parameter 'epoch'"),
        ("[train]\nepochs = 0", r"\[train\] Epochs cannot be 0"),
        ("[train]\nepochs = 'many'", r"\[train\] Epochs cannot be many"),
        ("train = 3", "train must be a section"),
        ("[network]\nname = 'cnn'\nwidth = [1]", "network.width must be"),
        ("[data]\ntask = 'guess'", r"\[data\] Task cannot be guess"),
    ],
)
def test_what_a_file_says_wrongly_is_named(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "run.toml").write_text(text)
    with pytest.raises(BadValue, match=words):
        read(tmp_path / "run.toml")


def test_a_file_that_is_no_toml_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text("[train\nepochs")
    with pytest.raises(FileTrouble, match="run.toml is no TOML file"):
        read(tmp_path / "run.toml")


def test_single_settings_come_from_a_terminal() -> None:
    asked = Configuration()
    for setting, text in (
        ("train.epochs", "7"),
        ("network.name", "resnet18"),
        ("network.width", "16"),
        ("train.mixed_precision", "on"),
        ("augment.rotate_deg", "2.5"),
    ):
        asked = with_setting(asked, setting, text)
    assert asked == replace(
        Configuration(),
        train=TrainPlan(epochs=7, mixed_precision=True),
        network=Choice.of("resnet18", width=16),
        augment=(("rotate_deg", 2.5),),
    )
    with pytest.raises(BadValue, match="no setting"):
        with_setting(asked, "epochs", "7")
    with pytest.raises(BadValue, match="train has no setting 'speed'"):
        with_setting(asked, "train.speed", "7")


def test_the_file_says_what_each_setting_takes() -> None:
    text = to_text(Configuration())
    assert "epochs = 30  # from 1 to 10000" in text
    assert 'missing = "report"  # report: stop and name them' in text
