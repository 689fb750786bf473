"""What is declared as a function whose keyword-only arguments are its parameters, and how it is described."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from medviewer.kit.frozen import frozen
from medviewer.kit.params import Parameter, Value, checked, parameters


@frozen
class Declared:
    """A declared function as panels, command line and manual see it."""

    name: str
    title: str
    function: Callable[..., Any]

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What it takes."""
        return parameters(self.function)

    @property
    def help(self) -> str:
        """The first paragraph of what its function says of itself."""
        return (inspect.getdoc(self.function) or "").split("\n\n")[0].replace("\n", " ")

    def checked(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """All parameters with their values, defaults filled in. Raises BadValue."""
        return checked(self.parameters, values)
