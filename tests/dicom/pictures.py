"""Files as the frames in them, for the tests of this folder."""

from __future__ import annotations

from pathlib import Path

from medviewer.core.volume import Frame
from medviewer.dicom.decode import Decoder, InProcessDecoder
from medviewer.dicom.group import group
from medviewer.dicom.read import read_header
from medviewer.dicom.source import SeriesSource


def frames(*paths: Path, decoder: Decoder | None = None) -> list[Frame]:
    """All frames, in the order of the files' names and of the frames in each file."""
    found = {}
    for study in group(read_header(path) for path in paths):
        for series in study.series:
            source = SeriesSource(series, decoder or InProcessDecoder())
            for at, address in enumerate(series.frames):
                found[series.instances[address.instance].path, address.frame] = source.frame(at)
            source.close()
    return [found[key] for key in sorted(found)]


def frame(path: Path, decoder: Decoder | None = None) -> Frame:
    """The first frame."""
    return frames(path, decoder=decoder)[0]


def words(made: Frame, step: str) -> str:
    """What decided one step, "" where nothing did."""
    return "; ".join(decision.words for decision in made.decided if decision.step == step)
