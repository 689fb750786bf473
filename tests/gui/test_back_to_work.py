"""After a kill the first page, or a notice, offers to go on; a click brings everything back."""

from __future__ import annotations

from pathlib import Path

from medviewer.gui.status_bar import NoticeLine
from medviewer.gui.welcome import Welcome
from medviewer.kit.runner import InlineRunner
from medviewer.session.session import Session
from medviewer.session.state import LastTime
from tests import factories


def worked(folder: Path, is_killed: bool) -> None:
    """Somebody was at work, and the program ended."""
    factories.ct(folder / "chest")
    session = Session(InlineRunner())
    session.workplace.begin()
    session.run("study.open", paths=(folder / "chest",))
    session.run("view.goto", index=6)
    session.runner.run_later()
    if is_killed:
        session.workplace._is_ours = False
        session.workplace._lock.release()
    session.close()


def again() -> Session:
    session = Session(InlineRunner())
    session.workplace.begin()
    return session


def test_after_a_kill_the_first_page_says_so_and_one_click_goes_on(qtbot, tmp_path):
    worked(tmp_path, is_killed=True)
    session = again()
    page = Welcome(session)
    qtbot.addWidget(page)
    page.show()
    assert page.back.isVisible()
    assert not page.again.isVisible()
    words = " ".join(label.text() for label in page.back.findChildren(type(page._title)))
    assert "ended unexpectedly; your work is kept" in words
    assert "chest" in words
    assert page.back.go.toolTip()
    page.back.go.click()
    assert session.view.current.index == 6
    assert not page.back.isVisible()
    page.stop()
    session.close()


def test_after_a_clean_end_it_is_a_link_and_before_any_work_it_is_nothing(qtbot, tmp_path):
    session = again()
    page = Welcome(session)
    qtbot.addWidget(page)
    page.show()
    assert not page.again.isVisible()
    assert not page.back.isVisible()
    page.stop()
    session.close()
    worked(tmp_path, is_killed=False)
    session = again()
    assert session.state.last_time is LastTime.CLOSED
    page = Welcome(session)
    qtbot.addWidget(page)
    page.show()
    assert page.again.isVisible()
    assert not page.back.isVisible()
    page.again.click()
    assert session.view.current.index == 6
    page.stop()
    session.close()


def test_a_notice_offers_what_can_be_done_and_others_offer_nothing(qtbot, tmp_path):
    worked(tmp_path, is_killed=True)
    session = Session(InlineRunner())
    session.run("study.open", paths=(tmp_path / "chest",))
    session.workplace.begin()
    line = NoticeLine(session)
    qtbot.addWidget(line)
    line.show_notices(session.state.notices, 0)
    assert not line.offer.isHidden()
    assert line.offer.text() == line.offer.accessibleName() == "Go on where you were"
    line.offer.click()
    assert session.view.current.index == 6
    assert session.state.notices == ()
    session.notify("something else")
    line.show_notices(session.state.notices, 0)
    assert line.offer.isHidden()
    line.stop()
    session.close()
