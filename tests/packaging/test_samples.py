"""The bundled images: real, complete, without anybody's name, and credited."""

from __future__ import annotations

from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest
from pydicom.encaps import get_frame

SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"
CT = sorted((SAMPLES / "images" / "ct-chest").glob("*.dcm"))
RADIOGRAPH = SAMPLES / "images" / "radiograph" / "chest-pa.dcm"


def test_the_sample_ct_is_a_whole_stack_of_one_series() -> None:
    headers = [pydicom.dcmread(file, stop_before_pixels=True) for file in CT]
    assert len({header.SeriesInstanceUID for header in headers}) == 1
    steps = np.diff(sorted(float(header.ImagePositionPatient[2]) for header in headers))
    assert len(headers) == 30
    assert set(np.round(steps, 3)) == {8.0}


def test_the_samples_carry_nobodys_name() -> None:
    for file in SAMPLES.rglob("*.dcm"):
        header = pydicom.dcmread(file, stop_before_pixels=True)
        assert str(header.PatientName) in {"Lung_Dx-A0002", "NIH_16d7f894"}
        for keyword in ("PatientBirthDate", "ReferringPhysicianName", "InstitutionName", "PatientAddress"):
            assert not header.get(keyword), (file.name, keyword)


def test_the_samples_stay_small_and_are_credited() -> None:
    assert sum(file.stat().st_size for file in SAMPLES.rglob("*")) < 8_000_000
    credit = (SAMPLES / "README.md").read_text(encoding="utf-8")
    for words in (
        "CC BY 4.0",
        "10.7937/TCIA.2020.NNC2-0461",
        "NIH Clinical Center",
        "ChestX-ray8",
        "10.1148/ryai",
    ):
        assert words in credit


def test_the_samples_hold_exactly_the_published_pixels(shared_data: Path) -> None:
    published = shared_data / "dicom" / "ct-chest-lungdx-a0002"
    for file in CT:
        stream = get_frame(pydicom.dcmread(file).PixelData, 0, number_of_frames=1)
        np.testing.assert_array_equal(
            imagecodecs.jpegls_decode(stream), pydicom.dcmread(published / file.name).pixel_array
        )
    radiograph = pydicom.dcmread(shared_data / "dicom" / "cr-dx-mg" / "cr-chest-rsna.dcm")
    assert pydicom.dcmread(RADIOGRAPH).PixelData == radiograph.PixelData


def test_nothing_but_images_lies_among_the_images() -> None:
    # the viewer opens that folder, and would tell of anything it cannot read
    files = {file for file in (SAMPLES / "images").rglob("*") if file.is_file()}
    assert files == {*CT, RADIOGRAPH}


@pytest.mark.parametrize("file", [CT[0], RADIOGRAPH], ids=lambda file: file.name)
def test_a_sample_has_a_picture_in_it(file: Path) -> None:
    stream = get_frame(pydicom.dcmread(file).PixelData, 0, number_of_frames=1)
    decode = imagecodecs.jpegls_decode if file in CT else imagecodecs.jpeg8_decode
    assert decode(stream).std() > 10
