"""Recipes: data that can be compared, kept and read back, and files that pretend to be recipes."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medviewer.core.pipeline import Pipeline, Step, recipe_file
from medviewer.kit.errors import BadValue

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**6), 10**6),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(), max_size=10),
)
STEPS = st.builds(
    Step.of, st.text(max_size=10), st.dictionaries(st.text(max_size=6), VALUES, max_size=4), st.booleans()
)
PIPELINES = st.builds(
    Pipeline,
    st.lists(STEPS, max_size=5).map(tuple),
    st.text(st.characters(), max_size=20),
    st.text(st.characters(), max_size=20),
)

BLUR = Step.of("gaussian", {"radius": 2.0})
EDGES = Step.of("sobel", {"amount": 1, "look": "sign"})
STRETCH = Step.of("stretch", on=False)


@settings(max_examples=80, deadline=None)
@given(PIPELINES)
def test_a_recipe_survives_its_file(pipeline):
    found = Pipeline.from_json(pipeline.to_json().encode("utf-8").decode("utf-8"))
    assert found == pipeline
    assert found.digest == pipeline.digest
    assert hash(found) == hash(pipeline)


HOSTILE = {
    "empty": "",
    "no JSON": "recipe",
    "truncated": '{"medviewer_recipe": 1, "steps": [{"ope',
    "a list": "[]",
    "null": "null",
    "of another program": '{"steps": []}',
    "of a later version": '{"medviewer_recipe": 3, "steps": []}',
    "without steps": '{"medviewer_recipe": 1}',
    "steps are a number": '{"medviewer_recipe": 1, "steps": 5}',
    "steps are words": '{"medviewer_recipe": 1, "steps": ["gaussian"]}',
    "steps are a mapping": '{"medviewer_recipe": 1, "steps": {"a": 1}}',
    "a step without operation": '{"medviewer_recipe": 1, "steps": [{}]}',
    "values are a list": '{"medviewer_recipe": 1, "steps": [{"operation": "a", "values": [1]}]}',
    "values are null": '{"medviewer_recipe": 1, "steps": [{"operation": "a", "values": null}]}',
    "a value is a list": '{"medviewer_recipe": 1, "steps": [{"operation": "a", "values": {"x": [1]}}]}',
    "a value is no number": '{"medviewer_recipe": 1, "steps": [{"operation": "a", "values": {"x": NaN}}]}',
    "a value is endless": '{"medviewer_recipe": 1, "steps": [{"operation": "a", "values": {"x": 1e9999}}]}',
    "a number of 100,000 digits": '{"medviewer_recipe": 1, "steps": ' + "9" * 100_000 + "}",
    "200,000 deep": "[" * 200_000,
    "deep inside": '{"medviewer_recipe": 1, "steps": ' + '{"a":' * 100_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_recipe_is_refused_in_words(text):
    with pytest.raises(BadValue, match="recipe") as refused:
        Pipeline.from_json(text)
    assert refused.value.advice


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=80, deadline=None)
@given(
    st.fixed_dictionaries(
        {"medviewer_recipe": st.just(1)},
        optional={
            "steps": st.lists(
                st.fixed_dictionaries({}, optional={"operation": JSON, "values": JSON, "on": JSON}),
                max_size=2,
            )
            | JSON,
            "name": JSON,
            "description": JSON,
        },
    )
)
def test_whatever_stands_in_the_file_is_a_recipe_or_is_refused(found):
    try:
        pipeline = Pipeline.from_json(json.dumps(found))
    except BadValue:
        return
    assert Pipeline.from_json(pipeline.to_json().encode().decode()) == pipeline


def test_half_of_a_character_in_a_name_can_be_written_again():
    pipeline = Pipeline.from_json('{"medviewer_recipe": 1, "steps": [], "name": "a\\ud800"}')
    assert Pipeline.from_json(pipeline.to_json().encode().decode()) == pipeline


def test_a_recipe_without_a_name_has_an_empty_one():
    assert Pipeline.from_json('{"medviewer_recipe": 1, "steps": [], "name": null}').name == ""


def test_the_order_of_values_does_not_matter_and_the_order_of_steps_does():
    assert Step.of("a", {"x": 1, "y": 2}) == Step.of("a", {"y": 2, "x": 1})
    assert Pipeline((BLUR, EDGES)) != Pipeline((EDGES, BLUR))
    assert Pipeline((BLUR, EDGES)).digest != Pipeline((EDGES, BLUR)).digest


def test_the_digest_is_of_what_is_done_not_of_what_it_is_called():
    plain = Pipeline((BLUR, EDGES))
    assert Pipeline((BLUR, EDGES), "Name", "Words").digest == plain.digest
    assert Pipeline((BLUR, STRETCH, EDGES)).digest == plain.digest
    assert Pipeline((BLUR.with_values({"radius": 2.5}), EDGES)).digest != plain.digest


def test_only_steps_that_are_on_are_active():
    assert Pipeline((BLUR, STRETCH, EDGES)).active == (BLUR, EDGES)


def test_changing_a_value_keeps_the_others():
    assert EDGES.with_values({"amount": 3}) == Step.of("sobel", {"amount": 3, "look": "sign"})
    assert STRETCH.with_values({"low": 1}).on is False


@pytest.mark.parametrize(
    ("at", "to", "order"),
    [(0, 2, "bca"), (2, 0, "cab"), (0, 1, "bac"), (1, 1, "abc"), (0, 99, "bca"), (2, -5, "cab")],
)
def test_a_step_is_moved_to_its_place_among_the_others(at, to, order):
    pipeline = Pipeline(tuple(Step.of(name) for name in "abc"))
    assert "".join(step.operation for step in pipeline.moved(at, to).steps) == order


def test_steps_are_added_replaced_and_removed():
    pipeline = Pipeline().added(BLUR).added(EDGES)
    assert pipeline.steps == (BLUR, EDGES)
    assert pipeline.replaced(0, STRETCH).steps == (STRETCH, EDGES)
    assert pipeline.removed(0).steps == (EDGES,)


@pytest.mark.parametrize("at", [-1, 2, 99])
def test_a_step_that_is_not_there_is_refused(at):
    pipeline = Pipeline((BLUR, EDGES))
    for change in (pipeline.removed, lambda n: pipeline.replaced(n, BLUR), lambda n: pipeline.moved(n, 0)):
        with pytest.raises(BadValue, match=f"no step {at + 1}"):
            change(at)


def test_the_full_hash_is_of_all_steps_those_that_are_off_too():
    both = Pipeline((BLUR, STRETCH))
    assert len(both.sha256) == 64
    assert both.sha256 != Pipeline((BLUR,)).sha256
    assert both.sha256 != Pipeline((BLUR, Step.of("stretch"))).sha256
    assert both.sha256 == Pipeline((BLUR, STRETCH), "Name", "Words").sha256


def test_a_whole_number_is_one_value_however_a_program_writes_it():
    three, also = (recipe_file(json.dumps(_with_value(value))) for value in (3, 3.0))
    assert three.is_intact
    assert also.is_intact
    assert not recipe_file(json.dumps(_with_value(3.5))).is_intact


def test_what_was_hashed_can_be_computed_by_anybody():
    plain = '[["sobel",{"amount":1,"look":"sign"},true],["stretch",{},false]]'
    assert Pipeline((EDGES, STRETCH)).sha256 == hashlib.sha256(plain.encode()).hexdigest()


def _with_value(value):
    steps = [{"operation": "a", "values": {"x": value}, "on": True}]
    return {"medviewer_recipe": 2, "steps": steps, "sha256": Pipeline((Step.of("a", {"x": 3.0}),)).sha256}
