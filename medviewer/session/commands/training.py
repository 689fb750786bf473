"""Training a model in another process, beside the viewer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from medviewer.kit.params import Words
from medviewer.session.command import command
from medviewer.session.session_type import Session


@command("training.resume", title="Go on with a training")
def resume(session: Session, *, folder: Annotated[Path, Words(help="of a training that was stopped")]) -> str:
    """Go on with a training that was stopped, in the background; the answer is its key."""
    return str(session.trainings.resume(Path(folder)))


@command("training.stop", title="Stop the training", menu="AI")
def stop(session: Session) -> None:
    """Stop the model that is being trained; what it has learnt is kept, and it can go on later."""
    session.trainings.stop()
