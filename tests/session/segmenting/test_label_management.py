"""Labels are added, named, locked, moved and removed; what is locked stays, and undo brings all back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom.sr._cid_dict import cid_concepts
from pydicom.sr.codedict import codes as known_codes

from medviewer.core.labels import SAFE_COLORS
from medviewer.kit.errors import BadValue
from medviewer.session.segmenting import codes
from medviewer.session.session import Session
from tests.session.segmenting.readings import Busy, groups, reading, told


def painted(session: Session, index: int, value: int, rows: slice) -> None:
    """Mark some rows of a slice in the group that is worked on."""
    (group,) = (one for one in groups(session) if one.id == session.view.group)
    before = group.slices[index]
    values = np.zeros((64, 64), np.uint8) if before is None else before.copy()
    values[rows] = value
    changed = group.with_slices({index: values})
    now = reading(session)
    swapped = tuple(changed if one.id == group.id else one for one in now.groups)
    session.edit("Paint", lambda document: document.with_reading(replace(now, groups=swapped)))


def test_labels_of_one_group_have_their_own_values_names_and_safe_colours(session: Session) -> None:
    for _ in range(3):
        session.run("labels.add")
    (group,) = groups(session)
    assert [(one.value, one.name, one.color) for one in group.labels] == [
        (1, "Label 1", SAFE_COLORS[0]),
        (2, "Label 2", SAFE_COLORS[1]),
        (3, "Label 3", SAFE_COLORS[2]),
    ]
    assert (session.view.group, session.view.label) == (group.id, 3)
    assert len(group.slices) == 8


def test_a_label_that_may_overlap_comes_into_a_group_of_its_own(session: Session) -> None:
    session.run("labels.add", name="Lung")
    session.run("labels.add", name="Nodule", overlapping=True)
    assert [[label.name for label in one.labels] for one in groups(session)] == [["Lung"], ["Nodule"]]
    assert groups(session)[0].name != groups(session)[1].name


def test_every_change_of_a_label_is_one_undo_that_names_it(session: Session) -> None:
    session.run("labels.add", name="Liver")
    before = groups(session)
    for command, values, words in (
        ("labels.rename", {"name": "Spleen"}, "Rename Liver"),
        ("labels.color", {"color": "#112233"}, "Colour of Liver"),
        ("labels.fill", {"filled": False}, "Outline Liver"),
        ("labels.lock", {"locked": True}, "Lock Liver"),
        ("labels.label_opacity", {"opacity": 0.8}, "Opacity of Liver"),
    ):
        session.run(command, **values)
        assert session.state.undo_label == words
        assert groups(session) != before
        session.run("edit.undo")
        assert groups(session) is before


def test_a_locked_label_is_neither_emptied_nor_moved_nor_removed(session: Session) -> None:
    session.run("labels.add", name="Lung")
    painted(session, 2, 1, slice(0, 10))
    session.run("labels.lock", locked=True)
    kept = groups(session)[0].slices
    for command in ("labels.clear", "labels.remove_label", "labels.move_label", "labels.remove"):
        with pytest.raises(BadValue, match="Lung is locked"):
            session.run(command)
    assert groups(session)[0].slices is kept


def test_removing_a_label_takes_its_marks_and_leaves_those_of_others(session: Session) -> None:
    session.run("labels.add", name="A")
    session.run("labels.add", name="B")
    painted(session, 0, 1, slice(0, 10))
    painted(session, 0, 2, slice(10, 20))
    painted(session, 1, 1, slice(0, 10))
    session.run("labels.remove_label", value=1)
    (group,) = groups(session)
    assert [one.name for one in group.labels] == ["B"]
    assert set(np.unique(group.slices[0])) == {0, 2}
    assert group.slices[1] is None


def test_a_label_moves_to_another_group_with_its_marks_and_pushes_nothing_aside(session: Session) -> None:
    session.run("labels.add", name="A")
    painted(session, 0, 1, slice(0, 10))
    session.run("labels.add", name="B", overlapping=True)
    painted(session, 0, 1, slice(5, 15))
    first, second = groups(session)
    session.run("labels.move_label", value=1, group=second.id, to=first.id)
    (group,) = groups(session)
    b = next(one for one in group.labels if one.name == "B")
    assert np.count_nonzero(group.slices[0] == 1) == 10 * 64
    assert np.count_nonzero(group.slices[0] == b.value) == 5 * 64
    assert (session.view.group, session.view.label) == (group.id, b.value)


def test_what_is_painted_while_a_label_is_taken_away_stays(session: Session) -> None:
    session.run("labels.add", name="A")
    session.run("labels.add", name="B")
    painted(session, 0, 1, slice(0, 10))
    painted(session, 1, 2, slice(0, 10))
    busy = Busy()
    session.runner = busy
    session.run("labels.remove_label", value=1)
    assert [one.name for one in groups(session)[0].labels] == ["A", "B"]
    painted(session, 0, 2, slice(20, 30))
    painted(session, 2, 1, slice(0, 10))
    busy.work_all()
    (group,) = groups(session)
    assert [one.name for one in group.labels] == ["B"]
    assert [np.unique(one).tolist() if one is not None else None for one in group.slices[:3]] == [
        [0, 2],
        [0, 2],
        None,
    ]
    session.run("edit.undo")
    assert [one.name for one in groups(session)[0].labels] == ["A", "B"]


def test_a_label_that_is_locked_meanwhile_is_not_emptied_and_that_is_told(session: Session) -> None:
    session.run("labels.add", name="Lung")
    painted(session, 2, 1, slice(0, 10))
    busy = Busy()
    session.runner = busy
    session.run("labels.clear")
    session.run("labels.lock", locked=True)
    kept = groups(session)[0].slices
    busy.work_all()
    assert groups(session)[0].slices is kept
    assert told(session)[-1] == "Lung is locked."


def test_blinking_and_solo_change_what_is_seen_and_nothing_of_the_work(session: Session) -> None:
    session.run("labels.add", name="A")
    document = session.state.document
    session.run("labels.blinked", off=True)
    assert not session.view.blinked_off  # nothing blinks
    session.run("labels.blink")
    session.run("labels.blinked", off=True)
    assert session.view.blinked_off
    session.run("labels.blink")
    assert not session.view.blinked_off
    session.run("labels.solo")
    assert session.view.solo
    assert session.state.document is document


def test_wrong_colours_names_and_labels_are_told_in_words(session: Session) -> None:
    with pytest.raises(BadValue, match="no such labels"):
        session.run("labels.rename", name="x")
    session.run("labels.add")
    for command, values, words in (
        ("labels.color", {"color": "red"}, "is no colour"),
        ("labels.rename", {"name": "  "}, "needs a name"),
        ("labels.choose", {"value": 9}, "no such label"),
        ("labels.code", {"meaning": ("1",)}, "value, a scheme and a meaning"),
    ):
        with pytest.raises(BadValue, match=words):
            session.run(command, **values)


def test_every_code_that_is_shipped_is_one_of_dicoms_dictionary() -> None:
    assert len(codes.kinds()) > 800
    for one in codes.kinds():
        found = {
            (code.value, code.scheme_designator, code.meaning)
            for keyword in cid_concepts[7151].get(one.meaning.scheme, ())
            for code in (getattr(known_codes.cid7151, keyword),)
            if code.value == one.meaning.value
        }
        if found:  # an ambiguous keyword gives its first code only
            assert (one.meaning.value, one.meaning.scheme, one.meaning.meaning) in found
    lung = codes.kind("Lung")
    assert lung is not None
    assert lung.meaning.to_list() == ["39607008", "SCT", "Lung"]
    anatomy = known_codes.cid7150.AnatomicalStructure
    assert (lung.category.value, lung.category.meaning) == (anatomy.value, anatomy.meaning)


def test_what_is_shipped_is_what_the_script_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    root = Path(__file__).resolve().parents[3]
    monkeypatch.syspath_prepend(str(root / "packaging"))
    import make_codes  # type: ignore[import-not-found]  # noqa: PLC0415

    shipped = json.loads((root / "resources" / "codes.json").read_text(encoding="utf-8"))
    made = make_codes.content()
    assert (shipped["categories"], shipped["types"]) == (made["categories"], made["types"])


def test_a_search_finds_what_begins_with_the_words_first() -> None:
    assert [one.meaning.meaning for one in codes.search("lung")][0] == "Lung"
    assert {one.meaning.meaning for one in codes.search("upper lobe lung")} == {"Upper lobe of lung"} | {
        one.meaning.meaning for one in codes.search("lobe lung upper")
    }
    assert all(one.is_usual for one in codes.search(""))
    assert codes.search("no such thing") == ()


def test_what_lists_of_dicom_call_otherwise_is_found_by_the_common_word() -> None:
    assert codes.search("air")[0].meaning.meaning == "Gas"
    assert codes.search("tumour")[0].meaning.meaning == "Neoplasm"
    assert "Esophagus" in {one.meaning.meaning for one in codes.search("oesophagus")}


def test_words_of_usual_colours_occur_in_the_lists_and_colours_in_the_safe_palette() -> None:
    told = " ".join(one.meaning.meaning.lower() for one in codes.kinds())
    for words, color in codes.USUAL_COLORS:
        assert color in SAFE_COLORS
        assert [word for word in words if word not in told] == []


def code(session: Session, name: str) -> None:
    found = codes.kind(name)
    assert found is not None
    session.run("labels.code", meaning=found.meaning.to_list(), category=found.category.to_list())


def test_a_first_meaning_brings_its_usual_colour_unless_it_is_taken_or_the_reader_has_chosen(
    session: Session,
) -> None:
    def colors() -> list[str]:
        return [label.color for group in groups(session) for label in group.labels]

    session.run("labels.add")
    before = colors()[0]
    code(session, "Vein")
    assert colors() == ["#0072b2"]
    session.run("edit.undo")
    assert colors() == [before]
    session.run("edit.redo")
    code(session, "Artery")  # another meaning is no reason to change what the reader has got used to
    assert colors() == ["#0072b2"]
    session.run("labels.add")
    second = colors()[1]
    code(session, "Portal vein")
    assert colors()[1] == second != "#0072b2"
    session.run("labels.add", color="#123456")
    code(session, "Nerve")
    assert colors()[2] == "#123456"
