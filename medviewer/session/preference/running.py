"""A preference study as it runs: which pair is to be seen, what was answered, and how long that took."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medviewer.core.pipeline import Pipeline
from medviewer.core.study import SeriesKey
from medviewer.imaging.request import RenderRequest
from medviewer.kit.errors import BadValue, FileTrouble, MedviewerError
from medviewer.kit.task import Lane, Task, TaskContext, ignore
from medviewer.session.blindness import TOOLS
from medviewer.session.preference.journal import Journal, Kept, create, delete, find
from medviewer.session.preference.plan import Answer, Choice, Plan, Trial
from medviewer.session.preference.setup import cases_of, cases_shown, places, plan_of
from medviewer.session.state import MAX_VIEWPORTS, Blind, Layout, View, Viewport

if TYPE_CHECKING:
    from medviewer.session.session import Session

NOT_RUNNING = "No preference study is running."


class Running:
    """The study that runs in a session, if any. Everything happens on the main thread."""

    def __init__(self, session: Session, clock: Callable[[], float] = time.monotonic) -> None:
        self._session, self._clock = session, clock
        self._kept: Kept | None = None
        self._journal: Journal | None = None
        self._answers: list[Answer] = []
        self._places: tuple[tuple[SeriesKey, int], ...] = ()
        self._before = View()
        self._since: float | None = None
        """when the pair came to be seen; None while it is not"""
        self._spent_s = 0.0
        self.completed: Path | None = None
        """the folder of the study that ran last, once all is answered: before that results tell too much"""

    @property
    def kept(self) -> Kept:
        """The study with all that was answered. Raises BadValue when none runs."""
        if self._kept is None:
            raise BadValue(NOT_RUNNING, "Begin one, or go on with one, in the menu Enhance.")
        return replace(self._kept, answers=tuple(self._answers), remark="")

    def new(
        self, recipes: Sequence[Pipeline], series: Sequence[SeriesKey], every: int, **settled: Any
    ) -> str:
        """Set up a study of *series*, or of the pictures on the screen, and begin; its name.

        *settled* is what `plan_of` takes. Raises BadValue, FileTrouble.
        """
        self._refuse_two()
        cases = cases_of(self._session, series, every) if series else cases_shown(self._session)
        found = create(plan_of(cases, recipes, **settled))
        self.begin(found)
        return found.folder.name

    def resume(self, name: str) -> None:
        """Go on with the study in the folder of this name. Raises BadValue, FileTrouble."""
        self.begin(find(name))

    def delete(self, name: str) -> None:
        """Take a study off the disk. Raises BadValue, FileTrouble."""
        self._refuse_two()
        delete(find(name).folder)

    def begin(self, found: Kept) -> None:
        """Show the first pair that has no answer. Raises BadValue, FileTrouble where that cannot be done."""
        self._refuse_two()
        if found.is_done:
            raise BadValue("Every pair of this study is answered.", "See its results.")
        self._places = places(self._session, found.plan.cases)
        self._journal = Journal(found)
        if found.remark:
            self._session.notify(found.remark, "The file is kept as it was beside.", is_error=False)
        self._kept, self._answers, self.completed = found, list(found.answers), None
        self._before = self._session.view
        self._show()

    def stand(self, paint: Callable[[], object] = lambda: None) -> None:
        """Both pictures are ready: *paint* puts them on the screen, and from then on time counts."""
        blind = self._session.view.blind
        if blind is None or blind.stands or blind.paused:
            return
        self._tell(replace(blind, stands=True))
        paint()
        self._since = self._clock()
        self._prepare_next()

    def say(self, choice: str) -> None:
        """The same as `answer`, by word."""
        self.answer(Choice(choice))

    def answer(self, choice: Choice) -> None:
        """Take the reader's answer and show the next pair. Raises BadValue while none is to be seen."""
        plan, blind = self.kept.plan, self._session.view.blind
        if blind is None or self._since is None:
            paused = blind is not None and blind.paused
            raise BadValue(
                "The study is paused." if paused else "The pair is not to be seen yet.",
                "Esc goes on." if paused else "Both pictures come at the same moment.",
            )
        if choice is Choice.NEITHER and not plan.ties:
            raise BadValue("This study asks for one of the two.", "Choose the left or the right picture.")
        self._take(choice, round(1000 * (self._spent_s + self._clock() - self._since)))

    def skip(self, why: str) -> None:
        """The pair cannot be shown: note that, tell it, and go on."""
        self._session.notify(f"A pair could not be shown and is left out: {why}")
        self._take(Choice.SKIPPED, 0)

    def undo(self) -> None:
        """Ask the last answered pair again. Raises BadValue before the first answer."""
        assert self.kept is not None
        # a pair that could not be shown was not answered: it is asked for again with the one before
        if all(one.choice is Choice.SKIPPED for one in self._answers):
            raise BadValue("Nothing was answered yet.", "")
        taken = Choice.SKIPPED
        while taken is Choice.SKIPPED:
            last = self._answers.pop()
            taken = last.choice
            if self._journal is not None:
                self._journal.put_undo(last.trial)
        self._show()
        self._write()

    def pause(self, on: bool | None = None) -> None:
        """Cover the pictures and stop the clock, or go on; None: the other of both."""
        assert self.kept is not None
        blind = self._session.view.blind
        wanted = blind is not None and not blind.paused if on is None else on
        if blind is None or blind.paused is wanted:
            return
        if self._since is not None:
            self._spent_s += self._clock() - self._since
            self._since = None
        if not wanted:
            self._write()  # what a full disk has refused
        self._tell(replace(blind, paused=wanted, stands=False))

    def leave(self) -> None:
        """Put back what was shown before; the study can go on another time. Raises BadValue without one."""
        assert self.kept is not None
        self._write()
        self._kept, self._since = None, None
        self._session.change(lambda _: self._before)

    def settle(self) -> None:
        """Write here and now what is not on the disk, as a program that ends does. Raises FileTrouble."""
        if self._journal is not None:
            self._journal.write()

    def _refuse_two(self) -> None:
        if self._session.view.blind is not None:
            raise BadValue("A preference study is running already.", "Leave it first.")

    def _take(self, choice: Choice, ms: int) -> None:
        answer = Answer(len(self._answers), choice, ms, datetime.now(UTC).isoformat(timespec="milliseconds"))
        self._answers.append(answer)
        if self._journal is not None:
            self._journal.put(answer)
        if not self.kept.is_done:
            self._show()
            self._write()
            return
        self.completed = self.kept.folder
        self.leave()
        self._session.notify("The preference study is complete.", "Its results are kept.", is_error=False)

    def _write(self) -> None:
        journal = self._journal
        if journal is None:
            return

        def failed(trouble: Exception) -> None:
            self._session.notify(trouble)
            if self._kept is not None and isinstance(trouble, FileTrouble):
                self.pause(True)

        self._session.submit(Task(lambda _: journal.write(), ignore, failed, lane=Lane.NOW))

    def _show(self) -> None:
        """The next pair, covered until both pictures are there."""
        plan, at = self.kept.plan, len(self._answers)
        self._since, self._spent_s = None, 0.0
        left, right = self._sides(plan, plan.trials[at])
        blind = Blind(
            plan.question,
            at + 1,
            len(plan.trials),
            plan.ties,
            plan.window_locked,
            can_undo=any(one.choice is not Choice.SKIPPED for one in self._answers),
        )
        # the tool is the reader's, from pair to pair; the rest is the study's
        now = self._session.view
        tool = now.tool if now.tool in TOOLS or (now.tool == "window" and not plan.window_locked) else "pan"
        view = replace(
            self._before,
            layout=Layout(1, 2),
            viewports=(left, right, *(Viewport(),) * (MAX_VIEWPORTS - 2)),
            active=0,
            maximised=False,
            linked=True,
            tool=tool,
            peek=False,
            labels_hidden=False,
            selected="",
            crosshair=None,
            before_compare=None,
            before_planes=None,
            before_grid=None,
            blind=blind,
        )
        self._session.change(lambda _: view)

    def _sides(self, plan: Plan, trial: Trial) -> tuple[Viewport, Viewport]:
        key, index = self._places[trial.case]
        one = Viewport(series=key, index=index, voi=plan.cases[trial.case].voi)
        return replace(one, recipe=plan.recipes[trial.left]), replace(one, recipe=plan.recipes[trial.right])

    def _tell(self, blind: Blind) -> None:
        self._session.change(lambda view: replace(view, blind=blind))

    def _prepare_next(self) -> None:
        """Decode and enhance the next pair while this one is looked at."""
        plan, after = self.kept.plan, len(self._answers) + 1
        if after >= len(plan.trials):
            return
        rendering = self._session.rendering
        asked = [rendering.request_of(one, None) for one in self._sides(plan, plan.trials[after])]

        def work(context: TaskContext) -> None:
            for request in asked:
                if isinstance(request, RenderRequest):
                    with suppress(MedviewerError):  # it is told when its turn comes
                        frame = rendering.load(request, context)
                        final = replace(request, voi=rendering.decided(request))
                        rendering.drawing.enhanced(frame, final, context)

        self._session.submit(Task(work, lane=Lane.SOON, replaces="the next pair"))
