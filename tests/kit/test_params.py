"""A parameter is declared once, and everything that is wrong with a value is said in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, Optional

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medviewer.kit.errors import BadValue
from medviewer.kit.params import Kind, Parameter, Slider, Words, checked, parameters


def enhance(
    image: object,
    *,
    clip_limit: Annotated[float, Slider(0.5, 10, step=0.1, unit="mm")] = 2.0,
    tiles: Annotated[int, Slider(1, 64, label="Number of tiles")] = 8,
    fast: bool = True,
    edge: Annotated[Literal["mirror", "zero"], Words("Border", help="what lies outside")] = "mirror",
    title: str = "",
    path: Path,
    seed: int | None = None,
    points: Sequence[float] = (),
) -> None:
    """Take one of each kind."""


DECLARED = {parameter.name: parameter for parameter in parameters(enhance)}


def test_every_kind_is_read_from_the_signature():
    assert {name: one.kind for name, one in DECLARED.items()} == {
        "clip_limit": Kind.NUMBER,
        "tiles": Kind.INTEGER,
        "fast": Kind.SWITCH,
        "edge": Kind.CHOICE,
        "title": Kind.TEXT,
        "path": Kind.PATH,
        "seed": Kind.INTEGER,
        "points": Kind.OTHER,
    }


def test_limits_label_unit_and_help_come_from_the_declaration():
    clip, tiles, edge = DECLARED["clip_limit"], DECLARED["tiles"], DECLARED["edge"]
    assert (clip.minimum, clip.maximum, clip.step, clip.unit, clip.default) == (0.5, 10, 0.1, "mm", 2.0)
    assert (clip.label, tiles.label, edge.label) == ("Clip limit", "Number of tiles", "Border")
    assert (edge.choices, edge.help) == (("mirror", "zero"), "what lies outside")


def test_only_what_has_no_default_is_required():
    assert [one.name for one in DECLARED.values() if one.required] == ["path"]


@pytest.mark.parametrize(
    "hint",
    [
        Annotated[int | None, Slider(1, 5)],
        Annotated[int, Slider(1, 5)] | None,
        Optional[Annotated[int, Slider(1, 5)]],  # noqa: UP045  as written by others
    ],
)
def test_or_none_may_stand_inside_or_outside_of_the_limits(hint):
    def function(*, number=None): ...

    function.__annotations__["number"] = hint
    (number,) = parameters(function)
    assert (number.kind, number.optional, number.minimum, number.maximum) == (Kind.INTEGER, True, 1, 5)
    assert number.checked(None) is None
    with pytest.raises(BadValue):
        number.checked(6)


def test_none_is_refused_where_it_is_not_declared():
    with pytest.raises(BadValue, match="Number of tiles cannot be None"):
        DECLARED["tiles"].checked(None)


@pytest.mark.parametrize("value", [0.5, 10, 10.0, 2.25])
def test_both_ends_of_a_range_are_allowed(value):
    assert DECLARED["clip_limit"].checked(value) == value
    assert isinstance(DECLARED["clip_limit"].checked(value), float)


@pytest.mark.parametrize(
    "value",
    [0.49, 10.01, float("nan"), float("inf"), -float("inf"), True, "2", None, 10**400, -(10**400), [2]],
)
def test_what_is_outside_or_no_number_is_refused_with_the_limits(value):
    with pytest.raises(BadValue) as refused:
        DECLARED["clip_limit"].checked(value)
    assert refused.value.message.startswith("Clip limit cannot be ")
    assert refused.value.advice == "It takes from 0.5 to 10 mm."


@pytest.mark.parametrize(("value", "whole"), [(3, 3), (3.0, 3), (64, 64)])
def test_a_whole_number_may_come_as_a_float(value, whole):
    got = DECLARED["tiles"].checked(value)
    assert got == whole
    assert type(got) is int


@pytest.mark.parametrize("value", [3.5, 65, 0, False, "3"])
def test_a_whole_number_is_not_rounded_silently(value):
    with pytest.raises(BadValue, match="Number of tiles cannot be"):
        DECLARED["tiles"].checked(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [("2.5", 2.5), (" 2.5 ", 2.5), ("1e0", 1.0), ("5E-1", 0.5), ("+3", 3.0), ("10.", 10.0), (".5", 0.5)],
)
def test_numbers_are_read_as_a_terminal_writes_them(text, value):
    assert DECLARED["clip_limit"].parse(text) == value


@pytest.mark.parametrize(
    "text", ["2,5", "1,500", "", "two", "0x10", "2.5mm", "nan", "inf", "1e999", "9" * 5000]
)
def test_a_text_that_could_mean_something_else_is_refused(text):
    with pytest.raises(BadValue):
        DECLARED["clip_limit"].parse(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("on", True), ("YES", True), ("1", True), (" true ", True), ("off", False), ("no", False), ("0", False)],
)
def test_a_switch_understands_the_usual_words(text, value):
    assert DECLARED["fast"].parse(text) is value


@pytest.mark.parametrize("value", [1, 0, "on", None])
def test_a_switch_takes_only_true_and_false(value):
    with pytest.raises(BadValue, match="Fast cannot be") as refused:
        DECLARED["fast"].checked(value)
    assert refused.value.advice == "It takes on or off."


@pytest.mark.parametrize("value", ["Mirror", "", None, 1, ["mirror"], {}])
def test_a_choice_takes_only_its_words_and_names_them(value):
    with pytest.raises(BadValue, match="Border cannot be") as refused:
        DECLARED["edge"].checked(value)
    assert refused.value.advice == "It takes one of mirror, zero."


def test_a_path_may_be_given_as_a_text():
    assert DECLARED["path"].checked("a/b") == DECLARED["path"].parse("a/b") == Path("a/b")


@pytest.mark.parametrize("value", [5, None, b"a", "a\0b"])
def test_what_can_be_no_path_is_refused(value):
    with pytest.raises(BadValue, match="Path cannot be"):
        DECLARED["path"].checked(value)


def test_a_text_is_taken_as_it_is_and_a_number_is_no_text():
    assert DECLARED["title"].parse("  <b>x</b> ") == "  <b>x</b> "
    with pytest.raises(BadValue):
        DECLARED["title"].checked(5)


def test_an_endless_wrong_value_makes_a_short_message():
    with pytest.raises(BadValue) as refused:
        DECLARED["edge"].checked("x" * 100_000)
    assert len(str(refused.value)) < 200


def test_defaults_are_filled_in_and_values_checked():
    values = checked(parameters(enhance), {"path": "x", "tiles": 4.0})
    assert values == {
        "clip_limit": 2.0,
        "tiles": 4,
        "fast": True,
        "edge": "mirror",
        "title": "",
        "path": Path("x"),
        "seed": None,
        "points": (),
    }


def test_a_missing_value_and_a_wrong_name_are_said():
    with pytest.raises(BadValue, match=r"Path is missing. It takes a path."):
        checked(parameters(enhance), {})
    with pytest.raises(BadValue, match=r"no parameter 'tile'. The parameters are: clip_limit, edge"):
        checked(parameters(enhance), {"path": "x", "tile": 4})


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_can_say_what_it_takes(kind):
    assert Parameter("a", "A", kind).limits()[0].islower()
    assert "a other" not in Parameter("a", "A", kind).limits()


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.lists(st.integers(), max_size=2),
)


@settings(max_examples=120, deadline=None)
@given(st.sampled_from([one for one in DECLARED.values() if one.kind is not Kind.OTHER]), ANYTHING)
def test_any_value_is_either_taken_as_declared_or_refused_in_words(parameter, value):
    types = {
        Kind.NUMBER: float,
        Kind.INTEGER: int,
        Kind.SWITCH: bool,
        Kind.CHOICE: str,
        Kind.TEXT: str,
        Kind.PATH: Path,
    }
    try:
        got = parameter.checked(value)
    except BadValue:
        return
    assert got is None if value is None else isinstance(got, types[parameter.kind])
    assert got is None or parameter.checked(got) == got
