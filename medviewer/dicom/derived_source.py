"""The data sets of the files that pictures are made from, without their pixels."""

from __future__ import annotations

import io
from typing import Any

from pydicom.dataset import FileDataset

from medviewer.core.study import Instance
from medviewer.dicom import unusual
from medviewer.dicom.fields import PIXELS
from medviewer.dicom.header import Header
from medviewer.dicom.opening import called
from medviewer.dicom.read import read_header
from medviewer.dicom.tags import content_until_pixels
from medviewer.kit.archive import Archive
from medviewer.kit.errors import DamagedFile, FileTrouble


class Originals:
    """Reads them one after the other; archives stay open until `close`."""

    def __init__(self) -> None:
        self._archives: dict[str, Archive] = {}

    def read(self, instance: Instance) -> tuple[FileDataset, Header]:
        """The data set of *instance* up to its pixels, and what the index knows of it. Raises FileTrouble."""
        name = called((instance.path, instance.member))
        try:
            data = self._member(instance) if instance.member else None
            content = content_until_pixels(instance.path, data, instance.member)
            header = read_header(instance.path, data, instance.member)
        except OSError as trouble:
            raise FileTrouble(f"{name} could not be read: {trouble.strerror}.", "Check the disk.") from None
        try:
            return unusual.read_until(io.BytesIO(content), _is_pixels), header
        except unusual.FAILURES as trouble:
            raise DamagedFile(
                f"The elements of {name} cannot be copied ({type(trouble).__name__}).", "Get the file again."
            ) from None

    def close(self) -> None:
        """Let go of archives."""
        for archive in self._archives.values():
            archive.close()
        self._archives.clear()

    def _member(self, instance: Instance) -> bytes:
        if instance.path not in self._archives:
            self._archives[instance.path] = Archive(instance.path)
        return self._archives[instance.path].read(instance.member)


def _is_pixels(tag: Any, vr: Any, length: int) -> bool:
    return int(tag) in PIXELS
