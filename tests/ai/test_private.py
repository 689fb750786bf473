"""Networks run on this machine and for nobody else: nothing is sent, nothing is kept about it elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.ai.small_models import card, identity, write

ROOT = Path(__file__).resolve().parents[2]
QUIET = ("ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED", "ORT_RUNNING_UNIT_TESTS", "CI")
"""What makes ONNX Runtime keep still by itself."""

LOAD = """
import sys
from pathlib import Path
from medviewer.ai.runtime import Network
Network(Path(sys.argv[1]).read_bytes(), "small")
"""


def test_a_network_that_is_loaded_leaves_no_number_of_the_machine_behind(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    surroundings = {name: value for name, value in os.environ.items() if name.split("_")[0] != "XDG"}
    for name in QUIET:
        surroundings.pop(name, None)
    surroundings.update(HOME=str(home), LOCALAPPDATA=str(home), PYTHONPATH=str(ROOT))
    path = write(tmp_path, identity(), card())
    subprocess.run([sys.executable, "-c", LOAD, str(path)], env=surroundings, check=True, timeout=120)
    assert [found for found in home.rglob("*") if found.is_file()] == []
