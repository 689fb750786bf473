"""A configuration as a small TOML file, and single settings by the words of a terminal."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from medviewer.kit.errors import BadValue, FileTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.params import Parameter, Value, checked, fields_of
from medviewer.training.configuration import Choice, Configuration

LARGEST_FILE = 1_000_000
AUGMENT = "augment"


def read(path: Path) -> Configuration:
    """The configuration in a TOML file. Raises FileTrouble, or BadValue that names the setting."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise FileTrouble(f"{path.name} is too large for a configuration.", "")
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as trouble:
        raise FileTrouble(f"{path.name} cannot be read: {trouble.strerror}.", "Check the path.") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as trouble:
        raise FileTrouble(f"{path.name} is no TOML file: {trouble}.", "Correct the line.") from None
    return of_sections(found)


def of_sections(found: Mapping[str, Any]) -> Configuration:
    """The configuration that some sections describe, all else as usual. Raises BadValue."""
    names = [one.name for one in fields(Configuration)]
    for name, values in found.items():
        if name not in names:
            raise BadValue(
                f"There is no section {name!r:.80} in a configuration.", f"There are: {', '.join(names)}."
            )
        if not isinstance(values, Mapping):
            raise BadValue(f"{name} must be a section.", f"Write [{name}] and its settings below.")
    plain = Configuration()
    return replace(plain, **{name: _section(getattr(plain, name), name, found[name]) for name in found})


def to_text(configuration: Configuration) -> str:
    """A TOML file that `read` takes, with what each setting means beside it."""
    return (
        "\n\n".join(
            _section_text(one.name, getattr(configuration, one.name)) for one in fields(Configuration)
        )
        + "\n"
    )


def write(path: Path, configuration: Configuration) -> None:
    """Write a TOML file, whole or not at all. Raises OSError."""
    write_atomically(path, to_text(configuration).encode())


def with_setting(configuration: Configuration, setting: str, text: str) -> Configuration:
    """With ``section.name`` as a terminal says it: ``train.epochs`` and ``50``. Raises BadValue."""
    section, _, name = setting.partition(".")
    if not name or section not in {one.name for one in fields(Configuration)}:
        raise BadValue(f"There is no setting {setting!r:.80}.", "Write section.name, such as train.epochs.")
    now = getattr(configuration, section)
    if isinstance(now, (Choice, tuple)):
        value: Any = text if name == "name" else _guessed(text)
    else:
        known = {one.name: one for one in _fields(now)}
        if name not in known:
            raise BadValue(f"{section} has no setting {name!r:.80}.", f"It has: {', '.join(known)}.")
        value = known[name].parse(text)
    return replace(configuration, **{section: _section(now, section, {**_plain(now), name: value})})


def _section(now: Any, name: str, values: Mapping[str, Any]) -> Any:
    if isinstance(now, Choice):
        called = values.get("name", now.name)
        rest = {key: _value(name, key, value) for key, value in values.items() if key != "name"}
        return Choice.of(str(called), **rest)
    if isinstance(now, tuple):
        return tuple(sorted((key, _value(name, key, value)) for key, value in values.items()))
    try:
        return replace(now, **{key: checked(_fields(now), {key: values[key]})[key] for key in values})
    except BadValue as trouble:
        raise BadValue(f"[{name}] {trouble.message}", trouble.advice) from None


def _fields(section: Any) -> tuple[Parameter, ...]:
    kind: Any = type(section)
    return fields_of(kind)


def _value(section: str, name: str, value: Any) -> Value:
    if not isinstance(value, (bool, int, float, str)):
        raise BadValue(f"{section}.{name} must be a number, a word, true or false.", "")
    return value


def _plain(section: Any) -> dict[str, Any]:
    if isinstance(section, Choice):
        return section.to_dict()
    if isinstance(section, tuple):
        return dict(section)
    return {one.name: getattr(section, one.name) for one in fields(section)}


def _section_text(name: str, section: Any) -> str:
    told = {} if isinstance(section, (Choice, tuple)) else {one.name: one for one in _fields(section)}
    lines = [f"[{name}]"]
    for key, value in _plain(section).items():
        if value is None:
            continue  # TOML has no such value; what is not there is as usual
        words = told[key].help or told[key].limits() if key in told else ""
        lines.append(f"{key} = {_toml(value)}" + (f"  # {words}" if words else ""))
    return "\n".join(lines)


def _toml(value: Value) -> str:
    # strings of JSON are basic strings of TOML, but for the one control character that it leaves alone
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _guessed(text: str) -> Value:
    """A number or a switch where the text is one; the declared thing itself checks it later."""
    if text in ("true", "false"):
        return text == "true"
    for read_as in (int, float):
        try:
            return read_as(text)
        except ValueError:
            continue
    return text
