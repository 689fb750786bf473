"""A study can be forgotten, and then nothing on the disk says that it was ever here."""

from __future__ import annotations

from pathlib import Path

from medviewer.session.session import Session
from tests import factories


def test_a_forgotten_study_leaves_no_name_behind(session: Session, tmp_path: Path, own_home: Path) -> None:
    factories.ct(tmp_path / "ct", slices=3, patient="Zyxwvutsrq")
    session.run("study.open", paths=(tmp_path / "ct",))
    session.thumbnail(session.view.current.series, lambda _: None)
    name = session.state.studies[0].patient.name
    assert name
    assert session.index.studies()

    session.run("study.forget")

    assert session.state.studies == ()
    assert session.index.studies() == ()
    session.close()
    left = [path for path in own_home.rglob("*") if path.is_file() and name.encode() in path.read_bytes()]
    assert left == []


def test_a_study_is_opened_again_without_looking_for_its_folder(tmp_path: Path) -> None:
    factories.ct(tmp_path / "ct", slices=3)
    first = Session()
    first.run("study.open", paths=(tmp_path / "ct",))
    first.close()

    again = Session()
    (remembered,) = again.index.studies()
    again.run("study.reopen", study=remembered.key)
    assert again.series(again.view.current.series).count == 3
    again.close()


def test_what_is_opened_is_what_is_seen(session: Session, tmp_path: Path) -> None:
    factories.ct(tmp_path / "one", slices=3, study="one", series="one")
    factories.ct(tmp_path / "two", slices=3, study="two", series="two")
    session.run("study.open", paths=(tmp_path / "one",))
    before = session.view.current.series
    session.run("study.open", paths=(tmp_path / "two",))
    assert session.view.current.series not in (None, before)
    assert len(session.state.studies) == 2
