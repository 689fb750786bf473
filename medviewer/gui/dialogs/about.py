"""What this program is, what it is not, and whose work it stands on."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from medviewer import __version__
from medviewer.gui import theme
from medviewer.gui.labels import plain_label
from medviewer.kit.paths import resource

WHAT = (
    "Looks at imaging studies, compares enhancements, and lets neural networks read along in the background."
)
NOT = (
    "Not a medical device. It is made for research and teaching; nothing it shows, measures or proposes "
    "may be the only ground of a diagnosis or a treatment."
)
LICENCES = """medviewer: Apache License 2.0

It stands on the work of others, among them:
Python (PSF), Qt and PySide6 (LGPL-3.0), pyqtgraph (MIT), NumPy (BSD-3-Clause), OpenCV (Apache-2.0),
pydicom (MIT), imagecodecs (BSD-3-Clause), pylibjpeg-openjpeg (MIT), OpenJPEG (BSD-2-Clause),
ONNX (Apache-2.0), ONNX Runtime (MIT), Protocol Buffers (BSD-3-Clause), platformdirs (MIT).

Each comes with its licence in its own package. Qt is linked dynamically and may be exchanged."""


class AboutDialog(QDialog):
    """The dialog behind Help, About."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("About medviewer")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(560, 440)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(plain_label(f"medviewer {__version__}", "title"))
        layout.addWidget(plain_label(WHAT, wrap=True))
        layout.addWidget(plain_label(NOT, "warning", wrap=True))
        words = QPlainTextEdit(_samples())
        words.setReadOnly(True)
        words.setAccessibleName("Licences")
        layout.addWidget(words, 1)
        shut = QPushButton("Close")
        shut.setAccessibleName("Close")
        shut.clicked.connect(self.close)
        theme.mark(shut, role="")
        layout.addWidget(shut, 0, Qt.AlignmentFlag.AlignRight)


def _samples() -> str:
    path = resource("samples/README.md")
    own = path.read_text(encoding="utf-8") if path.is_file() else ""
    return f"{LICENCES}\n\nThe sample studies:\n{own}".rstrip() if own else LICENCES
