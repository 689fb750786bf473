"""Settings survive whatever has become of their file."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from medviewer.kit.settings import Settings, load, save

HOSTILE = {
    "empty": b"",
    "truncated": b'{"window": {"x": 1',
    "200,000 deep": b"[" * 200_000,
    "deep inside": b'{"theme": ' + b'{"a":' * 100_000,
    "endless numbers": b'{"w":1e9999,"h":' + b"9" * 100_000 + b"}",
    "wrong types": b'{"recent": 5, "theme": [], "folder": {"a": 1}}',
    "UTF-16": '{"theme": "light"}'.encode("utf-16"),
    "duplicate keys": b'{"theme": "light", "theme": "dark"}',
    "a list": b"[1, 2]",
    "a word": b'"dark"',
    "null": b"null",
    "binary": bytes(range(256)),
    "endless cache": b'{"cache_bytes": 1e9999}',
    "negative cache": b'{"cache_bytes": -5}',
    "absurd cache": b'{"cache_bytes": 99999999999999999999}',
    "a switch that is a number": b'{"remember_studies": 1}',
    "no such theme": b'{"theme": "purple"}',
    "no such corner text": b'{"corner_text": "all"}',
    "standing still": b'{"cine_rate": 0}',
    "a colour that is none": b'{"overlay_color": "yellow"}',
    "paths that are numbers": b'{"recent": ["a", 5]}',
    "far too large": b'{"folder": "' + b"x" * 2_000_000 + b'"}',
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_damaged_file_gives_the_defaults_and_is_kept_and_told(tmp_path, content):
    path, told = tmp_path / "settings.json", []
    path.write_bytes(content)
    assert load(path, told.append) == Settings()
    assert (tmp_path / "settings.json.bad").read_bytes() == content
    assert len(told) == 1
    assert "settings.json" in told[0].message
    assert "settings.json.bad" in told[0].advice


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_the_next_start_knows_nothing_of_the_damage(tmp_path, content):
    path, told = tmp_path / "settings.json", []
    path.write_bytes(content)
    load(path)
    assert load(path, told.append) == Settings()
    assert told == []


def test_what_is_right_beside_something_wrong_is_kept_at_this_start_and_the_next(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text('{"theme": "light", "cache_bytes": "much", "recent": ["a"], "from_the_future": 5}')
    assert load(path) == load(path) == Settings(theme="light", recent=("a",))


def test_a_setting_of_a_newer_version_is_no_damage(tmp_path):
    path, told = tmp_path / "settings.json", []
    path.write_text('{"theme": "light", "from_the_future": {"a": [1]}}')
    assert load(path, told.append) == Settings(theme="light")
    assert told == []
    assert not (tmp_path / "settings.json.bad").exists()


def test_no_file_is_no_damage(tmp_path):
    told = []
    assert load(tmp_path / "settings.json", told.append) == Settings()
    assert told == []


def test_a_file_saved_by_an_editor_with_a_byte_order_mark_is_read(tmp_path):
    path = tmp_path / "settings.json"
    path.write_bytes('{"theme": "light", "folder": "/Bilder/Röntgen"}'.encode("utf-8-sig"))
    assert load(path) == Settings(theme="light", folder="/Bilder/Röntgen")


def test_a_folder_in_the_place_of_the_file_is_survived(tmp_path):
    (tmp_path / "settings.json").mkdir()
    assert load(tmp_path / "settings.json") == Settings()


SETTINGS = st.builds(
    Settings,
    theme=st.sampled_from(["dark", "light", "contrast"]),
    cache_bytes=st.integers(0, 1 << 40),
    remember_studies=st.booleans(),
    recent=st.lists(st.text(max_size=10), max_size=4).map(tuple),
    corner_text=st.sampled_from(["full", "minimal", "off"]),
    folder=st.text(max_size=20),
    cine_rate=st.integers(1, 60),
    overlay_color=st.from_regex("#[0-9a-f]{6}", fullmatch=True),
)


@hypothesis_settings(max_examples=40, deadline=None)
@given(SETTINGS)
def test_what_was_saved_is_loaded(tmp_path_factory, chosen):
    path = tmp_path_factory.mktemp("settings") / "settings.json"
    save(chosen, path)
    assert load(path) == chosen


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@hypothesis_settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["theme", "cache_bytes", "remember_studies", "recent", "corner_text", "folder", "x"]),
        JSON,
    )
)
def test_any_mixture_of_right_and_wrong_gives_usable_settings(tmp_path_factory, found):
    path = tmp_path_factory.mktemp("settings") / "settings.json"
    path.write_text(json.dumps(found))
    loaded = load(path)
    assert loaded.theme in ("dark", "light", "contrast")
    assert loaded.corner_text in ("full", "minimal", "off")
    assert isinstance(loaded.cache_bytes, int)
    assert loaded.cache_bytes >= 0
    assert isinstance(loaded.remember_studies, bool)
    assert all(isinstance(path, str) for path in loaded.recent)
    assert isinstance(loaded.folder, str)
