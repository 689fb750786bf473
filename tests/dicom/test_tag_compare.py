"""Two headers are compared element by element: what is missing on one side is said, and nothing is missed."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medviewer.dicom.tag_compare import Change, Pair, compare, tally
from medviewer.dicom.tags import TagRow, tag_table
from tests import factories


def _files(folder: Path, edit) -> tuple[Path, Path]:
    return factories.ct(folder / "one", 1)[0], factories.ct(folder / "two", 1, edit=edit)[0]


def _differences(first: Path, second: Path) -> dict[str, Change]:
    pairs = compare(tag_table(first), tag_table(second))
    return {pair.row.name: pair.change for pair in pairs if pair.differs and not _is_uid(pair)}


def _is_uid(pair: Pair) -> bool:
    return pair.row.vr == "UI"  # each file that is made has its own


def test_a_file_differs_from_itself_in_nothing(tmp_path: Path) -> None:
    rows = tag_table(factories.ultrasound(tmp_path / "a.dcm"))
    pairs = compare(rows, rows)
    assert [pair.first for pair in pairs] == list(rows)
    assert set(tally(pairs)) == {Change.SAME, Change.UNKNOWN}
    assert pairs[-1].change is Change.UNKNOWN  # the pixels are not looked at


def test_changed_values_and_what_one_side_lacks_are_told(tmp_path: Path) -> None:
    def edit(_: int, data: pydicom.Dataset) -> None:
        data.KVP = "80"
        data.ImageComments = "here"
        del data.SliceThickness

    first, second = _files(tmp_path, edit)
    found = _differences(first, second)
    assert found["Image Comments"] is Change.SECOND
    assert found["Slice Thickness"] is Change.FIRST
    assert found["KVP"] in (Change.VALUE, Change.SECOND)


def test_sequences_are_compared_item_by_item(tmp_path: Path) -> None:
    def codes(*values: str):
        def edit(_: int, data: pydicom.Dataset) -> None:
            data.ProcedureCodeSequence = [
                factories.item(CodeValue=value, CodeMeaning="x") for value in values
            ]

        return edit

    (first,) = factories.ct(tmp_path / "one", 1, edit=codes("A", "B"))
    (second,) = factories.ct(tmp_path / "two", 1, edit=codes("A", "C", "D"))
    pairs = compare(tag_table(first), tag_table(second))
    start = next(at for at, pair in enumerate(pairs) if pair.row.keyword == "ProcedureCodeSequence")
    told = [(pair.row.name, pair.change) for pair in pairs[start : start + 10]]
    assert told == [
        ("Procedure Code Sequence", Change.VALUE),
        ("Item 1", Change.SAME),
        ("Code Value", Change.SAME),
        ("Code Meaning", Change.SAME),
        ("Item 2", Change.INSIDE),
        ("Code Value", Change.VALUE),
        ("Code Meaning", Change.SAME),
        ("Item 3", Change.SECOND),
        ("Code Value", Change.SECOND),
        ("Code Meaning", Change.SECOND),
    ]


def test_a_difference_behind_the_end_of_a_long_text_is_not_missed(tmp_path: Path) -> None:
    def comment(last: str):
        def edit(_: int, data: pydicom.Dataset) -> None:
            data.ImageComments = "x" * 6000 + last
            data.add_new(0x00990010, "LO", "SOMEBODY")
            data.add_new(0x00991001, "OB", bytes(99) + last.encode())

        return edit

    (first,) = factories.ct(tmp_path / "one", 1, edit=comment("1"))
    (second,) = factories.ct(tmp_path / "two", 1, edit=comment("2"))
    found = _differences(first, second)
    assert found["Image Comments"] is Change.VALUE
    assert list(found.values()).count(Change.VALUE) == 2


@pytest.mark.rule("P-63")
def test_private_elements_belong_together_by_creator_whatever_block_they_got(tmp_path: Path) -> None:
    def block(*creators: str):
        def edit(_: int, data: pydicom.Dataset) -> None:
            for creator in creators:
                data.private_block(0x0099, creator, create=True).add_new(7, "LO", f"of {creator}")

        return edit

    (first,) = factories.ct(tmp_path / "one", 1, edit=block("MINE", "YOURS"))
    (second,) = factories.ct(tmp_path / "two", 1, edit=block("YOURS"))
    pairs = compare(tag_table(first), tag_table(second))
    told = {pair.row.value: pair.change for pair in pairs if pair.row.is_private}
    assert told == {
        "MINE": Change.FIRST,
        "YOURS": Change.SAME,
        "of MINE": Change.FIRST,
        "of YOURS": Change.SAME,
    }


LEAF = st.builds(
    TagRow,
    depth=st.just(0),
    tag=st.sampled_from([f"(0008,00{number:02X})" for number in range(8)]),
    vr=st.just("LO"),
    keyword=st.just(""),
    name=st.just("x"),
    value=st.sampled_from("ab"),
)


def _header(rows: list[TagRow]) -> tuple[TagRow, ...]:
    """Each number once, ascending, as a header has them."""
    return tuple(sorted({row.tag: row for row in rows}.values(), key=lambda row: row.tag))


@settings(max_examples=100, deadline=None)
@given(st.lists(LEAF), st.lists(LEAF))
def test_comparing_loses_nothing_and_exchanging_the_sides_exchanges_the_answer(ours, theirs) -> None:
    first, second = _header(ours), _header(theirs)
    pairs = compare(first, second)
    assert tuple(pair.first for pair in pairs if pair.first) == first
    assert tuple(pair.second for pair in pairs if pair.second) == second
    other = {Change.FIRST: Change.SECOND, Change.SECOND: Change.FIRST}
    turned = [Pair(one.second, one.first, other.get(one.change, one.change)) for one in pairs]
    assert list(compare(second, first)) == turned
    # the plain way: a dictionary of each side
    values = [{row.tag: row.value for row in side} for side in (first, second)]
    differing = {
        tag for tag in values[0].keys() | values[1].keys() if values[0].get(tag) != values[1].get(tag)
    }
    assert {pair.row.tag for pair in pairs if pair.differs} == differing


def test_twenty_thousand_elements_are_compared_within_a_second() -> None:
    rows = tuple(
        TagRow(0, f"({2 * (at >> 12):04X},{at & 0xFFF:04X})", "LO", "", "x", str(at)) for at in range(20_000)
    )
    other = tuple(replace(row, value="y") if at % 100 == 0 else row for at, row in enumerate(rows))
    started = time.process_time()
    pairs = compare(rows, other)
    assert time.process_time() - started < 1.5
    assert tally(pairs) == {Change.VALUE: 200, Change.SAME: 19_800}
