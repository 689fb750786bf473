"""What a command is: a plain function with a name; menu, key, terminal and manual follow from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from medviewer.kit.frozen import frozen
from medviewer.kit.params import Parameter, checked, parameters
from medviewer.kit.registry import Registry

if TYPE_CHECKING:
    from medviewer.session.session import Session


@frozen
class Command:
    """A declared command; its parameters are the keyword-only arguments of *function*."""

    name: str
    title: str
    function: Callable[..., Any]
    menu: str = ""
    """the menu it stands in, "" for none"""
    icon: str = ""

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What it takes."""
        return parameters(self.function)

    @property
    def needs_more(self) -> bool:
        """Whether it takes something that has no default; told without looking at types, as menus ask all."""
        code, defaults = self.function.__code__, self.function.__kwdefaults__ or {}
        last = code.co_argcount + code.co_kwonlyargcount
        return any(name not in defaults for name in code.co_varnames[code.co_argcount : last])

    @property
    def help(self) -> str:
        """Its first sentence."""
        return (self.function.__doc__ or "").strip().splitlines()[0]

    def __call__(self, session: Session, /, **values: Any) -> Any:
        """Do it. Raises BadValue for a wrong parameter, and whatever the command raises."""
        return self.function(session, **checked(self.parameters, values))


COMMANDS: Registry[Command] = Registry("command", "medviewer.session_commands")


def command(
    name: str, *, title: str, menu: str = "", icon: str = ""
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare the decorated function as a command."""

    def declare(function: Callable[..., Any]) -> Callable[..., Any]:
        COMMANDS.add(Command(name, title, function, menu, icon))
        return function

    return declare
