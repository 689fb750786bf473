"""Labelled pictures: found, checked by name, and divided so that nobody judges what he learnt."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from medviewer.ai.card import Input
from medviewer.kit.errors import FileTrouble, TooLarge, TrainingTrouble
from medviewer.kit.task import TaskContext
from medviewer.training.data.dicom import hidden
from medviewer.training.data.find import find_data
from medviewer.training.data.folders import read_mask
from medviewer.training.data.loading import Loaded, joined, load
from medviewer.training.data.split import divide, read_split, write_split
from medviewer.training.evaluation.evaluate import chosen
from tests import factories
from tests.training.labelled import arrays, class_folders, mask_folders

PLAN = Input("image", size=(32, 32))


def loaded_from(path: Path) -> Loaded:
    return load(find_data(path), PLAN, TaskContext())


def test_class_folders_give_their_names_in_order(tmp_path: Path) -> None:
    found = find_data(class_folders(tmp_path / "data", 5))
    assert found.classes == ("disc", "empty")
    assert [example.label for example in found.examples] == [0] * 5 + [1] * 5
    assert found.examples[0].name == "disc/000.png"


def test_pictures_and_masks_meet_by_file_name(tmp_path: Path) -> None:
    folder = mask_folders(tmp_path / "data", 5)
    (folder / "masks" / "003.png").rename(folder / "masks" / "003_mask.png")
    (folder / "masks" / "004.png").unlink()
    found = find_data(folder)
    assert found.task == "segmentation"
    assert len(found.examples) == 4
    assert found.excluded == ("images/004.jpg has no mask.",)


def test_the_parts_of_an_npz_are_kept(tmp_path: Path) -> None:
    found = find_data(arrays(tmp_path / "data.npz", ("train", "val", "test"), 10))
    assert [example.part for example in found.examples] == ["train"] * 10 + ["val"] * 10 + ["test"] * 10
    assert found.classes == ("0", "1")


def test_a_mask_of_another_size_is_named(tmp_path: Path) -> None:
    folder = mask_folders(tmp_path / "data", 20)
    cv2.imwrite(str(folder / "masks" / "007.png"), np.zeros((8, 9), np.uint8))
    data = loaded_from(folder)
    assert len(data) == 19
    assert data.excluded == ("images/007.jpg: the mask has 9 x 8 pixels and the picture 32 x 32.",)


def test_a_damaged_picture_is_named_and_left_out(tmp_path: Path) -> None:
    folder = class_folders(tmp_path / "data", 15)
    (folder / "disc" / "004.png").write_bytes((folder / "disc" / "004.png").read_bytes()[:200])
    (folder / "empty" / "002.png").write_bytes(b"no picture")
    data = loaded_from(folder)
    assert len(data) == 28
    assert [sentence.split(":")[0] for sentence in data.excluded] == ["disc/004.png", "empty/002.png"]


def test_too_many_damaged_pictures_stop_the_run_with_a_name(tmp_path: Path) -> None:
    folder = class_folders(tmp_path / "data", 5)
    for at in range(3):
        (folder / "disc" / f"00{at}.png").write_bytes(b"")
    with pytest.raises(TrainingTrouble, match=r"3 of 10 pictures .* disc/000\.png"):
        loaded_from(folder)


def test_a_picture_that_claims_hundreds_of_megapixels_is_refused_by_its_header(tmp_path: Path) -> None:
    folder = class_folders(tmp_path / "data", 15)
    header = struct.pack(">IIBBBBB", 30000, 30000, 8, 0, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    (folder / "disc" / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk)
    with pytest.raises(TooLarge, match=r"bomb\.png claims 30000 x 30000"):
        next(e for e in find_data(folder).examples if "bomb" in e.name).read()
    assert "bomb.png" in loaded_from(folder).excluded[0]


def test_a_mask_of_two_values_is_yes_and_no(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "m.png"), np.array([[0, 255], [255, 0]], np.uint8))
    np.testing.assert_array_equal(read_mask(tmp_path / "m.png"), [[0, 1], [1, 0]])
    cv2.imwrite(
        str(tmp_path / "c.png"),
        np.dstack([np.arange(9, dtype=np.uint8).reshape(3, 3)] * 2 + [np.ones((3, 3), np.uint8)]),
    )
    with pytest.raises(FileTrouble, match="is no mask"):
        read_mask(tmp_path / "c.png")


@pytest.mark.parametrize("names", [("images", "labels"), ("x", "y")])
def test_an_npz_without_parts_is_divided_like_a_folder(tmp_path: Path, names: tuple[str, str]) -> None:
    pictures = np.arange(4 * 64, dtype=np.uint8).reshape(4, 8, 8)
    np.savez(tmp_path / "data.npz", **{names[0]: pictures, names[1]: np.array([0, 1, 0, 1])})
    found = find_data(tmp_path / "data.npz")
    assert found.task == "classification"
    assert [example.label for example in found.examples] == [0, 1, 0, 1]
    assert {example.part for example in found.examples} == {""}
    assert np.array_equal(found.examples[2].read(), pictures[2])


def test_an_npz_may_have_the_names_that_keras_uses(tmp_path: Path) -> None:
    pictures = np.zeros((4, 8, 8), np.uint8)
    entries = {"x_train": pictures, "y_train": pictures + 1, "x_test": pictures, "y_test": pictures}
    np.savez(tmp_path / "data.npz", **entries)
    found = find_data(tmp_path / "data.npz")
    assert found.task == "segmentation"
    assert [example.part for example in found.examples] == ["train"] * 4 + ["test"] * 4


def test_pictures_without_their_masks_are_no_class_of_pictures(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    with pytest.raises(TrainingTrouble, match="a folder images and no folder masks"):
        find_data(tmp_path)


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ({}, "has no entry train_images"),
        ({"train_images": np.zeros((4, 8, 8), np.uint8)}, "has train_images but no train_labels"),
        (
            {"train_images": np.zeros((4, 8, 8), np.uint8), "train_labels": np.zeros(3, int)},
            "4 pictures in train_images and 3 entries",
        ),
        (
            {"train_images": np.zeros((4, 8, 8), np.uint8), "train_labels": np.full((4, 3), 1)},
            "one whole number per picture",
        ),
        ({"train_images": np.zeros((4, 8)), "train_labels": np.zeros(4, int)}, "no stack of pictures"),
        (
            {"train_images": np.array([{}], object), "train_labels": np.zeros(1)},
            "claims more than|plain numbers",
        ),
    ],
)
def test_an_npz_that_cannot_be_used_says_why(tmp_path: Path, entries: dict, sentence: str) -> None:
    path = tmp_path / "data.npz"
    np.savez(path, **entries)
    with pytest.raises(TrainingTrouble, match=sentence):
        find_data(path)


def test_an_array_that_claims_a_terabyte_is_refused_before_it_is_allocated(tmp_path: Path) -> None:
    text = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        text, {"descr": "|u1", "fortran_order": False, "shape": (2**20, 2**10, 2**10)}
    )
    with zipfile.ZipFile(tmp_path / "data.npz", "w") as archive:
        archive.writestr("train_images.npy", text.getvalue() + bytes(10))
    with pytest.raises(TrainingTrouble, match=r"train_images\.npy in data\.npz claims more"):
        find_data(tmp_path / "data.npz")


@pytest.mark.parametrize("make", ["missing", "empty", "text", "nopictures"])
def test_nothing_to_learn_from_is_a_sentence(tmp_path: Path, make: str) -> None:
    path = tmp_path / make
    if make == "empty":
        path.mkdir()
    elif make == "text":
        path.write_text("hello")
    elif make == "nopictures":
        (path / "a").mkdir(parents=True)
        (path / "a" / "readme.txt").write_text("nothing")
    with pytest.raises(TrainingTrouble):
        find_data(path)


def test_dicom_pictures_are_grouped_by_a_patient_nobody_can_read(tmp_path: Path) -> None:
    for name in ("normal", "ill"):
        for patient in ("one", "two"):
            folder = tmp_path / "data" / name / patient
            folder.mkdir(parents=True)
            factories.ct(folder, slices=2, PatientID=f"ID-{patient}", series=f"{name} {patient}")
    found = find_data(tmp_path / "data")
    assert found.grouping == "patient"
    assert len(found.examples) == 8
    assert {example.group for example in found.examples} == {
        f"patient {hidden('ID-one')}",
        f"patient {hidden('ID-two')}",
    }
    assert found.examples[0].read().pixels.ndim == 2


def test_slices_of_one_study_stay_together_where_nobody_says_whose_they_are(tmp_path: Path) -> None:
    for name in ("normal", "ill"):
        factories.ct(tmp_path / "data" / name, slices=3, study=name, PatientID=None)
    found = find_data(tmp_path / "data")
    assert found.grouping == "study"
    assert len({example.group for example in found.examples}) == 2


def of_groups(groups: list[str], labels: list[int]) -> Loaded:
    count = len(groups)
    return Loaded(np.zeros((count, 1, 1, 1), np.float32), np.array(labels), None,
                  tuple(f"p{at}" for at in range(count)), (*groups,), ("",) * count, (), 0, "")  # fmt: skip


def test_no_patient_lies_in_two_parts() -> None:
    groups = [f"patient {at // 4}" for at in range(200)]
    data = of_groups(groups, [at // 4 % 2 for at in range(200)])
    split = divide(data, 3, 0.2, 0.1)
    for group in set(groups):
        assert len({part for part, of in zip(split.parts, groups, strict=True) if of == group}) == 1
    assert len(split.of("test")) == 40


def test_one_picture_under_two_names_stays_in_one_part() -> None:
    assert joined(["a", "b", "c", "d"], ["1", "2", "1", "3"]) == ("a", "b", "a", "d")
    assert joined(["a", "b", "b", "c"], ["1", "1", "2", "2"]) == ("a", "a", "a", "a")


def test_a_picture_of_the_judging_part_does_not_teach(tmp_path: Path) -> None:
    path = arrays(tmp_path / "data.npz", each=40)
    entries = dict(np.load(path))
    entries["train_images"][3] = entries["val_images"][5]
    entries["train_labels"][3] = entries["val_labels"][5]
    np.savez(path, **entries)
    data = loaded_from(path)
    split = divide(data, 1, 0.2, 0.2)
    assert data.duplicates == 1
    assert split.parts[data.names.index("train_images[3]")] == ""
    assert split.parts[data.names.index("val_images[5]")] == "test"


def test_a_given_val_part_judges_when_there_is_no_test_part(tmp_path: Path) -> None:
    data = loaded_from(arrays(tmp_path / "data.npz", each=40))
    split = divide(data, 1, 0.2, 0.2)
    assert [split.parts[data.names.index(f"val_images[{at}]")] for at in range(40)] == ["test"] * 40
    assert len(split.of("val")) == 8
    assert "the given val part judges" in split.rule


def test_every_class_is_in_every_part_and_the_seed_decides() -> None:
    labels = [0] * 90 + [1] * 10
    data = of_groups([f"g{at}" for at in range(100)], labels)
    one, same, other = (divide(data, seed, 0.2, 0.2) for seed in (1, 1, 2))
    assert one == same
    assert one.parts != other.parts
    for part in ("train", "val", "test"):
        assert {labels[at] for at in one.of(part)} == {0, 1}


def test_too_few_pictures_of_a_class_are_said() -> None:
    data = of_groups([f"g{at}" for at in range(40)], [0] * 39 + [1])
    with pytest.raises(TrainingTrouble, match="no picture of class number 1"):
        divide(data, 1, 0.2, 0.2)


def test_a_split_is_a_file_that_evaluation_can_follow(tmp_path: Path) -> None:
    folder = class_folders(tmp_path / "data", 20)
    data = loaded_from(folder)
    split = divide(data, 1, 0.2, 0.1)
    write_split(tmp_path / "split.csv", data, split)
    assert read_split(tmp_path / "split.csv") == dict(zip(data.names, split.parts, strict=True))
    examples, part = chosen(find_data(folder), "auto", tmp_path / "split.csv")
    assert part == "test"
    assert {example.name for example in examples} == {data.names[at] for at in split.of("test")}
