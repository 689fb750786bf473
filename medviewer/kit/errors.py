"""What can go wrong, and what the reader can do about it.

MedviewerError
├── FileTrouble
│   ├── NotDicom
│   ├── DamagedFile
│   ├── TooLarge
│   └── DecoderMissing
├── SeriesTrouble
├── ModelTrouble
│   ├── CardInvalid
│   └── ModelDoesNotFit
├── ExportTrouble
├── IndexTrouble
├── TrainingTrouble
└── BadValue

`Cancelled` stands beside the tree: stopping something is not an error.
"""

from __future__ import annotations

from collections.abc import Sequence


class MedviewerError(Exception):
    """Something the reader should know: *message* says what happened, *advice* what can be done."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message} {self.advice}".rstrip()


class FileTrouble(MedviewerError):
    """A file cannot be used."""


class NotDicom(FileTrouble):
    """A file is something else than DICOM."""


class DamagedFile(FileTrouble):
    """A file is cut off or contradicts itself."""


class TooLarge(FileTrouble):
    """A file claims more than may be allocated for it."""


class DecoderMissing(FileTrouble):
    """Nothing here can decode this transfer syntax."""


class SeriesTrouble(MedviewerError):
    """A series cannot be used as asked, for instance because it is not a regular volume."""


class ModelTrouble(MedviewerError):
    """A model cannot be loaded or run."""


class CardInvalid(ModelTrouble):
    """A model card has faults; each is one sentence in *faults*."""

    def __init__(self, name: str, faults: Sequence[str]) -> None:
        super().__init__(
            f"The card of {name} cannot be used: {' '.join(faults)}", "Correct the card and try again."
        )
        self.faults = tuple(faults)


class ModelDoesNotFit(ModelTrouble):
    """A model was made for other images than these."""


class ExportTrouble(MedviewerError):
    """Something could not be written."""


class IndexTrouble(MedviewerError):
    """The index of studies cannot be used."""


class TrainingTrouble(MedviewerError):
    """Training data or a training run cannot be used."""


class BadValue(MedviewerError):
    """A value is outside what is allowed."""


class Cancelled(Exception):
    """Somebody stopped this work. Not an error, and never shown as one."""
