"""Objects of the study: segmentations, structure sets, reports, key pictures, parametric maps, documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from medviewer.kit.errors import BadValue
from medviewer.session.command import command
from medviewer.session.session_type import Session

if TYPE_CHECKING:
    from medviewer.core.objects import StudyObject


@command("object.show", title="Show an object on its pictures")
def show(session: Session, *, uid: str) -> None:
    """Draw what an object of the study says on the pictures that it refers to."""
    # few studies hold objects: the others need not pay for them at start
    from medviewer.session.found import switching  # noqa: PLC0415

    switching.show(session, session.objects.of(uid))


@command("object.hide", title="Hide an object")
def hide(session: Session, *, uid: str) -> None:
    """Let nothing of an object be seen; what was read from it is kept."""
    from medviewer.session.found import switching  # noqa: PLC0415  (see `show`)

    switching.hide(session, session.objects.of(uid))


@command("object.show_all", title="Show all objects of the study", menu="Picture")
def show_all(session: Session) -> None:
    """Draw what all objects of the open studies say on the pictures that they refer to."""
    from medviewer.session.found import switching  # noqa: PLC0415  (see `show`)

    found = [one for one in _newest(session) if not switching.is_shown(session.state, one)]
    if not found:
        raise BadValue("There is no object that is not shown already.", "The studies on the left list them.")
    for one in found:
        try:
            switching.show(session, one)
        except BadValue as trouble:
            session.notify(trouble.message, trouble.advice, is_error=False)


@command("object.hide_all", title="Hide all objects of the study", menu="Picture")
def hide_all(session: Session) -> None:
    """Let nothing of any object be seen, so that the pictures stand alone."""
    from medviewer.session.found import switching  # noqa: PLC0415  (see `show`)

    for one in _drawn(session):
        if switching.is_shown(session.state, one):
            switching.hide(session, one)


@command("object.remove", title="Take an object out of the work")
def remove(session: Session, *, uid: str) -> None:
    """Take labels and annotations that were read from an object out of the reader's work."""
    from medviewer.session.found import switching  # noqa: PLC0415  (see `show`)

    switching.remove(session, session.objects.of(uid))


@command("object.fill", title="Make labels of outlines")
def fill(session: Session, *, uid: str) -> None:
    """Make label maps of what the outlines of a structure set enclose."""
    from medviewer.session.found import switching  # noqa: PLC0415  (see `show`)

    switching.fill(session, session.objects.of(uid))


@command("object.jump", title="Go to what an object speaks of")
def jump(session: Session, *, uid: str, instance: str = "", frame: int = -1) -> None:
    """Show the first picture that an object says something about, or one that it names."""
    from medviewer.session.found.jumping import jump_to  # noqa: PLC0415  (see `show`)

    jump_to(session, session.objects.of(uid), ((instance, frame),) if instance else ())


@command("object.save_document", title="Save the document")
def save_document(session: Session, *, uid: str, path: str) -> None:
    """Write the PDF inside an object to a file."""
    from medviewer.session.found.documents import save  # noqa: PLC0415  (see `show`)

    save(session, session.objects.of(uid), path)


def _newest(session: Session) -> list[StudyObject]:
    """What can be drawn and is not in the work, of several states of one thing the newest only."""
    found: dict[object, StudyObject] = {}
    for one in sorted(_drawn(session), key=lambda one: (one.when, one.time)):
        if not session.objects.is_own(one):
            found[session.objects.follows(one) or one.uid] = one
    return list(found.values())


def _drawn(session: Session) -> Iterator[StudyObject]:
    from medviewer.session.found import switching  # noqa: PLC0415  (see `show`)

    return (one for one in session.state.objects if one.kind in switching.DRAWN and switching.can_show(one))
