"""Parametric maps have the values that pydicom reads; documents leave their objects byte for byte."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pydicom
import pytest
from reportlab.pdfgen import canvas

from medviewer.core.object_kind import ObjectKind
from medviewer.core.objects import Enclosed, ParametricMap
from medviewer.core.voi import Curve
from medviewer.dicom.decode import InProcessDecoder
from medviewer.dicom.group import group
from medviewer.dicom.objects.enclosed import document_in
from medviewer.dicom.read import read_header
from medviewer.dicom.source import SeriesSource
from medviewer.imaging.documents.pages import Pages
from medviewer.kit.errors import DamagedFile
from tests.dicom.objects.files import made, opened

PDF = "1.2.840.10008.5.1.4.1.1.104.1"


@pytest.mark.parametrize("name", ["parametric_map_float.dcm", "parametric_map_double_float.dcm"])
def test_a_map_has_the_values_that_pydicom_reads(objects: Path, name: str) -> None:
    path = objects / name
    (study,) = group([read_header(path)])
    frame = SeriesSource(study.series[0], InProcessDecoder()).frame(0)
    expected = pydicom.dcmread(path).pixel_array
    assert np.allclose(frame.values(), expected, rtol=1e-6)
    # a width of 1 over shares of one is a ramp, not a threshold
    assert frame.windows[0].curve is Curve.LINEAR_EXACT


def test_real_world_values_have_their_slope_and_unit(objects: Path, tmp_path: Path) -> None:
    data = pydicom.dcmread(objects / "parametric_map_float.dcm")
    mapping = data.SharedFunctionalGroupsSequence[0].RealWorldValueMappingSequence[0]
    mapping.RealWorldValueSlope, mapping.RealWorldValueIntercept = 0.25, -3.0
    mapping.MeasurementUnitsCodeSequence[0].CodeValue = "um2/s"
    path = tmp_path / "map.dcm"
    data.save_as(path)
    (study,) = group([read_header(path)])
    frame = SeriesSource(study.series[0], InProcessDecoder()).frame(0)
    assert np.allclose(frame.values(), data.pixel_array * 0.25 - 3.0, rtol=1e-6)
    assert frame.rescale.unit == "um2/s"
    _, found = opened(path)
    assert found.kind is ObjectKind.MAP
    assert found.content == ParametricMap("feature_001", "um2/s")


def a_document(pages: int = 2) -> bytes:
    file = io.BytesIO()
    drawing = canvas.Canvas(file, pagesize=(300, 400), invariant=1)
    for number in range(pages):
        drawing.setFillColorRGB(1, 0, 0)
        drawing.rect(30, 40 + 100 * number, 60, 50, stroke=0, fill=1)
        drawing.showPage()
    drawing.save()
    return file.getvalue()


def in_object(path: Path, content: bytes, **values: object) -> Path:
    padded = content + b"\0" * (len(content) % 2)
    return made(
        path, PDF, "DOC", DocumentTitle="A letter", MIMETypeOfEncapsulatedDocument="application/pdf",
        EncapsulatedDocument=padded, EncapsulatedDocumentLength=len(content), **values,
    )  # fmt: skip


def test_a_document_leaves_its_object_byte_for_byte(tmp_path: Path) -> None:
    content = a_document() + b"%"
    instance, found = opened(in_object(tmp_path / "letter.dcm", content))
    assert found.content == Enclosed("A letter", "application/pdf")
    assert document_in(instance) == content


def test_pages_are_drawn_as_they_lie_in_the_document() -> None:
    pages = Pages(a_document(), "letter.dcm")
    try:
        assert pages.count == 2
        for number in range(2):
            drawn = pages.page(number, 600)
            assert abs(drawn.shape[1] - 600) <= 1
            assert abs(drawn.shape[0] - 800) <= 1
            is_red = (drawn[..., 0] > 200) & (drawn[..., 1] < 60)
            rows, columns = np.nonzero(is_red)
            # points count from the bottom of the page
            assert (columns.min(), columns.max()) == pytest.approx((60, 179), abs=1)
            bottom = 800 - 2 * (40 + 100 * number)
            assert (rows.min(), rows.max()) == pytest.approx((bottom - 100, bottom - 1), abs=1)
    finally:
        pages.close()


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"no document at all", a_document()[:300]])
def test_what_is_no_document_is_a_sentence(content: bytes) -> None:
    with pytest.raises(DamagedFile, match=r"letter\.dcm"):
        Pages(content, "letter.dcm")


def test_a_page_as_long_as_a_corridor_is_drawn_within_bounds() -> None:
    file = io.BytesIO()
    drawing = canvas.Canvas(file, pagesize=(14_000, 14_000))
    drawing.rect(0, 0, 7_000, 7_000, fill=1)
    drawing.save()
    pages = Pages(file.getvalue(), "long.dcm")
    try:
        drawn = pages.page(0, 50_000)
        assert drawn.nbytes <= 48 << 20
        height, width = drawn.shape[:2]
        assert drawn[height * 3 // 4, width // 4].tolist() == [0, 0, 0]
        assert drawn[height // 4, width * 3 // 4].tolist() == [255, 255, 255]
    finally:
        pages.close()


def test_an_object_without_its_document_is_a_sentence(tmp_path: Path) -> None:
    instance, _ = opened(made(tmp_path / "empty.dcm", PDF, "DOC", DocumentTitle="Nothing"))
    with pytest.raises(DamagedFile, match="holds no document"):
        document_in(instance)


def test_what_is_not_drawn_is_listed_and_said_in_words(objects: Path) -> None:
    _, found = opened(objects / "highdicom" / "sm_annotations.dcm")
    assert found.kind is ObjectKind.OTHER
    assert found.what == "Annotations of a microscopy slide"
    assert "does not draw it" in found.remarks[0]
    _, plan = opened(objects / "rt-breast" / "rtplan.dcm")
    assert plan.what == "A radiotherapy plan"
