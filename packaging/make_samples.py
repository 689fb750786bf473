"""Makes resources/samples from public images, without touching a single pixel value.

    python packaging/make_samples.py FOLDER_OF_THE_CT CHEST_XRAY.dcm

The CT is the series of 30 slices named in resources/samples/README.md; it becomes JPEG-LS lossless, which
takes a third of the room. The radiograph's stream stays as it is; the random identifier that stands for its
patient is shortened, so that it fits into a corner.
"""

from __future__ import annotations

import sys
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
from pydicom.encaps import encapsulate, get_frame
from pydicom.uid import JPEGLSLossless

SAMPLES = Path(__file__).resolve().parent.parent / "resources" / "samples" / "images"
NAME = "NIH_16d7f894"


def compressed(source: Path) -> pydicom.Dataset:
    """The instance in *source* with its pixels as JPEG-LS lossless; everything else as it was."""
    instance = pydicom.dcmread(source)
    instance.PixelData = encapsulate([imagecodecs.jpegls_encode(instance.pixel_array)])
    instance["PixelData"].VR = "OB"
    instance["PixelData"].is_undefined_length = True
    instance.file_meta.TransferSyntaxUID = JPEGLSLossless
    return instance


def main(series: Path, radiograph: Path) -> None:
    """Write the samples and compare each slice with its source."""
    folder = SAMPLES / "ct-chest"
    folder.mkdir(parents=True, exist_ok=True)
    for source in sorted(series.glob("*.dcm")):
        copy = folder / source.name
        compressed(source).save_as(copy, enforce_file_format=True)
        before, after = pydicom.dcmread(source), pydicom.dcmread(copy)
        decoded = imagecodecs.jpegls_decode(get_frame(after.PixelData, 0, number_of_frames=1))
        assert np.array_equal(before.pixel_array, decoded), copy.name
        del before.PixelData, after.PixelData
        assert before == after, copy.name
    picture = pydicom.dcmread(radiograph)
    picture.PatientName = picture.PatientID = NAME
    copy = SAMPLES / "radiograph" / "chest-pa.dcm"
    copy.parent.mkdir(exist_ok=True)
    picture.save_as(copy, enforce_file_format=True)
    assert pydicom.dcmread(copy).PixelData == pydicom.dcmread(radiograph).PixelData
    size = sum(file.stat().st_size for file in SAMPLES.rglob("*.dcm"))
    print(f"{size / 1e6:.1f} MB, every pixel as in the source")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
