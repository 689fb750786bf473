"""The log tells what went wrong and where, and nothing about patients."""

from __future__ import annotations

import logging

import pytest

from medviewer.kit.errors import DamagedFile
from medviewer.kit.log import described, pseudonym, set_up
from medviewer.kit.runner import InlineRunner
from medviewer.kit.task import Task

MARKER = "MUSTERMANN^ERIKA"


@pytest.fixture
def log_file(tmp_path):
    ours = logging.getLogger("medviewer")
    before = (list(ours.handlers), ours.level, ours.propagate)
    set_up(tmp_path / "logs")
    yield tmp_path / "logs" / "medviewer.log"
    for handler in ours.handlers:
        handler.close()
    ours.handlers[:], ours.level, ours.propagate = before


def raised(trouble):
    try:
        raise trouble
    except type(trouble) as caught:
        return caught


def test_an_exception_is_described_by_type_and_place_without_its_message():
    told = described(raised(ValueError(MARKER)))
    assert told.startswith("ValueError at test_log.py:")
    assert MARKER not in told


def test_neither_causes_nor_notes_reach_the_description():
    trouble = ValueError("x")
    trouble.__cause__ = KeyError(MARKER)
    trouble.add_note(MARKER)
    assert MARKER not in described(raised(trouble))


def test_an_exception_that_was_never_raised_can_be_described():
    assert described(ValueError(MARKER)) == "ValueError at "


@pytest.mark.parametrize("trouble", [ValueError(MARKER), DamagedFile(MARKER, MARKER), KeyError(MARKER)])
def test_a_task_that_fails_leaves_no_value_of_a_tag_in_the_log(log_file, trouble):
    def work(_):
        raise trouble

    InlineRunner().submit(Task(work))
    logging.getLogger("medviewer.test").info("the log works")
    text = log_file.read_text()
    assert "the log works" in text
    assert MARKER not in text
    assert ("ValueError at test_log.py" in text) == isinstance(trouble, ValueError)


def test_libraries_cannot_write_into_the_log(log_file):
    logging.getLogger("pydicom").warning(MARKER)
    logging.getLogger().error(MARKER)
    assert MARKER not in log_file.read_text()


def test_setting_up_twice_does_not_write_everything_twice(log_file):
    set_up(log_file.parent)
    logging.getLogger("medviewer.test").warning("once")
    assert log_file.read_text().count("once") == 1


def test_the_log_never_grows_beyond_two_megabytes(log_file):
    log = logging.getLogger("medviewer.test")
    for _ in range(300):
        log.warning("x" * 10_000)
    assert sum(path.stat().st_size for path in log_file.parent.iterdir()) <= 2_000_000


def test_a_pseudonym_is_the_same_within_a_run_and_tells_nothing():
    assert pseudonym("1.2.3") == pseudonym("1.2.3") != pseudonym("1.2.4")
    assert len(pseudonym(MARKER)) == 8
    assert pseudonym("\udcff") != pseudonym("a")
