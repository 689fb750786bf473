"""Damaged objects are read, or refused in a sentence that names the file; nothing else comes out."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from medviewer.core.report import Report
from medviewer.core.segments import Segmentation
from medviewer.dicom.decode import InProcessDecoder
from medviewer.dicom.group import group
from medviewer.dicom.objects.classes import kind_of
from medviewer.dicom.objects.read import read_object
from medviewer.dicom.objects.segmentation import read_masks
from medviewer.dicom.read import read_header
from medviewer.kit.errors import FileTrouble
from medviewer.session.found.measured import annotations_of
from medviewer.session.found.places import Places
from medviewer.session.found.words import object_lines
from tests.dicom.objects.test_maps_and_documents import a_document, in_object
from tests.dicom.objects.test_structures import a_set

FILES = (
    "highdicom/seg_image_ct_binary_overlap.dcm",
    "highdicom/seg_image_ct_true_fractional.dcm",
    "highdicom/seg_image_sm_control_labelmap_palette_color.dcm",
    "highdicom/sr_document_with_multiple_groups.dcm",
    "liver_nonbyte_aligned_rle.dcm",
    "parametric_map_float.dcm",
)
TIMES = 60


def mutated(chance: random.Random, whole: bytes) -> bytes:
    data = bytearray(whole)
    for _ in range(chance.choice((1, 2, 5, 20))):
        at = chance.randrange(132, min(len(data), 20_000))
        match chance.randrange(4):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                data[at : at + 4] = b"\xff" * 4
            case 2:
                del data[at : at + chance.randrange(1, 40)]
            case _:
                data[at:at] = data[at : at + chance.randrange(1, 60)]
    return bytes(data)


def looked_at(path: Path) -> int:
    """Read all that a file holds; how many objects those are. Raises FileTrouble."""
    studies = group([read_header(path)])
    count = 0
    for instance in (one for study in studies for series in study.series for one in series.instances):
        if kind_of(instance.sop_class) is None:
            continue
        found, places = read_object(instance), Places(studies)
        object_lines(found, places)
        if isinstance(found.content, Report):
            annotations_of(found, places)
        if isinstance(found.content, Segmentation):
            count += sum(1 for _ in read_masks(instance, found.content, InProcessDecoder()))
        count += 1
    return count


@pytest.mark.parametrize("name", [*FILES, "structures", "document"])
def test_damage_is_a_sentence(objects: Path, tmp_path: Path, name: str) -> None:
    if name == "structures":
        whole = a_set(tmp_path / "set.dcm", b"\\".join([b"1", b"2", b"3"] * 9), 9).read_bytes()
    elif name == "document":
        whole = in_object(tmp_path / "letter.dcm", a_document()).read_bytes()
    else:
        whole = (objects / name).read_bytes()
    chance, path = random.Random(11), tmp_path / "damaged.dcm"
    read = 0
    for _ in range(TIMES):
        path.write_bytes(mutated(chance, whole))
        started, said = time.monotonic(), ""
        try:
            read += looked_at(path)
        except FileTrouble as trouble:
            said = trouble.message
        assert not said or "damaged.dcm" in said
        assert time.monotonic() - started < 5
    assert read  # some mutations do no harm
