"""Radiographs that were processed for display are shown as they were meant; raw ones say what they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest

from medviewer.core.volume import Frame
from medviewer.imaging.grayscale import effective_voi
from medviewer.imaging.render import RenderRequest, render
from medviewer.session.session import Session
from tests import factories

ENTRIES = (np.linspace(0, 1, 4096) ** 2 * 4095).astype(np.uint16)
PROCESSED = "FOR PRESENTATION"


def opened(session: Session, path: Path) -> Frame:
    """The picture of a file that has just been opened, decoded."""
    session.run("study.open", paths=(path,))
    now = session.view.current
    assert now.series is not None
    return session.frames.load(now.series, now.index)


def shown(session: Session, frame: Frame) -> np.ndarray:
    """Its greys as the viewport shows them when nobody has touched anything."""
    now = session.view.current
    assert now.series is not None
    voi = effective_voi(frame, session.rendering.voi(now))
    return np.asarray(render(frame, (), RenderRequest(now.series, now.index, voi)).pixels)


def linear(values: np.ndarray, center: float, width: float) -> np.ndarray:
    """LINEAR of PS3.3 C.11.2.1.2.1, 0 to 255."""
    return np.clip(((values - (center - 0.5)) / (width - 1) + 0.5) * 255, 0, 255)


@pytest.mark.rule("P-10b")
@pytest.mark.parametrize("modality", ["DX", "MG"])
def test_its_own_table_and_nothing_else_makes_the_greys(
    session: Session, tmp_path: Path, modality: str
) -> None:
    table = factories.item(LUTDescriptor=[4096, 0, 12], LUTExplanation="NORMAL", LUTData=ENTRIES.tobytes())
    path = factories.xray(
        tmp_path / "a.dcm",
        modality=modality,
        PresentationIntentType=PROCESSED,
        VOILUTSequence=[table],
        WindowCenter=2048,
        WindowWidth=4096,
    )
    frame = opened(session, path)
    stored = pydicom.dcmread(path).pixel_array
    expected = 255 - ENTRIES[stored] / 4095 * 255
    assert np.abs(shown(session, frame) - expected).max() <= 0.51


@pytest.mark.rule("P-10b")
@pytest.mark.parametrize("intent", [PROCESSED, "FOR PROCESSING"])
def test_no_enhancement_is_on_before_somebody_chooses_one(
    session: Session, tmp_path: Path, intent: str
) -> None:
    opened(session, factories.xray(tmp_path / "a.dcm", modality="MG", PresentationIntentType=intent))
    assert session.rendering.pipeline(session.view.current.series).active == ()
    assert session.rendering.shown_pipeline(0).active == ()


@pytest.mark.rule("P-10b")
@pytest.mark.parametrize(("name", "inverted"), [("mg-pixelspacing-test.dcm", False), ("dx_image.dcm", True)])
def test_real_ones_open_with_the_window_of_their_file(
    session: Session, shared_data: Path, name: str, inverted: bool
) -> None:
    path = shared_data / "dicom" / "cr-dx-mg" / name
    data = pydicom.dcmread(path)
    assert data.PresentationIntentType == PROCESSED
    frame = opened(session, path)
    greys = linear(data.pixel_array.astype(float), float(data.WindowCenter), float(data.WindowWidth))
    assert np.abs(shown(session, frame) - (255 - greys if inverted else greys)).max() <= 0.51


@pytest.mark.rule("P-10b")
def test_raw_data_say_that_nobody_has_processed_them(session: Session, tmp_path: Path) -> None:
    raw = factories.xray(tmp_path / "raw.dcm", PresentationIntentType="FOR PROCESSING")
    assert "Raw data, not processed for display" in opened(session, raw).remarks


def test_processed_ones_say_nothing_of_it(session: Session, tmp_path: Path) -> None:
    processed = factories.xray(tmp_path / "processed.dcm", PresentationIntentType=PROCESSED)
    assert opened(session, processed).remarks == ()
