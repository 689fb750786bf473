"""The other side of the wall: a process that decodes frames, and may die of them without harm.

A request and its answer are JSON over a pipe; the pixels cross as plain bytes in shared memory that the
parent made. Nothing is unpickled from a worker.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from typing import Any

from medviewer.kit.limits import limit_memory, limit_time
from medviewer.kit.spawning import end_with_parent

MOST_MEMORY = 2 << 30
_SECONDS_OF_CPU = 120


def serve(connection: Connection) -> None:
    """Answer requests until the parent hangs up or dies."""
    # one thread for numpy's algebra, which is not used here but would reserve memory on large machines
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    # imported here, so that the limits above hold for what they load
    from medviewer.dicom.decode import prepare  # noqa: PLC0415

    prepare()
    limit_memory(MOST_MEMORY)
    memory: SharedMemory | None = None
    with contextlib.suppress(EOFError, OSError, BrokenPipeError):
        connection.send_bytes(b'{"ready": true}')
        while True:
            request = json.loads(connection.recv_bytes())
            if memory is None or memory.name != request["memory"]:
                if memory is not None:
                    memory.close()
                memory = SharedMemory(request["memory"])
            limit_time(_SECONDS_OF_CPU)
            connection.send_bytes(json.dumps(_answer(request, memory)).encode())
    if memory is not None:
        memory.close()


def _answer(request: dict[str, Any], memory: SharedMemory) -> dict[str, Any]:
    from medviewer.dicom.decode import Coded, decode  # noqa: PLC0415 - see serve
    from medviewer.dicom.precheck import NotYet, Refused  # noqa: PLC0415
    from medviewer.dicom.syntax import Coding  # noqa: PLC0415

    assert memory.buf is not None
    fields = {**request["coded"], "coding": Coding(request["coded"]["coding"])}
    start = request["start"]
    try:
        coded = Coded(data=bytes(memory.buf[start : start + request["length"]]), **fields)
        decoded = decode(coded)
        pixels = decoded.pixels
        memory.buf[start : start + pixels.nbytes] = pixels.reshape(-1).view("u1").data
    except NotYet:
        return {"again": True}
    except Refused as reason:
        return {"refused": str(reason)}
    except MemoryError:
        return {"refused": "needs more memory than a picture may"}
    except BaseException as trouble:  # noqa: BLE001 - the wall: some decoders raise what is not an Exception
        if isinstance(trouble, (KeyboardInterrupt, SystemExit)):
            raise
        return {"refused": f"cannot be decoded ({type(trouble).__name__})"}
    return {
        "shape": list(pixels.shape),
        "type": pixels.dtype.str,
        "photometric": decoded.photometric,
        "longer": decoded.is_longer,
    }
