"""What a Python user gets from ``import medviewer``."""

from __future__ import annotations

import numpy as np
import pytest

import medviewer
from medviewer.core.pipeline import Step
from medviewer.kit.errors import BadValue, FileTrouble, ModelTrouble
from tests import factories
from tests.ai.small_models import card, identity, write


@pytest.fixture
def folder(tmp_path):
    factories.ct(tmp_path / "s" / "1", 5, SeriesNumber=1)
    factories.mr(tmp_path / "s" / "2", 2, series="mr", SeriesNumber=9)
    return tmp_path / "s"


def test_a_series_gives_its_frames_in_the_order_in_the_patient(folder):
    with medviewer.open_series(folder) as series:
        assert series.facts.modality == "CT"
        heights = [series[index].plane.origin[2] for index in range(len(series))]
        assert heights == sorted(heights)
        assert len(heights) == 5
        assert series[-1].plane == series[4].plane
        assert series[2].values().max() == pytest.approx(300, abs=1)
        with pytest.raises(IndexError):
            series[5]


def test_another_series_is_opened_by_its_uid(folder):
    with medviewer.open_series(folder / "2") as alone, medviewer.open_series(folder) as first:
        assert first.facts.uid != alone.facts.uid
        with medviewer.open_series(folder, uid=alone.facts.uid) as wanted:
            assert (wanted.facts.uid, len(wanted)) == (alone.facts.uid, 2)
    with pytest.raises(FileTrouble):
        medviewer.open_series(folder, uid="1.2.3")


def test_rendering_uses_the_window_and_the_steps(folder):
    with medviewer.open_series(folder) as series:
        values = series[2].values()
        densest = np.unravel_index(values.argmax(), values.shape)
        plain = medviewer.render(series, 2, window=(40, 400))
        assert (plain.shape, plain.dtype) == ((64, 64), np.uint8)
        assert plain[densest] == 255
        bones = medviewer.render(series, 2, window=(300, 1500))
        assert bones[densest] == 128
        sharp = medviewer.render(series, 2, window=(40, 400), steps=["canny", ("gamma", {"exponent": 2.0})])
        assert not np.array_equal(plain, sharp)
        same = medviewer.render(
            series, 2, window=(40, 400), steps=[Step.of("canny"), Step.of("gamma", {"exponent": 2.0})]
        )
        assert np.array_equal(sharp, same)
        assert medviewer.render(series, 2, window="auto").shape == (64, 64)
        for window in ((40, 0), "wide", (float("nan"), 1)):
            with pytest.raises(BadValue):
                medviewer.render(series, 2, window=window)


def test_enhancing_an_array_gives_floats_of_the_same_shape():
    image = np.linspace(0, 1, 64 * 48, dtype=np.float32).reshape(64, 48)
    result = medviewer.enhance(image, "gaussian", radius_px=2.0)
    assert (result.shape, result.dtype) == ((64, 48), np.float32)
    assert result.std() < image.std()
    with pytest.raises(BadValue, match="Did you mean gaussian"):
        medviewer.enhance(image, "gausian")
    with pytest.raises(BadValue, match="dimensions"):
        medviewer.enhance(image[None], "gaussian")


def test_a_model_reads_the_frames_it_is_given(folder, tmp_path):
    path = write(tmp_path, identity(), card())
    with medviewer.open_series(folder) as series:
        found = medviewer.infer(series, path, frames=[2])
        assert found.labels is not None
        (mask,) = found.labels.slices
        assert mask is not None
        assert mask.shape == (64, 64)
        with pytest.raises(ModelTrouble, match="no model called"):
            medviewer.infer(series, "none")


def test_nothing_to_open_is_a_sentence(tmp_path):
    with pytest.raises(FileTrouble, match="does not exist"):
        medviewer.open_series(tmp_path / "none")
    (tmp_path / "a.txt").write_text("some words " * 30)
    with pytest.raises(FileTrouble, match="text file"):
        medviewer.open_series(tmp_path / "a.txt")


def test_an_unknown_public_name_is_an_ordinary_error():
    with pytest.raises(AttributeError, match="nothing_like_that"):
        _ = medviewer.nothing_like_that


@pytest.mark.rule("P-38")
def test_a_plane_is_cut_where_the_patient_is(folder):
    with medviewer.open_series(folder) as series:
        stack = np.stack([series[index].pixels for index in range(5)])
        coronal = medviewer.plane(series, "coronal", at=-12.0)
        assert np.array_equal(coronal.pixels, stack[::-1, 20, :])
        assert coronal.plane.to_patient(0, 0) == (-32.0, -12.0, 8.0)
        thick = medviewer.plane(series, "axial", slab=4.0, mode="max")
        assert np.array_equal(thick.pixels, stack[1:4].max(axis=0))
        with pytest.raises(BadValue, match="no coronal plane at y 99"):
            medviewer.plane(series, "coronal", at=99.0)
        with pytest.raises(BadValue, match="no plane called"):
            medviewer.plane(series, "slanted")
        with pytest.raises(BadValue, match="slab"):
            medviewer.plane(series, "axial", mode="median")
        with pytest.raises(BadValue, match="no value 1"):
            medviewer.plane(series, "axial", value=1)
        with pytest.raises(BadValue, match="-1 mm"):
            medviewer.plane(series, "axial", slab=-1.0)
