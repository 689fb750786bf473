"""Where resources and the user's data lie."""

from __future__ import annotations

import json
import os
import stat

import pytest

from medviewer.kit.paths import resource, resources, user_data, user_folder


def test_the_resources_are_found():
    assert resources().is_dir()
    assert json.loads(resource("windows.json").read_text(encoding="utf-8"))


def test_a_variable_moves_the_users_data(own_home, tmp_path, monkeypatch):
    assert user_data() == own_home
    monkeypatch.setenv("MEDVIEWER_HOME", str(tmp_path / "not" / "there yet"))
    assert user_data() == tmp_path / "not" / "there yet"
    assert user_data().is_dir()


@pytest.mark.skipif(os.name == "nt", reason="permissions as POSIX has them")
def test_only_the_user_may_look_into_the_users_data(tmp_path, monkeypatch):
    monkeypatch.setenv("MEDVIEWER_HOME", str(tmp_path / "home"))
    for folder in (user_folder("readings"), user_data()):
        assert stat.S_IMODE(folder.stat().st_mode) & 0o077 == 0


def test_without_the_variable_the_system_decides_and_names_the_program(tmp_path, monkeypatch):
    monkeypatch.delenv("MEDVIEWER_HOME")
    for name in ("HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    assert "medviewer" in user_data().parts
    assert tmp_path in user_data().parents
