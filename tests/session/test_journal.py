"""The journal of a study: small records that give back exactly what was done, however they end."""

from __future__ import annotations

import base64
import json
import struct
import time
import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medviewer.core.labels import LabelMap
from medviewer.core.volume import read_only
from medviewer.kit.paths import user_folder
from medviewer.session.keeping import changes, journal
from medviewer.session.keeping.changes import applied, difference
from medviewer.session.keeping.journal import Journal
from medviewer.session.keeping.packing import pack_ahead
from medviewer.session.keeping.plain import DAMAGE
from medviewer.session.state import Reading
from tests.session.test_saved import ANNA, LABELS, READINGS, Desk, found_again, kept, same

STATES = st.lists(READINGS, max_size=3).map(lambda those: {one.series: one for one in those})

PARTS = ["annotations", "findings", "pipeline", "key_pictures", "scales", "seeds"]
HOW = ["same", "painted", "renamed", "shorter", "gone"]


@st.composite
def later(draw, before):
    """A state that has much in common with an earlier one, as after an edit."""
    state = dict(before)
    for key in [*before]:
        reading, new = before[key], draw(READINGS)
        parts = draw(
            st.sets(st.sampled_from(["annotations", "findings", "pipeline", "key_pictures", "scales"]))
        )
        reading = replace(reading, **{name: getattr(new, name) for name in parts})
        groups = [
            draw(st.sampled_from(["same", "painted", "renamed", "shorter", "gone"])) for _ in reading.groups
        ]
        after = [changed_group(draw, one, how) for one, how in zip(reading.groups, groups, strict=True)]
        after = [one for one in after if one is not None] + draw(st.lists(LABELS, max_size=1))
        state[key] = replace(reading, groups=tuple(draw(st.permutations(after))))
    if before and draw(st.booleans()):
        del state[draw(st.sampled_from([*before]))]
    return {**state, **draw(STATES)}


def changed_group(draw, labels, how):
    if how == "painted" and labels.slices:
        at = draw(st.integers(0, len(labels.slices) - 1))
        old = labels.slices[at]
        new = np.zeros((7, 5), np.uint8) if old is None else old.copy()
        new[draw(st.integers(0, new.shape[0] - 1)) :, : draw(st.integers(0, 3))] = draw(st.integers(0, 255))
        return labels.with_slices({at: new})
    if how == "shorter":
        return replace(labels, slices=labels.slices[:-1])
    return {"gone": None, "renamed": replace(labels, name="other")}.get(how, labels)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_state_and_what_has_changed_since_give_the_later_state(data):
    before = data.draw(STATES)
    after = data.draw(later(before))
    said = difference(before, after)
    found = before if said is None else applied(before, said)
    assert set(found) == set(after)
    assert all(same(found[key], after[key]) for key in after)
    assert difference(after, after) is None


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_journal_of_many_changes_gives_the_last_state(data):
    state, first = {}, {}
    for _ in range(data.draw(st.integers(1, 5))):
        after = data.draw(later(state))
        said = difference(state, after)
        first = first if said is None else applied(first, said)
        state = after
    assert set(first) == set(state)
    assert all(same(first[key], state[key]) for key in state)


def painted(size=64, at=3):
    values = np.zeros((size, size), np.uint8)
    values[at : at + 9, 5:20] = 2
    return values


def test_a_stroke_costs_a_few_bytes_however_large_the_map_is():
    labels = LabelMap.empty(300).with_slices({at: painted(512) for at in range(300)})
    before = {"a": Reading("a", groups=(labels,))}
    stroke = painted(512)
    stroke[200:240, 300:340] = 1
    after = {"a": Reading("a", groups=(labels.with_slices({17: stroke}),))}
    said = difference(before, after)
    assert len(said) < 500
    found = applied(before, said)["a"].groups[0]
    assert np.array_equal(found.slices[17], stroke)
    assert all(found.slices[at] is labels.slices[at] for at in range(300) if at != 17)
    assert not found.slices[17].flags.writeable


def test_a_stroke_of_several_values_is_kept_too():
    many = np.random.default_rng(1).integers(0, 200, (40, 30)).astype(np.uint8)
    before = {"a": Reading("a", groups=(LabelMap.empty(1).with_slices({0: painted(64)}),))}
    new = painted(64)
    new[10:50, 20:50] = many
    after = {"a": replace(before["a"], groups=(before["a"].groups[0].with_slices({0: new}),))}
    assert np.array_equal(applied(before, difference(before, after))["a"].groups[0].slices[0], new)


def test_what_was_packed_in_the_background_is_written_as_that_and_compared_with_nothing(monkeypatch):
    found = [read_only(painted(64, at % 50)) for at in range(300)]
    before = {"a": Reading("a", groups=(LabelMap.empty(300),))}
    after = {"a": replace(before["a"], groups=(before["a"].groups[0].with_slices(dict(enumerate(found))),))}
    pack_ahead(found)
    monkeypatch.setattr(changes, "np", None)
    said = difference(before, after)
    monkeypatch.undo()
    again = applied(before, said)["a"].groups[0].slices
    assert all(np.array_equal(one, other) for one, other in zip(found, again, strict=True))


# the file


def records(stem, after=0):
    found = journal.read(stem, after)
    return [content for _, content in found.records], found.damaged


def written(stem, *contents):
    one = Journal(stem)
    for number, content in enumerate(contents, 1):
        one.append(number, content)
    one.rotate()
    (path,) = journal.segments(stem).values()
    return path


def test_a_journal_cut_at_any_byte_gives_the_records_before_the_cut_and_is_not_damaged(tmp_path):
    contents = (b"first", b"", b"third and longer")
    path = written(tmp_path / "s", *contents)
    whole = path.read_bytes()
    ends = [len(journal.MAGIC)]
    for content in contents:
        ends.append(ends[-1] + 20 + len(content))
    for size in range(len(whole) + 1):
        path.write_bytes(whole[:size])
        expected = [content for content, end in zip(contents, ends[1:], strict=True) if end <= size]
        assert records(tmp_path / "s") == (expected, False)


def test_a_bit_that_has_tipped_over_is_never_taken_for_work_and_is_told():
    folder = user_folder("tipped")
    contents = (b"first", b"second", b"third")
    path = written(folder / "s", *contents)
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        found, damaged = records(folder / "s")
        assert found == list(contents[: len(found)])
        assert len(found) < 3
        # pixels at the very end may as well be those of a record that a power cut has torn
        assert damaged == (at < len(whole) - len(b"third"))


def test_zeros_that_a_power_cut_leaves_at_the_end_are_no_damage(tmp_path):
    path = written(tmp_path / "s", b"one")
    path.write_bytes(path.read_bytes() + bytes(4096))
    assert records(tmp_path / "s") == ([b"one"], False)


def test_the_next_program_goes_on_after_a_torn_end(tmp_path):
    path = written(tmp_path / "s", b"one", b"two")
    path.write_bytes(path.read_bytes()[:-2])
    second = Journal(tmp_path / "s")
    second.append(2, b"two again")
    second.append(3, b"three")
    assert records(tmp_path / "s") == ([b"one", b"two again", b"three"], False)
    assert records(tmp_path / "s", after=2) == ([b"three"], False)
    second.rotate()


def test_a_torn_first_record_of_a_segment_is_written_over(tmp_path):
    path = written(tmp_path / "s", b"one")
    path.write_bytes(path.read_bytes()[:-1])
    second = Journal(tmp_path / "s")
    second.append(1, b"one again")
    assert records(tmp_path / "s") == ([b"one again"], False)
    second.rotate()


def test_a_gap_in_the_numbers_is_damage(tmp_path):
    one = Journal(tmp_path / "s")
    one.append(1, b"one")
    one.append(3, b"three")
    assert records(tmp_path / "s") == ([b"one"], True)
    one.rotate()
    other = Journal(tmp_path / "t")
    other.append(5, b"five")
    other.rotate()
    assert records(tmp_path / "t") == ([], True)


def test_a_record_that_the_disk_takes_half_of_leaves_nothing(tmp_path, monkeypatch):
    one = Journal(tmp_path / "s")
    one.append(1, b"one")
    real = journal.os.write
    calls = []

    def half(handle, content):
        calls.append(content)
        if len(calls) > 1:
            raise OSError(28, "No space left on device")
        return real(handle, bytes(content)[: len(content) // 2])

    with monkeypatch.context() as patch:
        patch.setattr(journal.os, "write", half)
        with pytest.raises(OSError, match="No space"):
            one.append(2, b"two")
    one.append(2, b"two")
    assert records(tmp_path / "s") == ([b"one", b"two"], False)
    one.rotate()


# damage


def journal_of(desk_notes):
    desk = Desk(ANNA)
    for text in desk_notes:
        desk.note("a", text)
    desk.die()
    (name,) = kept(".journal")
    return user_folder("readings") / name


def test_damage_in_the_middle_is_told_kept_aside_and_what_stands_before_it_counts():
    path = journal_of(["one", "two", "three"])
    whole = bytearray(path.read_bytes())
    whole[whole.index(b"two")] ^= 1
    path.write_bytes(bytes(whole))
    desk = Desk(ANNA)
    assert desk.notes("a") == ["one"]
    assert len(desk.told) == 1
    assert "damaged" in desk.told[0].message
    desk.note("a", "new")
    desk.die()
    again = found_again(ANNA)
    assert (again.notes("a"), again.told) == (["one", "new"], [])
    (bad,) = kept(".bad")
    assert (user_folder("readings") / bad).read_bytes() == bytes(whole)


def test_a_journal_without_its_checkpoint_is_kept_aside():
    desk = Desk(ANNA)
    desk.note("a", "one")
    desk.keeper.save_now()
    desk.note("a", "two")
    desk.die()
    (name,) = kept(".json")
    (user_folder("readings") / name).write_text("{")
    again = Desk(ANNA)
    assert again.notes("a") == []
    assert again.told
    again.note("a", "new")
    again.die()
    assert found_again(ANNA).notes("a") == ["new"]
    assert len(kept(".bad")) == 2


def record(said, pixels=b"", size=None):
    text = said if isinstance(said, bytes) else json.dumps(said).encode()
    return struct.pack("<II", len(text), len(pixels) if size is None else size) + text + pixels


def group(**changed):
    look = {"id": "1", "labels": [], "opacity": 0.4, "state": "proposed", "provenance": None}
    return {"from": -1, "count": 2, "slices": [], "look": look, **changed}


def of_group(*groups, pixels=b"", size=None):
    return record({"changed": {"a": {"groups": list(groups)}}, "gone": []}, pixels, size)


def of_slice(*numbers, pixels=b"", size=None):
    return of_group(group(slices=[list(numbers)]), pixels=pixels, size=size)


HUGE = [[at, 1 << 15, 1 << 15, 0, 0, 0, 0, -1] for at in range(6)]
HOSTILE = {
    "empty": b"",
    "shorter than its head": b"\0\0\0",
    "no JSON": record(b"abc"),
    "a number": record(b"5"),
    "200,000 deep": record(b"[" * 200_000),
    "no changes": record({"gone": []}),
    "gone is a number": record({"changed": {}, "gone": 5}),
    "an annotation that is none": record({"changed": {"a": {"annotations": [0, 0, [{}]]}}, "gone": []}),
    "a run beyond the end": record({"changed": {"a": {"annotations": [3, 0, []]}}, "gone": []}),
    "a run from behind": record({"changed": {"a": {"annotations": [-1, 0, []]}}, "gone": []}),
    "a run of words": record({"changed": {"a": {"annotations": ["x", 0, []]}}, "gone": []}),
    "a recipe that is none": record({"changed": {"a": {"pipeline": 5}}, "gone": []}),
    "a map that is not there": of_group(group(**{"from": 7})),
    "a map from behind": of_group(group(**{"from": -2})),
    "endless slices": of_group(group(count=1 << 60)),
    "slices below zero": of_group(group(count=-1)),
    "a slice that is not there": of_slice(5),
    "a slice from behind": of_slice(-1),
    "a slice beyond any picture": of_slice(0, 1 << 40, 1 << 40, 0, 0, 0, 0, -1),
    "slices that claim too much together": of_group(group(count=6, slices=HUGE)),
    "a box beyond the edge": of_slice(0, 4, 4, 2, 2, 4, 4, 1, pixels=bytes(16)),
    "a box from behind": of_slice(0, 4, 4, -2, 0, 2, 2, 1, pixels=bytes(16)),
    "a box of negative size": of_slice(0, 4, 4, 2, 2, -1, 1, 1, pixels=bytes(16)),
    "a box of seven numbers": of_slice(0, 4, 4, 0, 0, 1, 1),
    "no pixels": of_slice(0, 4, 4, 0, 0, 4, 4, -1),
    "a packed slice that is none": of_slice(0, 4, 4, "x!"),
    "a packed slice of another size": of_slice(0, 4, 4, base64.b64encode(zlib.compress(bytes(9))).decode()),
    "a packed slice without sides": of_slice(0, 0, 4, ""),
    "a value that is none": of_slice(0, 4, 4, 0, 0, 4, 4, 999, pixels=b"\xff\xff"),
    "pixels that are not packed": of_slice(0, 40, 40, 0, 0, 40, 40, -1, pixels=bytes(9), size=1600),
    "more pixels than any series has": of_slice(0, 4, 4, 0, 0, 4, 4, -1, size=0xFFFFFFFF),
    "pixels packed to burst": of_slice(
        0, 40, 40, 0, 0, 40, 40, 1, pixels=zlib.compress(bytes(1 << 24)), size=100_000
    ).replace(b'"count": 2', b'"count":-2'),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_record_is_refused_in_words_and_all_before_it_counts(content):
    with pytest.raises(DAMAGE):
        applied({}, content)
    path = journal_of(["good"])
    hostile = Journal(path.with_name(path.name.split(".")[0]))
    hostile.append(2, content)
    hostile.rotate()
    began = time.monotonic()
    desk = Desk(ANNA)
    assert time.monotonic() - began < 1
    assert (desk.notes("a"), len(desk.told)) == (["good"], 1)
    desk.note("a", "new")
    desk.die()
    assert found_again(ANNA).notes("a") == ["good", "new"]
