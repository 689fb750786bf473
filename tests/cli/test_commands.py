"""What the commands answer, and what they say when something is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from medviewer.cli import info
from medviewer.cli.main import main
from medviewer.core.pipeline import Pipeline, Step
from medviewer.session.session import Session
from tests import factories

REPOSITORY = Path(__file__).resolve().parents[2]


class Terminal:
    """Runs a command in this process and keeps what it wrote."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture
        self.code = 0
        self.out = self.err = ""

    def __call__(self, *words: object) -> int:
        self.code = main([str(word) for word in words])
        self.out, self.err = self._capture.readouterr()
        return self.code

    def json(self, *words: object) -> Any:
        assert self(*words, "--json") == 0, self.err
        return json.loads(self.out)

    def refuses(self, *words: object, code: int) -> str:
        """The one sentence on standard error."""
        assert self(*words) == code, self.err
        assert self.err.count("\n") == 1, self.err
        assert "Traceback" not in self.err
        return self.err


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(capsys)


def image(path: Path) -> Any:
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED)


# --- info


def test_info_describes_a_volume_in_millimetres_of_the_patient(terminal, tmp_path):
    factories.ct(tmp_path, 8, spacing=(0.7, 0.8), step=2.5, rows=64, columns=48)
    told = terminal.json("info", tmp_path)
    (series,) = told["series"]
    assert told["unreadable"] == []
    assert (series["modality"], series["frames"], series["rows"], series["columns"]) == ("CT", 8, 64, 48)
    assert series["transfer_syntax"] == "1.2.840.10008.1.2.1"
    assert series["volume"]["shape"] == [8, 64, 48]
    assert series["volume"]["spacing_mm"] == pytest.approx([2.5, 0.7, 0.8])
    assert series["volume"]["origin_mm"] == pytest.approx([-32, -32, 0])
    assert np.allclose(series["volume"]["directions"], [[0, 0, 1], [0, 1, 0], [1, 0, 0]])
    assert series["problems"] == []


def test_info_says_what_differs_between_pictures_at_one_place(terminal, tmp_path):
    factories.repeated(tmp_path, [{"TriggerTime": time} for time in (0, 40, 80)])
    (series,) = terminal.json("info", tmp_path)["series"]
    assert series["frames"] == 15
    assert series["volume"]["shape"][0] == 5
    assert series["dimension"] == {"name": "Phase", "unit": "ms", "values": ["0", "40", "80"]}


def test_info_says_why_a_series_is_no_volume(terminal, tmp_path):
    factories.ct(tmp_path, 8, missing=[3])
    (series,) = terminal.json("info", tmp_path)["series"]
    assert series["frames"] == 7
    assert series["volume"] is None
    assert series["problems"]


def test_info_names_each_file_it_cannot_read(terminal, tmp_path):
    factories.xray(tmp_path / "a.dcm")
    (tmp_path / "notes.txt").write_text("nothing to see here " * 20)
    told = terminal.json("info", tmp_path)
    (bad,) = told["unreadable"]
    assert bad["path"] == str(tmp_path / "notes.txt")
    assert "text file" in bad["reason"]


def test_info_in_words_lists_series_and_troubles(terminal, tmp_path):
    factories.ct(tmp_path / "ct", 4, missing=[1])
    (tmp_path / "notes.txt").write_text("nothing to see here " * 20)
    assert terminal("info", tmp_path) == 0
    assert "CT  3 frames  64 x 64  no volume" in terminal.out
    assert "unreadable: " in terminal.out


def test_info_reads_archives_and_photographs_are_no_dicom(terminal, tmp_path):
    picture = factories.xray(tmp_path / "a.dcm")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(picture, "x/IM1")
    assert len(terminal.json("info", tmp_path / "a.zip")["series"]) == 1
    cv2.imwrite(str(tmp_path / "photo.jpg"), np.zeros((64, 64), np.uint8))
    assert "photo.jpg is a JPEG picture, not a DICOM file." in terminal.refuses(
        "info", tmp_path / "photo.jpg", code=1
    )


def test_an_empty_folder_and_a_wrong_path_are_told(terminal, tmp_path):
    assert "holds no files" in terminal.refuses("info", tmp_path, code=1)
    assert "There is no file or folder called" in terminal.refuses("info", tmp_path / "none", code=1)
    assert "holds no files" in terminal.refuses("render", tmp_path, "-o", tmp_path / "a.png", code=1)


# --- tags


def test_tags_lists_the_header(terminal, tmp_path):
    path = factories.xray(tmp_path / "a.dcm", PatientName="Muster^Max")
    rows = terminal.json("tags", path)
    (name,) = [row for row in rows if row["keyword"] == "PatientName"]
    assert (name["tag"], name["vr"], name["value"]) == ("(0010,0010)", "PN", "Muster^Max")
    assert terminal("tags", path) == 0
    assert "(0010,0010) PN Patient's Name: Muster^Max\n" in terminal.out


def test_tags_cannot_move_the_cursor(terminal, tmp_path):
    path = factories.xray(tmp_path / "a.dcm", PatientName="\x1b[2Jgone\u202e")
    assert terminal("tags", path) == 0
    assert "\x1b" not in terminal.out
    assert "\u202e" not in terminal.out


def test_tags_of_a_text_file_are_refused(terminal, tmp_path):
    (tmp_path / "a.txt").write_text("no image at all " * 20)
    assert "a.txt" in terminal.refuses("tags", tmp_path / "a.txt", code=1)


# --- render


def test_raw_is_exactly_the_pixels_of_the_file(terminal, tmp_path):
    path = factories.xray(tmp_path / "a.dcm", rows=37, columns=53)
    assert terminal("render", path, "--raw", "-o", tmp_path / "a.png") == 0
    assert image(tmp_path / "a.png").shape == (37, 53)
    assert image(tmp_path / "a.png").dtype == np.uint8


def test_a_window_is_applied_as_the_standard_says(terminal, tmp_path):
    (path,) = factories.ct(tmp_path / "s", 1, RescaleIntercept=0, volume=np.full((1, 8, 8), 66, np.int16))
    for window, grey in (("40,400", 144), ("-600,1500", 241), ("66.5,1", 0), ("66.4,1", 255)):
        assert terminal("render", path, "--raw", "--window", window, "-o", tmp_path / "a.png") == 0
        assert abs(int(image(tmp_path / "a.png")[0, 0]) - grey) <= 1, window


def test_frames_are_numbered_from_0_in_the_order_in_the_patient(terminal, tmp_path):
    volume = np.stack([np.full((8, 8), 100 * number, np.int16) for number in range(5)])
    factories.ct(tmp_path / "s", 5, volume=volume, RescaleIntercept=0)
    greys = []
    for frame in (0, 1, 4, -1):
        words = ("--frame", frame, "--window", "200,400", "-o", tmp_path / "a.png")
        assert terminal("render", tmp_path / "s", "--raw", *words) == 0
        greys.append(int(image(tmp_path / "a.png")[0, 0]))
    assert greys[0] < greys[1] < greys[2] == greys[3]
    told = terminal.refuses("render", tmp_path / "s", "--frame", 5, "-o", tmp_path / "a.png", code=2)
    assert "The frames of this series are 0 to 4." in told


def test_a_file_is_rendered_itself_and_not_its_neighbour(terminal, tmp_path):
    volume = np.stack([np.full((8, 8), 100 * number, np.int16) for number in range(5)])
    paths = factories.ct(tmp_path / "s", 5, volume=volume, RescaleIntercept=0)
    assert terminal("render", paths[3], "--raw", "--window", "200,400", "-o", tmp_path / "a.png") == 0
    assert abs(int(image(tmp_path / "a.png")[0, 0]) - round((300 - 199.5) / 399 * 255 + 127.5)) <= 1


def test_without_raw_the_picture_carries_its_scale_bar_letters_and_recipe_but_no_name(terminal, tmp_path):
    paths = factories.ct(tmp_path / "s", 3, rows=256, columns=256, PatientName="Muster^Max")
    plain, named = tmp_path / "plain.png", tmp_path / "named.png"
    assert terminal("render", paths[0], "--raw", "-o", plain) == 0
    assert terminal("render", paths[0], "-o", named) == 0
    assert image(named).shape == (256, 256, 3)
    assert not np.array_equal(image(named)[..., 0], image(plain))
    enhanced = tmp_path / "enhanced.png"
    assert terminal("render", paths[0], "--step", "gamma", "-o", enhanced) == 0
    # the recipe is named in the accent colour, which no grey picture has
    assert colored(enhanced) > colored(named)


def colored(path: Path) -> int:
    pixels = image(path).astype(int)
    return int(((pixels.max(axis=2) - pixels.min(axis=2)) > 60).sum())


def test_two_patients_give_the_same_picture(terminal, tmp_path):
    for name in ("Muster^Max", "Another^Person"):
        words = {"PatientName": name, "PatientID": name, "PatientBirthDate": str(19500101 + len(name))}
        (path,) = factories.ct(tmp_path / name, 1, rows=256, columns=256, **words)
        assert terminal("render", path, "-o", tmp_path / f"{name}.png") == 0
    assert np.array_equal(image(tmp_path / "Muster^Max.png"), image(tmp_path / "Another^Person.png"))


def test_scale_and_pixels_that_are_not_square_decide_the_size(terminal, tmp_path):
    (path,) = factories.ct(tmp_path / "s", 1, rows=40, columns=60, spacing=(2.0, 1.0))
    assert terminal("render", path, "--scale", 2, "-o", tmp_path / "a.png") == 0
    assert image(tmp_path / "a.png").shape == (160, 120, 3)
    assert "takes no --scale" in terminal.refuses(
        "render", path, "--raw", "--scale", 2, "-o", tmp_path / "a.png", code=2
    )
    terminal.refuses("render", path, "--scale", 99, "-o", tmp_path / "a.png", code=2)


def test_a_step_changes_the_picture_and_a_recipe_does_the_same(terminal, tmp_path):
    path = factories.xray(tmp_path / "a.dcm")
    pipeline = Pipeline((Step.of("clahe", {"clip_limit": 3.0, "tiles": 4}),), "mine")
    (tmp_path / "recipe.json").write_text(pipeline.to_json())
    plain, step, recipe = (tmp_path / f"{name}.png" for name in ("plain", "step", "recipe"))
    assert terminal("render", path, "--raw", "-o", plain) == 0
    assert terminal("render", path, "--raw", "--step", "clahe:clip_limit=3,tiles=4", "-o", step) == 0
    assert terminal("render", path, "--raw", "--recipe", tmp_path / "recipe.json", "-o", recipe) == 0
    assert not np.array_equal(image(plain), image(step))
    assert np.array_equal(image(recipe), image(step))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--step", "clahee"), "Did you mean clahe?"),
        (("--step", "CLAHE"), "Did you mean clahe?"),
        (("--step", "clahe:tiles=99"), "tiles of clahe: Tiles per side cannot be 99. It takes a whole"),
        (("--step", "clahe:tiles="), "cannot be empty"),
        (("--step", "clahe:clip_limit=99"), "from 0.5 to 10"),
        (("--step", "clahe:clip=3"), "Its parameters are: clip_limit, tiles."),
        (("--step", "clahe:clip_limit"), "Its parameters are"),
        (("--window", "wide"), "Give centre,width"),
        (("--window", "40,0"), "cannot have the centre 40 and the width 0"),
        (("--window", "nan,nan"), "cannot have"),
        (("--window", "1,2,3"), "is no window"),
        (("--series", "1.2.3"), "There is no series '1.2.3' here."),
        (("--frame", "x"), "invalid int value"),
        (("--nonsense",), "unrecognized arguments"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_2(terminal, tmp_path, words, told):
    (path,) = factories.ct(tmp_path / "s", 1)
    assert told in terminal.refuses("render", path, *words, "-o", tmp_path / "a.png", code=2)
    assert not (tmp_path / "a.png").exists()


def test_the_picture_file_needs_an_ending_and_a_folder(terminal, tmp_path):
    (path,) = factories.ct(tmp_path / "s", 1)
    assert ".png, .jpg" in terminal.refuses("render", path, "-o", tmp_path / "a.doc", code=2)
    assert "there is no folder" in terminal.refuses("render", path, "-o", tmp_path / "no" / "a.png", code=1)


def test_named_and_automatic_windows(terminal, tmp_path):
    (path,) = factories.ct(tmp_path / "s", 1)
    pictures = []
    for window in ("Lung", "lung", "Bone", "auto"):
        assert terminal("render", path, "--raw", "--window", window, "-o", tmp_path / "a.png") == 0
        pictures.append(image(tmp_path / "a.png"))
    assert np.array_equal(pictures[0], pictures[1])
    assert not np.array_equal(pictures[0], pictures[2])
    assert not np.array_equal(pictures[0], pictures[3])


def test_a_window_in_suv_is_refused_where_values_are_something_else(terminal, tmp_path):
    stored = np.array([[0, 2500, 5000, 9000]], np.uint16).repeat(4, axis=0)
    suv = {"modality": "PT", "Units": "GML", "RescaleSlope": "0.001", "RescaleIntercept": "0"}
    path = factories.gray(tmp_path / "pet.dcm", stored, **suv)
    assert terminal("render", path, "--raw", "--window", "SUV 0-5", "-o", tmp_path / "a.png") == 0
    assert image(tmp_path / "a.png")[0].tolist() == [0, 128, 255, 255]
    path = factories.gray(tmp_path / "lean.dcm", stored, **suv, SUVType="LBM")
    said = terminal.refuses("render", path, "--raw", "--window", "SUV 0-5", "-o", tmp_path / "b.png", code=2)
    assert "meant for SUVbw" in said
    assert "SUVlbm" in said


def test_of_several_series_the_first_is_taken_and_said(terminal, tmp_path):
    factories.ct(tmp_path / "s" / "1", 2, series="1", SeriesNumber=1)
    factories.ct(tmp_path / "s" / "2", 3, series="2", SeriesNumber=2, rows=32)
    assert terminal("render", tmp_path / "s", "--raw", "-o", tmp_path / "a.png") == 0
    assert "Of 2 series the first is taken" in terminal.err
    other = terminal.json("info", tmp_path / "s")["series"][1]
    assert (
        terminal("render", tmp_path / "s", "--series", other["uid"], "--raw", "-o", tmp_path / "a.png") == 0
    )
    assert terminal.err == ""
    assert image(tmp_path / "a.png").shape == (other["rows"], other["columns"])


def test_colour_stays_colour(terminal, tmp_path):
    path = factories.color(tmp_path / "a.dcm")
    assert terminal("render", path, "--raw", "-o", tmp_path / "a.png") == 0
    assert image(tmp_path / "a.png").ndim == 3


def test_a_picture_that_is_not_whole_is_written_and_said(terminal, tmp_path):
    path = factories.xray(tmp_path / "a.dcm")
    path.write_bytes(path.read_bytes()[:-4000])
    assert terminal("render", path, "--raw", "-o", tmp_path / "a.png") == 0
    assert "INCOMPLETE" in terminal.err


def test_a_report_has_no_picture(terminal, tmp_path):
    path = factories.report(tmp_path / "sr.dcm")
    assert "no pictures" in terminal.refuses("render", path, "-o", tmp_path / "a.png", code=1)


# --- enhance


def test_enhance_writes_every_picture_of_every_series_and_the_recipe(terminal, tmp_path):
    factories.ct(tmp_path / "s" / "1", 3, series="1", SeriesNumber=1)
    factories.ct(tmp_path / "s" / "2", 2, series="2", SeriesNumber=2, rows=32)
    assert terminal("enhance", tmp_path / "s", "-o", tmp_path / "out", "--step", "unsharp") == 0
    written = sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.*"))
    expected = [f"01-CT/000{number}.png" for number in range(3)] + ["02-CT/0000.png", "02-CT/0001.png"]
    assert written == [*expected, "recipe.json"]
    recipe = Pipeline.from_json((tmp_path / "out" / "recipe.json").read_text())
    assert recipe.steps[0].operation == "unsharp"
    # the recipe that lies beside the pictures makes the same pictures
    assert (
        terminal(
            "enhance", tmp_path / "s", "-o", tmp_path / "again", "--recipe", tmp_path / "out" / "recipe.json"
        )
        == 0
    )
    for name in expected:
        assert np.array_equal(image(tmp_path / "out" / name), image(tmp_path / "again" / name))


def test_enhance_puts_one_series_straight_into_the_folder(terminal, tmp_path):
    factories.ct(tmp_path / "s", 3)
    words = ("enhance", tmp_path / "s", "--step", "unsharp", "-o")
    assert terminal(*words, tmp_path / "out") == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        *("0000.png", "0001.png", "0002.png"),
        "recipe.json",
    ]
    assert terminal(*words, tmp_path / "last", "--frame", "-1") == 0
    assert [path.name for path in (tmp_path / "last").glob("*.png")] == ["0002.png"]
    assert np.array_equal(image(tmp_path / "last" / "0002.png"), image(tmp_path / "out" / "0002.png"))


def test_a_file_where_a_folder_is_wanted_is_told(terminal, tmp_path):
    (path,) = factories.ct(tmp_path / "s", 1)
    (tmp_path / "file").write_text("")
    told = terminal.refuses("enhance", path, "--step", "log", "-o", tmp_path / "file", code=1)
    assert "file is a file, not a folder." in told


def test_a_picture_is_no_recipe(terminal, tmp_path):
    path = factories.xray(tmp_path / "a.dcm")
    told = terminal.refuses("render", path, "--recipe", path, "-o", tmp_path / "a.png", code=1)
    assert "a.dcm is no recipe." in told


def test_enhance_needs_something_to_do(terminal, tmp_path):
    (path,) = factories.ct(tmp_path / "s", 1)
    assert "--step or --recipe" in terminal.refuses("enhance", path, "-o", tmp_path / "out", code=2)


# --- window and the whole


def test_help_names_every_command(terminal):
    assert terminal("--help") == 0
    for word in (
        "info",
        "tags",
        "render",
        "enhance",
        "segment",
        "infer",
        "models",
        "train",
        "evaluate",
        "bench",
        "--demo",
    ):
        assert word in terminal.out


@pytest.mark.parametrize(
    "command", ["info", "tags", "render", "enhance", "segment", "infer", "models", "bench"]
)
def test_every_command_explains_itself(terminal, command):
    assert terminal(command, "--help") == 0
    assert terminal.out.startswith(f"usage: medviewer {command}")


def test_help_of_render_lists_the_enhancements_with_their_limits(terminal):
    assert terminal("render", "--help") == 0
    assert "clip_limit=2.0 (from 0.5 to 10)" in terminal.out


def test_paths_open_the_window(terminal, tmp_path, monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    opened: list[Any] = []
    path = factories.xray(tmp_path / "info.dcm")

    def window(paths: list[Path], demo: bool) -> int:
        opened.append((paths, demo))
        return 0

    assert main([str(path), str(tmp_path)], window) == 0
    assert main(["--demo"], window) == 0
    assert main([], window) == 0
    assert opened == [([path, tmp_path], False), ([], True), ([], False)]


def test_a_misspelt_command_is_wrong_use_and_a_missing_file_is_bad_input(terminal, tmp_path):
    assert "Did you mean render?" in terminal.refuses("rendr", code=2)
    assert "There is no file" in terminal.refuses(tmp_path / "nothing.dcm", code=1)


def test_the_version_is_known_without_an_installed_package(terminal):
    assert terminal("--version") == 0
    assert terminal.out.split()[1][0].isdigit()
    assert "unknown" not in terminal.out


class LastingCommand:
    """A command that takes long, and tells how far it is at every step."""

    name, title, positional, lasts = "wait", "Wait", (), True

    @staticmethod
    def function(context, *, steps: int = 1000):
        """Wait."""
        for step in range(steps):
            context.report(step / steps, f"Step {step}")
        return {"steps": steps}


def test_what_lasts_tells_a_log_how_far_it_is_but_not_at_every_step(terminal, monkeypatch):
    monkeypatch.setattr("medviewer.cli.main._plugged", lambda name: {"wait": LastingCommand()})
    assert terminal.json("wait") == {"steps": 1000}
    lines = terminal.err.splitlines()
    assert 5 <= len(lines) <= 20
    assert lines[0].strip() == "8% Step 80"
    # what is not known to last stays silent
    monkeypatch.setattr(LastingCommand, "lasts", False)
    assert terminal.json("wait") == {"steps": 1000}
    assert terminal.err == ""


def test_without_a_screen_the_window_is_a_sentence(terminal, monkeypatch):
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    if sys.platform.startswith("linux"):
        assert "There is no screen" in terminal.refuses("--demo", code=1)


def test_something_nobody_foresaw_is_a_sentence_too(terminal, tmp_path, monkeypatch):
    def broken(_: object) -> int:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(info, "run", broken)
    told = terminal.refuses("info", tmp_path, code=1)
    assert "this is our mistake" in told
    assert "secret" not in told


def test_stopping_with_ctrl_c_is_quiet(terminal, tmp_path, monkeypatch):
    def stopped(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(info, "run", stopped)
    assert terminal("info", tmp_path) == 130
    assert terminal.err == "Stopped.\n"


def test_a_command_leaves_nothing_about_the_patient_behind(terminal, tmp_path, own_home):
    (path,) = factories.ct(tmp_path / "s", 1, PatientName="MARKER^SECRET", PatientID="MARKERID")
    assert terminal("render", path, "--step", "gamma", "-o", tmp_path / "a.png") == 0
    assert terminal("info", path) == 0
    written = b"".join(file.read_bytes() for file in own_home.rglob("*") if file.is_file())
    assert b"MARKER" not in written
    assert str(tmp_path).encode() not in written


def test_what_a_reader_kept_about_a_study_does_not_change_what_commands_write(terminal, tmp_path):
    (path,) = factories.ct(tmp_path / "s", 1)
    assert terminal("render", path, "--raw", "-o", tmp_path / "before.png") == 0
    session = Session()
    session.run("study.open", paths=(path,))
    session.run("enhance.add", operation="canny")
    session.close()
    assert terminal("render", path, "--raw", "-o", tmp_path / "after.png") == 0
    assert np.array_equal(image(tmp_path / "before.png"), image(tmp_path / "after.png"))


def program(*words: object, cwd: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(
        [sys.executable, "-m", "medviewer", *map(str, words)],
        capture_output=True, text=True, cwd=cwd, env=environment, timeout=120, check=False,
    )  # fmt: skip


def test_the_program_itself_answers(tmp_path):
    factories.ct(tmp_path / "s", 3, syntax="jpeg-2000")
    done = program("info", tmp_path / "s", "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["series"][0]["frames"] == 3
    done = program("render", "s", "-o", "a.png", cwd=tmp_path)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")
    assert image(tmp_path / "a.png").shape == (64, 64, 3)
    done = program("render", "none", "-o", "a.png", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    done = program("render")
    assert done.returncode == 2
    assert program("--version").stdout.startswith("medviewer ")


def test_a_reader_of_our_answer_may_stop_reading(tmp_path):
    path = factories.xray(tmp_path / "a.dcm")
    line = f"{sys.executable} -m medviewer tags {path} | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=REPOSITORY, check=False)
    assert done.stderr == ""


@pytest.fixture(scope="module")
def bad_files(shared_data: Path) -> list[Path]:
    return sorted((shared_data / "dicom" / "bad").iterdir())


@pytest.mark.parametrize("command", ["info", "tags", "render"])
def test_bad_files_give_a_picture_or_one_sentence_and_never_a_traceback(
    terminal, bad_files, tmp_path, command
):
    for path in bad_files:
        more = ("-o", tmp_path / "a.png") if command == "render" else ()
        code = terminal(command, path, *more)
        assert code in (0, 1), path.name
        assert "Traceback" not in terminal.err
        assert "our mistake" not in terminal.err, path.name
        if code:
            assert terminal.err.count("\n") == 1, (path.name, terminal.err)
            assert path.name in terminal.err, terminal.err


def test_a_picture_gets_the_greys_of_another_file(terminal, tmp_path):
    (path,) = factories.ct(tmp_path / "ct", slices=1)
    (other,) = factories.mr(tmp_path / "mr", slices=1)
    step, plain, recipe = tmp_path / "step.png", tmp_path / "plain.png", tmp_path / "out"
    wanted = f"match:reference=@{other},flat_areas=spread"
    assert terminal("render", path, "--raw", "--step", wanted, "-o", step) == 0
    assert terminal("render", other, "--raw", "-o", plain) == 0
    shares = np.linspace(0.02, 0.98, 25)
    here, there = (np.quantile(cv2.imread(str(one), cv2.IMREAD_GRAYSCALE), shares) for one in (step, plain))
    assert np.abs(here - there).max() <= 3
    assert terminal("enhance", path, "--step", wanted, "-o", recipe) == 0
    again = tmp_path / "again.png"
    other.unlink()  # the recipe carries the greys
    assert terminal("render", path, "--raw", "--recipe", recipe / "recipe.json", "-o", again) == 0
    assert np.array_equal(cv2.imread(str(again)), cv2.imread(str(step)))
