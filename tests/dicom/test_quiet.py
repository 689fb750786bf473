"""What pydicom warns of reaches no terminal, in however many threads files are read."""

from __future__ import annotations

import warnings
from pathlib import Path
from threading import Barrier, Thread

import pytest
from pydicom.misc import warn_and_log

from medviewer.dicom.charset import text
from medviewer.dicom.quiet import quietly
from medviewer.dicom.tags import tag_table
from tests import factories


@pytest.fixture
def told() -> None:
    """Everything is an error that is warned of, as it would be seen on a terminal."""
    warnings.simplefilter("error")


@pytest.mark.usefixtures("told")
def test_odd_letters_and_odd_elements_are_listed_without_a_warning(tmp_path: Path) -> None:
    (path,) = factories.ct(
        tmp_path, 1, SpecificCharacterSet="KLINGON", PatientComments=b"\x1b$)Cno such letters"
    )
    assert any(row.keyword == "PatientComments" for row in tag_table(path))
    assert "letters" in text(b"\x1b$)Cno such letters", "ISO 2022 IR 149")


@pytest.mark.usefixtures("told")
def test_of_calls_that_overlap_each_is_quiet_to_its_end_and_warnings_are_on_afterwards() -> None:
    both, first_is_out = Barrier(2), Barrier(2)
    troubles: list[Warning] = []

    def first() -> None:
        with quietly():
            both.wait(10)
        first_is_out.wait(10)

    def second() -> None:
        try:
            with quietly():
                both.wait(10)
                first_is_out.wait(10)
                warn_and_log("an odd file")
        except Warning as trouble:
            troubles.append(trouble)

    before = list(warnings.filters)
    threads = [Thread(target=one) for one in (first, second)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(10)
    assert troubles == []
    assert warnings.filters == before
    with pytest.raises(UserWarning, match="an odd file"):
        warn_and_log("an odd file")
