"""Methods that are left to derived classes, of classes that cannot have a metaclass of their own."""

from __future__ import annotations

from abc import abstractmethod

import pytest
from PySide6.QtCore import QObject

from medviewer.gui.abstract import Abstract


class _Open(QObject, Abstract):
    @abstractmethod
    def first(self) -> int:
        """One thing."""

    @abstractmethod
    def second(self) -> int:
        """Another thing."""


def test_a_class_that_leaves_something_out_cannot_be_declared() -> None:
    with pytest.raises(TypeError, match="Half leaves out second"):

        class Half(_Open):
            def first(self) -> int:
                return 1


def test_one_that_has_all_can_be_made() -> None:
    class Whole(_Open):
        def first(self) -> int:
            return 1

        def second(self) -> int:
            return 2

    assert Whole().first() + Whole().second() == 3
