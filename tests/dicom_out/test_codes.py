"""Codes are those of the dictionaries, not of anybody's memory."""

from __future__ import annotations

import pytest
from highdicom.sr import CodedConcept
from pydicom.sr import _cid_dict, _concepts_dict

from medviewer.export.dicom import codes
from medviewer.export.dicom.segmentation import Form
from medviewer.session.dicom_out.order import FORMS, TITLES

DICTIONARY = {
    (scheme, value): {found[0] for names in found_by_name.values() for found in [names.get(value)] if found}
    for scheme, found_by_name in _concepts_dict.concepts.items()
    for names in found_by_name.values()
    for value in names
}
OTHERWISE = {"LENGTH", "ANGLE", "VOLUME", "MEAN"}
"""Codes whose first entry in pydicom's dictionary has the long name of SNOMED."""


def every() -> list[tuple[str, CodedConcept]]:
    """All codes of the module by their names."""
    found = []
    for name, value in vars(codes).items():
        for one in value.values() if isinstance(value, dict) and name.isupper() else [value]:
            if isinstance(one, CodedConcept):
                found.append((name, one))
    return found


@pytest.mark.parametrize(("name", "code"), every(), ids=lambda one: one if isinstance(one, str) else "")
def test_a_code_is_in_its_dictionary_with_this_meaning(name: str, code: CodedConcept) -> None:
    assert len(code.value) <= 16
    assert len(code.meaning) <= 64
    if code.scheme_designator == codes.OWN or "{" in code.value and "SUV" not in code.value:
        return
    meanings = DICTIONARY.get((code.scheme_designator, code.value))
    assert meanings, f"{name}: {code.value} is in no dictionary"
    assert code.meaning in meanings


def test_titles_of_key_pictures_are_those_of_the_standard() -> None:
    allowed = {value for names in [_cid_dict.cid_concepts[7010]["DCM"]] for value in names}
    by_value = {value: name for name, found in _concepts_dict.concepts["DCM"].items() for value in found}
    assert all(by_value[one.value] in allowed for one in codes.KEY_TITLES.values())
    assert set(TITLES) == set(codes.KEY_TITLES)
    assert set(FORMS) == {one.value for one in Form}
