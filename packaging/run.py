#!/usr/bin/env python3
"""The one entrance on a fresh machine: set everything up, then open the viewer or run the tests.

    python3 packaging/run.py app      set up, then open the viewer on the sample study
    python3 packaging/run.py test     set up, then style, types and the whole test suite

Further words go on to the viewer or to pytest. `setup`, `lint`, `types` and `bench` are parts of the same.
It needs the standard library only, of any Python from 3.7 on, so that an old one can say what is missing.
"""

import contextlib
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
VENV = HOME / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
VERSIONS = ("3.13", "3.12", "3.11")
# Found by trying on empty Debian and Ubuntu systems: what Qt needs for windows, and Chinese letters. libgl1
# and libegl1 bring Mesa's drivers along, in which VTK renders without a graphics card and without a screen.
QT_LIBRARIES = ["libgl1", "libegl1", "libglib2.0-0", "libdbus-1-3", "libfontconfig1", "libxkbcommon-x11-0"]
SCREEN_LIBRARIES = ["libxcb-cursor0", "libxcb-icccm4", "libxcb-keysyms1", "libxcb-shape0"]
WINDOW_PACKAGES = [*QT_LIBRARIES, *SCREEN_LIBRARIES, "fonts-wqy-microhei"]
# dcmtk (7 MB): the tests compare pictures and presentation states with what it makes of them.
TEST_PACKAGES = [*WINDOW_PACKAGES, "xvfb", "dcmtk"]
NEEDED = {
    "Linux": "Python 3.11, 3.12 or 3.13 from your system's packages",
    "Darwin": "macOS 14 or newer on Apple silicon, and Python 3.11 to 3.13 (brew install python@3.12)",
    "Windows": "64-bit Windows 10 or newer, and Python 3.11 to 3.13 (winget install Python.Python.3.12)",
}


def say(text):
    """Tell what is done, in order with the output of the programs that are called."""
    print("medviewer: " + text, flush=True)


def stop(text):
    """End with a clear sentence."""
    sys.exit("medviewer: " + text)


def run(*command, **options):
    """Run a program; whether it succeeded."""
    return subprocess.call([str(word) for word in command], cwd=str(HOME), **options) == 0


def version():
    """This Python, as 3.12."""
    return ".".join(platform.python_version_tuple()[:2])


def find_python():
    """Stay with this Python if it fits, else go on with one on the PATH that does."""
    if version() in VERSIONS:
        return
    for name in ("python" + fitting for fitting in VERSIONS):
        if shutil.which(name) and run(name, "-c", "", stderr=subprocess.DEVNULL):
            say("going on with " + name)
            sys.exit(subprocess.call([name, *sys.argv]))
    stop(f"this is Python {version()}. It needs {NEEDED.get(platform.system(), NEEDED['Linux'])}.")


# --- system packages: where apt is there they are installed, elsewhere they are named


def system_packages(wanted):
    """See to the system's libraries and say what is done."""
    if platform.system() != "Linux":
        say("needs " + NEEDED.get(platform.system(), "a system that Qt 6 runs on"))
    elif not (shutil.which("apt-get") and shutil.which("dpkg-query")):
        say("no apt here. If the window does not open, install what these Debian packages hold:")
        say("  " + " ".join(wanted))
    else:
        present = present_packages()
        missing = [name for name in (*wanted, *venv_package()) if name not in present]
        if missing:
            install_packages(missing)


def venv_package():
    """Debian leaves the part of Python that makes environments out of its python3."""
    try:
        import ensurepip  # noqa: F401, PLC0415 - only whether it is there
    except ImportError:
        return [f"python{version()}-venv"]
    return []


def present_packages():
    """Names of installed packages and of what they provide (libglib2.0-0t64 also is libglib2.0-0)."""
    form = "${db:Status-Abbrev}|${Package}, ${Provides}\n"
    listing = subprocess.check_output(["dpkg-query", "-W", "-f=" + form]).decode()
    lines = (line.split("|", 1) for line in listing.splitlines())
    names = ",".join(words for status, words in lines if status.startswith("ii")).split(",")
    return {name.split()[0].split(":")[0] for name in names if name.strip()}


def install_packages(missing):
    """Update the lists, then install, with sudo for everybody but root."""
    apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=120"]
    wish = "install -y --no-install-recommends " + " ".join(missing)
    by_hand = f"\n  sudo apt-get update && sudo apt-get {wish}"
    if os.geteuid() != 0:
        if not shutil.which("sudo"):
            stop("system packages are missing, and only an administrator can install them:" + by_hand)
        apt.insert(0, "sudo")
    say(f"installing system packages{' with sudo' if apt[0] == 'sudo' else ''}: {' '.join(missing)}")
    run(*apt, "update", "-qq")  # when it fails an older list may still do; the next line decides
    if not run(*apt, *wish.split(), stdout=subprocess.DEVNULL):
        stop("the system packages could not be installed. Do it by hand, then start this again:" + by_hand)


# --- Python packages: .venv holds exactly what the lock says


def setup(name, packages):
    """Everything up to an environment in which `python -m medviewer` works."""
    find_python()
    system_packages(packages)
    if is_current(name):
        return
    make_environment()
    lock = lock_of(name)
    say(f"installing what {lock.name} lists, each file checked by its hash (the first time takes minutes)")
    install(lock)
    run(PYTHON, "-m", "compileall", "-q", "medviewer")
    stamp(name).write_text(fingerprint(name))
    say(f"ready in {VENV}")


def lock_of(name):
    """The list of packages with their hashes."""
    return HOME / "packaging" / "requirements" / f"{name}.lock"


def stamp(name):
    """The file that says which lock was installed."""
    return VENV / f"medviewer-{name}.sha256"


def fingerprint(name):
    """What decides whether an environment is out of date."""
    parts = (lock_of(name).read_bytes(), (HOME / "pyproject.toml").read_bytes(), str(HOME).encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def is_current(name):
    """Whether this lock is installed already; the one for tests holds the viewer's packages too."""
    if not (PYTHON.exists() and run(PYTHON, "-c", "", stderr=subprocess.DEVNULL)):
        return False
    marks = [(stamp(each), fingerprint(each)) for each in {name, "test"}]
    return any(mark.exists() and mark.read_text() == wanted for mark, wanted in marks)


def make_environment():
    """A .venv with a Python that fits; one that does not is made anew."""
    fits = f"import sys, pip; sys.exit('%d.%d' % sys.version_info[:2] not in {VERSIONS})"
    if PYTHON.exists() and run(PYTHON, "-c", fits, stderr=subprocess.DEVNULL):
        return
    say(f"making {VENV} with Python {version()}")
    if not run(sys.executable, "-m", "venv", "--clear", VENV):
        stop(f"no environment could be made in {VENV}. Remove that folder and look at the free space.")


def install(lock):
    """The lock with uv where it is there and pip elsewhere, then the product itself, editable."""
    locked = ["--require-hashes", "--only-binary=:all:", "-r", lock]
    quick = shutil.which("uv")
    done = quick and run(quick, "pip", "install", "-q", "--python", PYTHON, "--compile-bytecode", *locked)
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    if not done and not run(*pip, *locked):
        stop(f"what {lock.name} lists could not be installed; the lines above say why (network? disk?).")
    if not run(*pip, "--no-deps", "--no-build-isolation", "--no-index", "--editable", "."):
        stop("medviewer itself could not be installed; the lines above say why.")


# --- what can be asked for; each returns whether it went well


def app(words):
    """Open the viewer on the sample study."""
    setup("app", WINDOW_PACKAGES)
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if platform.system() == "Linux" and not any(os.environ.get(name) for name in screens):
        stop("all is set up, but there is no screen here (DISPLAY is not set) to open the window on.")
    return run(PYTHON, "-m", "medviewer", "--demo", *words)


def bench(words):
    """How quick the viewer is here."""
    setup("app", WINDOW_PACKAGES)
    return run(PYTHON, "-m", "medviewer", "bench", *words)


def lint(words=()):
    """Style and formatting."""
    setup("test", TEST_PACKAGES)
    good = run(PYTHON, "-m", "ruff", "check", ".", *words)
    return run(PYTHON, "-m", "ruff", "format", "--check", ".", *words) and good


def types(words=()):
    """Types."""
    setup("test", TEST_PACKAGES)
    return run(PYTHON, "-m", "mypy", *words)


def test(words):
    """Style, types and every test, those of training included; pytest's own closing line comes last."""
    failed = [check.__name__ for check in (lint, types) if not check()]
    with virtual_screen() as surroundings:
        good, closing = pytest(words, surroundings)
    if failed:
        say("failed: " + ", ".join(failed))
        print(closing, flush=True)
    return good and not failed


def pytest(words, surroundings):
    """Run the suite and pass its output on; whether it is green, and its last line."""
    closing = ""
    command = [str(PYTHON), "-m", "pytest", *words]
    options = {"cwd": str(HOME), "env": surroundings, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, universal_newlines=True, **options) as suite:
        for line in suite.stdout:
            print(line, end="", flush=True)
            closing = line.rstrip() or closing
    return suite.returncode == 0, closing


@contextlib.contextmanager
def virtual_screen():
    """The surroundings for the tests: with a screen of its own for real windows, where there is Xvfb."""
    surroundings = dict(os.environ, PYTHONNOUSERSITE="1")
    if platform.system() != "Linux" or not shutil.which("Xvfb"):
        yield surroundings
        return
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1920x1200x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        number = os.read(reading, 16).decode().strip()  # it takes a free one and says so when it is ready
        surroundings.pop("WAYLAND_DISPLAY", None)
        surroundings.update({"DISPLAY": ":" + number} if number else {})
        try:
            yield surroundings
        finally:
            server.terminate()


TASKS = {"setup": lambda words: setup("test", TEST_PACKAGES) is None}
TASKS.update({task.__name__: task for task in (app, test, lint, types, bench)})


def main():
    """Choose and do."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in TASKS:
        sys.exit(__doc__)
    try:
        sys.exit(0 if TASKS[name](sys.argv[2:]) else 1)
    except KeyboardInterrupt:  # Ctrl+C, which the called program was told of too
        sys.exit(130)


if __name__ == "__main__":
    main()
