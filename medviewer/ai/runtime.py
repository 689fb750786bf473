"""ONNX Runtime, for everybody else in the house: bytes in, arrays out, stopped within a moment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from functools import cache
from threading import Lock
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as state

from medviewer.kit.errors import ModelTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.task import CancelToken

# UnicodeDecodeError: the runtime may quote damaged names in its own message.
_REFUSALS = (
    state.EPFail,
    state.Fail,
    state.InvalidArgument,
    state.InvalidGraph,
    state.InvalidProtobuf,
    state.ModelLoadCanceled,
    state.NoModel,
    state.NoSuchFile,
    state.NotFound,
    state.NotImplemented,
    state.RuntimeException,
    RuntimeError,
    ValueError,
    TypeError,
    MemoryError,
    UnicodeDecodeError,
)
_QUIET = 4

# Beside what `medviewer.ai` says: older versions, and Windows' own events, are stopped by this call only.
ort.disable_telemetry_events()


@frozen
class Port:
    """An input or an output of a network; a side of None is free."""

    name: str
    kind: str
    """tensor(float), ..."""
    shape: tuple[int | None, ...]


class Network:
    """A loaded network. One may be used from several threads, but is cancelled as one."""

    def __init__(self, data: bytes, name: str, token: CancelToken | None = None) -> None:
        """Load the model in *data*, which `screen` has passed. Raises ModelTrouble, Cancelled."""
        self.name = name
        self._token = token or CancelToken()
        self._lock = Lock()
        self._running: set[Any] = set()
        options = _options()
        # the Python binding keeps the flag alive with the options
        self._token.on_cancel(lambda: options.set_load_cancellation_flag(True))
        try:
            # always named: the Linux package also offers a remote provider
            self._session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except _REFUSALS as trouble:
            self._token.check()
            raise ModelTrouble(
                f"{name} cannot be loaded: {reason(trouble)}", "Ask its maker for another file."
            ) from trouble
        self._token.on_cancel(self._stop)
        self.inputs = tuple(_port(port) for port in self._session.get_inputs())
        self.outputs = tuple(_port(port) for port in self._session.get_outputs())

    def run(
        self, feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str], token: CancelToken | None = None
    ) -> dict[str, NDArray[Any]]:
        """The named outputs for *feeds*. Raises ModelTrouble, Cancelled within a fraction of a second.

        *token* cancels this run alone.
        """
        own = token or CancelToken()
        own.check()
        options = ort.RunOptions()
        own.on_cancel(lambda: setattr(options, "terminate", True))
        options.log_severity_level = _QUIET
        options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        with self._lock:
            self._token.check()
            self._running.add(options)
        try:
            found = self._session.run(list(outputs), dict(feeds), options)
        except _REFUSALS as trouble:
            # the runtime has no error of its own for "terminated"
            self._token.check()
            own.check()
            raise ModelTrouble(f"{self.name} failed: {reason(trouble)}") from trouble
        finally:
            with self._lock:
                self._running.discard(options)
        self._token.check()
        own.check()
        return {name: np.asarray(array) for name, array in zip(outputs, found, strict=True)}

    def _stop(self) -> None:
        with self._lock:
            for options in self._running:
                options.terminate = True


def reason(trouble: BaseException) -> str:
    """What the runtime said, in one short line without its own paths and codes."""
    words = str(trouble).replace("\n", " ").strip()
    if isinstance(trouble, MemoryError) or "Available memory of" in words:
        return f"it needs more memory than a model may have here ({memory_limit() / 1e9:.0f} GB)."
    node = re.search(r"while running (\w+) node", words)
    said = words.rpartition("Status Message: ")[2].rpartition("[ONNXRuntimeError] : ")[2]
    said = re.sub(r"/onnxruntime_src/\S+ .*?\)(?: \[[^\]]*\])? ?", "", said)
    parts = [part.strip() for part in said.split(" : ") if not re.fullmatch(r"\d+|[A-Z_]+", part.strip())]
    said = (" ".join(parts) or type(trouble).__name__)[:200].rstrip(". :")
    return f"its operation {node.group(1)} cannot be run: {said}." if node else f"{said}."


def memory_limit() -> int:
    """How many bytes all models together may take: half of what this computer has, at most 8 GB."""
    try:
        has = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        has = 8_000_000_000
    return min(8_000_000_000, has // 2)


def version() -> str:
    """The version of ONNX Runtime."""
    return str(ort.__version__)


@cache
def _limit_memory() -> None:
    """Give all sessions one pool of memory with an end; without it a model can take everything there is."""
    place = ort.OrtMemoryInfo("Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT)
    # 1: take what is asked for, not the next power of two
    plan = ort.OrtArenaCfg({"max_mem": memory_limit(), "arena_extend_strategy": 1})
    ort.create_and_register_allocator(place, plan)


def _options() -> Any:
    _limit_memory()
    options = ort.SessionOptions()
    options.add_session_config_entry("session.use_env_allocators", "1")
    options.log_severity_level = _QUIET
    # one core stays free for the window, and no core spins while it waits
    options.intra_op_num_threads = max(1, (os.cpu_count() or 2) - 1)
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _port(port: Any) -> Port:
    shape = tuple(side if isinstance(side, int) and side > 0 else None for side in port.shape or ())
    return Port(str(port.name), str(port.type), shape)
