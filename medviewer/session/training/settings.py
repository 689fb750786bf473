"""What a training is asked to do, as settings ``section.name`` with their values, and as a TOML file."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from medviewer.kit.errors import FileTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.params import Kind, Parameter, Value

LARGEST_FILE = 1_000_000
WIDEST = 2000
"""a range of numbers wider than this is no slider: nobody could aim"""
Settings = dict[str, Value]


def read(path: Path) -> Settings:
    """The settings in a TOML file; the training finds out whether there are such. Raises FileTrouble."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise FileTrouble(f"{path.name} is too large for a configuration.", "")
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as trouble:
        raise FileTrouble(f"{path.name} cannot be read: {trouble.strerror}.", "Check the path.") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as trouble:
        raise FileTrouble(f"{path.name} is no TOML file: {trouble}.", "Correct the line.") from None
    settings: Settings = {}
    for section, values in found.items():
        if not isinstance(values, dict):
            raise FileTrouble(
                f"{path.name}: {section} is no section.", f"Write [{section}] above its settings."
            )
        for name, value in values.items():
            if not isinstance(value, (bool, int, float, str)):
                raise FileTrouble(f"{path.name}: {section}.{name} is no number and no word.", "")
            settings[f"{section}.{name}"] = value
    return settings


def write(path: Path, settings: Mapping[str, Value]) -> None:
    """Write a TOML file that `read` and ``medviewer train --config`` take. Raises OSError."""
    sections: dict[str, list[str]] = {}
    for setting, value in settings.items():
        section, _, name = setting.partition(".")
        if value is not None:
            # strings of JSON are basic strings of TOML, but for one control character
            text = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
            sections.setdefault(section, []).append(f"{name} = {text}")
    text = "\n\n".join("\n".join((f"[{name}]", *lines)) for name, lines in sections.items())
    write_atomically(path, f"{text}\n".encode())


def words(settings: Mapping[str, Value]) -> tuple[str, ...]:
    """The settings as flags of ``medviewer train``, the choices by name before their parameters."""
    ordered = sorted(settings.items(), key=lambda one: (not one[0].endswith(".name"), one[0]))
    flags: list[str] = []
    for setting, value in ordered:
        if value is not None:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            flags.append(f"--set={setting}={text}")
    return tuple(flags)


def parameter(setting: str, told: Mapping[str, Any]) -> Parameter:
    """A parameter as the training describes it, by the name of its *setting*, for an editor."""
    kind = Kind(told.get("kind", "text"))
    low, high = told.get("minimum"), told.get("maximum")
    help_ = str(told.get("help", ""))
    if kind in (Kind.INTEGER, Kind.NUMBER) and told.get("default") is None:
        # a number that may be left out
        kind, help_ = Kind.TEXT, f"{help_} {told.get('limits', '')}, or empty".strip()
        low = high = None
    elif low is not None and high is not None and (high - low > WIDEST or 0 < low < high / WIDEST):
        high = None
    return Parameter(
        name=setting,
        label=str(told.get("label", setting)),
        kind=kind,
        default=told.get("default"),
        minimum=low,
        maximum=high,
        step=told.get("step"),
        choices=tuple(map(str, told.get("choices", ()))),
        unit=str(told.get("unit", "")),
        help=help_,
    )
