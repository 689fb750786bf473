"""The README says what is so: keys, commands, figures of the models, and a picture of the window."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from medviewer.cli.main import main

HOME = Path(__file__).resolve().parents[2]
PAGE = (HOME / "README.md").read_text(encoding="utf-8")


def test_the_table_of_models_says_what_their_cards_say() -> None:
    spec = importlib.util.spec_from_file_location("model_table", HOME / "packaging" / "model_table.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.table() in PAGE, "python packaging/model_table.py brings it up to date"


def test_every_key_in_the_readme_is_a_key_of_the_program() -> None:
    known = json.loads((HOME / "resources" / "shortcuts.json").read_text(encoding="utf-8"))
    keys = {key for one in known for key in one["keys"]}
    table = PAGE.split("| keys | do |")[1].split("\n\n")[0]
    told = {one.strip() for pair in re.findall(r"`` (.+?) ``|`([^`]+)`", table) for one in pair if one}
    assert told - keys == set()


def test_every_command_in_the_readme_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    listed = PAGE.split("## In the terminal")[1].split("```")[1]
    for command in re.findall(r"^medviewer ([a-z]+) ", listed, re.MULTILINE):
        assert main([command, "--help"]) == 0
        assert f"medviewer {command}" in capsys.readouterr().out


def test_the_picture_of_the_window_is_there() -> None:
    picture = QImage(str(HOME / ".github" / "window.png"))
    assert picture.width() >= 1400
    assert "](.github/window.png)" in PAGE


def test_the_readme_says_first_that_this_is_no_medical_device() -> None:
    assert "not be used for diagnosis" in " ".join(PAGE.split("## ")[0].split())
