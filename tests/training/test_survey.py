"""What is wrong with the data is found before anything is learnt from them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np

from medviewer.kit.task import TaskContext
from medviewer.training.augment import Augmentation
from medviewer.training.configuration import DataPlan
from medviewer.training.data.find import find_data
from medviewer.training.data.page import page_of
from medviewer.training.data.sheet import augmented_sheet, contact_sheet
from medviewer.training.data.survey import Survey, survey
from medviewer.training.dataset_command import dataset
from tests import factories
from tests.training.labelled import arrays, class_folders, mask_folders


def looked_at(path: Path, plan: DataPlan | None = None) -> Survey:
    return survey(find_data(path, plan), TaskContext())


def test_counts_sizes_and_values_are_those_of_the_files(tmp_path: Path) -> None:
    found = looked_at(class_folders(tmp_path / "data", 25)).summary()
    assert found["classes"] == {"disc": {"undivided": 25}, "empty": {"undivided": 25}}
    assert (found["examples"], found["usable"], found["groups"]) == (50, 50, 50)
    assert found["sizes"]["commonest"] == "32 x 32"
    pictures = [cv2.imread(str(path), cv2.IMREAD_UNCHANGED) for path in (tmp_path / "data").rglob("*.png")]
    assert found["values"]["lowest"] == min(one.min() for one in pictures)
    assert found["values"]["highest"] == max(one.max() for one in pictures)
    assert found["values"]["numbers"] == {"uint8": 50}
    json.dumps(found, allow_nan=False)


def test_faults_are_found_and_named(tmp_path: Path) -> None:
    folder = class_folders(tmp_path / "data", 30)
    (folder / "disc" / "900.png").write_bytes((folder / "disc" / "001.png").read_bytes())
    (folder / "empty" / "900.png").write_bytes((folder / "disc" / "002.png").read_bytes())
    cv2.imwrite(str(folder / "empty" / "003.png"), np.full((32, 32), 7, np.uint8))
    (folder / "empty" / "004.png").write_bytes(b"nothing")
    found = looked_at(folder).summary()
    assert found["duplicates"] == [["disc/001.png", "disc/900.png"], ["disc/002.png", "empty/900.png"]]
    assert found["contradictions"] == [["disc/002.png", "empty/900.png"]]
    assert found["constant"] == ["empty/003.png"]
    assert found["unused"][0].startswith("empty/004.png")
    told = " ".join(found["warnings"])
    for words in ("different labels", "one value throughout", "1 of 62 cannot be read", "divided by picture"):
        assert words in told


def test_a_picture_in_two_parts_is_a_leak(tmp_path: Path) -> None:
    path = arrays(tmp_path / "data.npz", each=30)
    entries = dict(np.load(path))
    entries["train_images"][3] = entries["val_images"][5]
    np.savez(path, **entries)
    found = looked_at(path).summary()
    assert found["leaks"] == [["train_images[3]", "val_images[5]"]]
    assert found["classes"] == {"0": {"train": 15, "val": 15}, "1": {"train": 15, "val": 15}}


def test_a_patient_in_two_parts_is_a_leak_and_nobody_is_named(tmp_path: Path) -> None:
    for name in ("ill", "well"):
        for patient in range(3):
            factories.ct(
                tmp_path / "data" / name / f"{patient}",
                slices=1,
                rows=16,
                columns=16,
                series=f"{name}{patient}",
                PatientID=f"SECRET{patient}",
                PatientName="Hidden^Name",
                volume=np.full((1, 16, 16), 5 * patient + (name == "ill"), np.int16)
                + np.arange(16, dtype=np.int16),
            )
    data = find_data(tmp_path / "data")
    found = survey(data, TaskContext())
    parts = {one.name: ("train", "test")["well" in one.name] for one in data.examples}
    summary = found.summary(parts)
    assert len(summary["leaks"]) == 3
    assert summary["grouping"] == "patient"
    assert summary["spacing"]["median_mm"] == 1.0
    assert summary["spacing"]["unknown"] == 0
    page = page_of(summary, contact_sheet(found))
    for words in ("SECRET", "Hidden", "ill/0", str(tmp_path)):
        assert words not in page
    assert "SECRET" not in json.dumps(summary)
    assert "Hidden" not in json.dumps(summary)


def test_missing_labels_rare_classes_and_subgroups_are_counted(tmp_path: Path) -> None:
    folder = class_folders(tmp_path / "data", 30)
    rows = ["file,kind,sex"]
    for at in range(30):
        rows += [f"disc/{at:03d}.png,a,{'FM'[at % 2]}", f"empty/{at:03d}.png,{'b' if at == 0 else 'a'},F"]
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    plan = DataPlan(labels="labels.csv", target="kind", subgroups="sex")
    found = looked_at(folder, plan).summary()
    assert found["subgroups"] == {"sex": {"F": 45, "M": 15}}
    assert "b has only 1 examples." in found["warnings"]


def test_the_page_shows_examples_and_their_outlines(tmp_path: Path) -> None:
    found = looked_at(mask_folders(tmp_path / "data", 12))
    (strip,) = contact_sheet(found, each=5)
    assert len(strip.tiles) == 5
    for tile in strip.tiles:
        colored = (tile.pixels[..., 0] != tile.pixels[..., 2]).sum()
        # the outline of a disc and not its area
        assert 20 < colored < 600
    changed = augmented_sheet(found, Augmentation(), rows=2, times=3)
    assert [len(one.tiles) for one in changed] == [4, 4]
    again = augmented_sheet(found, Augmentation(), rows=2, times=3)
    np.testing.assert_array_equal(changed[0].tiles[2].pixels, again[0].tiles[2].pixels)
    assert not np.array_equal(changed[0].tiles[0].pixels, changed[0].tiles[1].pixels)
    page = page_of(found.summary(), (strip,), changed)
    assert page.count("<img ") == 13
    assert "<script" not in page
    assert "http" not in page


def test_the_command_writes_both_files_and_starts_no_tensorflow(tmp_path: Path) -> None:
    folder = class_folders(tmp_path / "data", 5)
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from medviewer.kit.task import TaskContext\n"
        "from medviewer.training.commands import COMMANDS\n"
        "run = {one.name: one for one in COMMANDS}['dataset'].function\n"
        f"data, output = Path({str(folder)!r}), Path({str(tmp_path / 'out')!r})\n"
        "run(TaskContext(), data=data, output=output, augmented=True)\n"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)
    written = json.loads((tmp_path / "out" / "dataset.json").read_text())
    assert written["examples"] == 10
    assert isinstance(written["warnings"], list)
    assert (tmp_path / "out" / "dataset.html").read_text().startswith("<!doctype html>")


def test_a_division_of_another_run_is_looked_at_for_leaks(tmp_path: Path) -> None:
    folder = class_folders(tmp_path / "data", 5)
    (folder / "disc" / "9.png").write_bytes((folder / "disc" / "000.png").read_bytes())
    (tmp_path / "split.csv").write_text("name,part\ndisc/000.png,train\ndisc/9.png,test\nempty/001.png,val\n")
    found = dataset(TaskContext(), data=folder, split=tmp_path / "split.csv")
    assert found["leaks"] == [["disc/000.png", "disc/9.png"]]
    assert found["parts"] == {"test": 1, "train": 1, "undivided": 8, "val": 1}
