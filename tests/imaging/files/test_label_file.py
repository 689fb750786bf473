"""Label maps as files: names and colours as Slicer keeps them, tables, and pictures that are no labels."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from medviewer.core.geometry import ImageGeometry, Plane
from medviewer.core.labels import Label
from medviewer.imaging.files.grid_file import write_grid
from medviewer.imaging.files.label_file import Layer, read_labels, read_table, write_labels
from medviewer.imaging.files.onto import onto_planes
from medviewer.kit.errors import FileTrouble

GEOMETRY = ImageGeometry((4, 6, 8), (5.0, -3.0, 20.0), ((0, 0, 1), (0, 1, 0), (1, 0, 0)), (3.0, 0.5, 0.7))
LABELS = (Label(3, "Leber, rechts", "#e69f00"), Label(200, "肝臓", "#0072b2"))


def layer() -> Layer:
    values = np.zeros(GEOMETRY.shape, np.uint8)
    values[1:3, 2:5, 1:4] = 3
    values[2, 0:2, 5:8] = 200
    return Layer(values, LABELS)


@pytest.mark.parametrize("name", ["a.seg.nrrd", "a.nrrd", "a.nii.gz", "a.nii"])
def test_names_and_colours_come_back(tmp_path: Path, name: str) -> None:
    write_labels(tmp_path / name, layer(), GEOMETRY)
    found = read_labels(tmp_path / name)
    assert found.layers[0].labels == LABELS
    assert np.array_equal(found.layers[0].values, layer().values)
    assert found.geometry.to_patient((3, 5, 7)) == pytest.approx(GEOMETRY.to_patient((3, 5, 7)))


def test_segments_stand_in_the_header_as_slicer_reads_them(tmp_path: Path) -> None:
    write_labels(tmp_path / "a.seg.nrrd", layer(), GEOMETRY)
    image = sitk.ReadImage(str(tmp_path / "a.seg.nrrd"))
    said = {key: image.GetMetaData(key) for key in image.GetMetaDataKeys()}
    assert said["Segment0_Name"] == "Leber, rechts"
    assert said["Segment1_LabelValue"] == "200"
    assert [float(one) for one in said["Segment0_Color"].split()] == pytest.approx(
        (230 / 255, 159 / 255, 0), abs=1e-5
    )
    assert said["Segment0_Extent"] == "1 3 2 4 1 2"
    assert said["Segmentation_ContainedRepresentationNames"] == "Binary labelmap|"


def test_layers_that_overlap_become_groups(tmp_path: Path) -> None:
    one, two = layer().values, (layer().values > 0).astype(np.uint8)
    image = sitk.GetImageFromArray(np.stack([one, two], axis=-1), isVector=True)
    for key, text in {
        "Segment0_LabelValue": "3", "Segment0_Layer": "0", "Segment0_Name": "inner",
        "Segment1_LabelValue": "1", "Segment1_Layer": "1", "Segment1_Name": "outer",
    }.items():  # fmt: skip
        image.SetMetaData(key, text)
    sitk.WriteImage(image, str(tmp_path / "a.seg.nrrd"))
    inner, outer = read_labels(tmp_path / "a.seg.nrrd").layers
    assert [label.name for label in inner.labels] == ["inner", "Label 200"]
    assert [label.name for label in outer.labels] == ["outer"]
    assert np.array_equal(outer.values, two)


def test_a_table_beside_the_file_gives_names(tmp_path: Path) -> None:
    write_labels(tmp_path / "a.nii.gz", layer(), GEOMETRY, names=False)
    (tmp_path / "a.csv").write_text("value,name,color\n3,Liver,#ff0000\n200,Spleen\n", encoding="utf-8")
    liver, spleen = read_labels(tmp_path / "a.nii.gz").layers[0].labels
    assert (liver.name, liver.color, spleen.name) == ("Liver", "#ff0000", "Spleen")
    (tmp_path / "snap.txt").write_text(
        '# IDX -R- -G- -B- -A-- VIS MSH LABEL\n  0 0 0 0 0 0 0 "Clear"\n  3 255 0 10 1 1 1 "Kidney"\n'
    )
    assert read_table(tmp_path / "snap.txt") == {3: ("Kidney", "#ff000a")}
    labels = read_labels(tmp_path / "a.nii.gz", tmp_path / "snap.txt").layers[0].labels
    assert labels[0].name == "Kidney"


def test_a_table_that_is_none_says_so(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(json.dumps({"labels": [{"name": "x"}]}))
    with pytest.raises(FileTrouble, match=r"t\.json"):
        read_table(tmp_path / "t.json")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.arange(192, dtype=np.float32).reshape(GEOMETRY.shape) / 7, "no whole ones"),
        (np.arange(192, dtype=np.int16).reshape(GEOMETRY.shape) - 50, "below 0"),
        (np.zeros(GEOMETRY.shape, np.uint8), "Nothing is marked"),
    ],
)
def test_pictures_are_not_taken_for_labels(tmp_path: Path, values: np.ndarray, words: str) -> None:
    write_grid(tmp_path / "a.nrrd", values, GEOMETRY)
    with pytest.raises(FileTrouble, match=words):
        read_labels(tmp_path / "a.nrrd")


def test_large_numbers_become_small_ones_and_keep_them_in_their_names(tmp_path: Path) -> None:
    values = np.zeros(GEOMETRY.shape, np.int16)
    values[0, 0, 0], values[1, 1, 1] = 1001, 2002
    write_grid(tmp_path / "a.nrrd", values, GEOMETRY)
    found = read_labels(tmp_path / "a.nrrd").layers[0]
    assert [(one.value, one.name) for one in found.labels] == [(1, "Label 1001"), (2, "Label 2002")]
    assert (found.values[0, 0, 0], found.values[1, 1, 1]) == (1, 2)


def planes(geometry: ImageGeometry) -> list[Plane]:
    return [geometry.plane(at) for at in range(geometry.shape[0])]


def test_labels_of_another_grid_are_those_that_simpleitk_resamples(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    values = rng.integers(0, 5, (9, 14, 12)).astype(np.uint8)
    source = ImageGeometry(
        values.shape, (0.0, 0.0, 0.0), ((0, -0.6, 0.8), (0, 0.8, 0.6), (1, 0, 0)), (2.1, 0.9, 1.3)
    )
    target = replace(GEOMETRY, shape=(5, 20, 18), origin=(1.03, -2.02, 1.01), spacing=(3.3, 0.51, 0.47))
    laid = onto_planes(values, source, planes(target))

    def image(array: np.ndarray, geometry: ImageGeometry) -> sitk.Image:
        made = sitk.GetImageFromArray(array)
        made.SetSpacing(geometry.spacing[::-1])
        made.SetOrigin(geometry.origin)
        made.SetDirection(np.asarray(geometry.directions).T[:, ::-1].ravel().tolist())
        return made

    like = image(np.zeros(target.shape, np.uint8), target)
    wanted = sitk.GetArrayFromImage(
        sitk.Resample(image(values, source), like, sitk.Transform(), sitk.sitkNearestNeighbor, 0)
    )
    found = np.stack([np.zeros(target.shape[1:], np.uint8) if one is None else one for one in laid.slices])
    # only pixels on the very edge between two voxels may go either way
    assert (found != wanted).mean() < 0.002
    assert not laid.same_grid
    assert 0 < laid.share_outside < 1


def test_the_same_grid_in_another_order_is_recognised() -> None:
    flipped = layer().values[::-1, :, ::-1].copy()
    other = replace(
        GEOMETRY,
        origin=tuple(GEOMETRY.to_patient((3, 0, 7))),
        directions=((0, 0, -1), (0, 1, 0), (-1, 0, 0)),
    )
    laid = onto_planes(flipped, other, planes(GEOMETRY))
    assert laid.same_grid
    assert laid.share_outside == 0
    assert np.array_equal(laid.slices[2], layer().values[2])
    assert laid.slices[0] is None
