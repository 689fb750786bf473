"""What the palette cannot say, as a Qt style sheet; "@name" stands for a colour of the theme."""

from __future__ import annotations

# Who clicks a button of a panel goes on reading: arrow keys and the space bar stay with the picture.
# Who comes with Tab uses them on the button.
RULES = """
QMainWindow, QMainWindow > QWidget#middle { background: @background; }
QToolTip { background: @raised; color: @text; border: 1px solid @line; padding: 4px 6px; }
QLabel { background: transparent; }
QLabel[role="muted"], QLabel[role="small"] { color: @muted; }
QLabel[role="small"], QToolButton[role="small"] { font-size: 9pt; }
QLabel[role="title"] { font-size: 12pt; font-weight: 600; }
QLabel[role="section"] { color: @muted; font-weight: 600; }
QLabel[role="ai"] { color: @ai; }
QLabel[role="warning"] { color: @warning; }
QLabel[role="error"] { color: @error; }
QMenuBar { background: @surface; border-bottom: 1px solid @line; padding: 1px 4px; }
QMenuBar::item { padding: 4px 8px; border-radius: 3px; background: transparent; }
QMenuBar::item:selected, QMenuBar::item:pressed { background: @chosen; color: @text; }
QMenu { background: @raised; border: 1px solid @line; padding: 4px 0; }
QMenu::item { padding: 5px 24px 5px 28px; }
QMenu::item:selected { background: @chosen; color: @text; }
QMenu::item:disabled { color: @faint; }
QMenu::separator { height: 1px; background: @line; margin: 4px 8px; }
QMenu::indicator { width: 14px; height: 14px; left: 8px; }
QToolBar { background: @surface; border: 0; border-bottom: 1px solid @line; padding: 3px 4px;
    spacing: 1px; }
QToolBar::separator { width: 1px; background: @line; margin: 5px 5px; }
QToolButton { border: 1px solid transparent; border-radius: 4px; padding: 4px; background: transparent; }
QToolButton:hover { background: @raised; border-color: @line; }
QToolButton:pressed { background: @chosen; }
QToolButton:checked { background: @raised; border-color: @line; border-bottom: 2px solid @accent; }
QToolButton:focus { border-color: @accent; }
QToolButton:disabled { color: @faint; }
QToolButton[role="fold"] { color: @muted; font-weight: 600; padding: 2px 4px 2px 0; }
QToolButton[role="fold"]:checked { background: transparent; border-color: transparent; }
QToolButton[role="fold"]:hover, QToolButton[role="fold"]:focus { color: @text; border-color: transparent; }
QToolButton::menu-indicator { width: 8px; height: 8px; subcontrol-position: right bottom; right: 1px;
    bottom: 1px; }
QToolButton[popupMode="2"] { padding-right: 10px; }
QToolButton[popupMode="1"] { padding-right: 13px; }
QToolButton::menu-button { border: none; background: transparent; width: 12px; }
QPushButton { background: @raised; border: 1px solid @line; border-radius: 4px; padding: 0 12px;
    min-height: 26px; color: @text; }
QPushButton:hover { border-color: @muted; }
QPushButton:pressed, QPushButton:checked { background: @chosen; border-color: @accent; }
QPushButton:focus { border-color: @accent; }
QPushButton:disabled { color: @faint; background: @surface; }
QPushButton[role="main"] { background: @accent; border-color: @accent; color: @on_accent;
    font-weight: 600; }
QPushButton[role="main"]:disabled { background: @surface; border-color: @line; color: @faint; }
QPushButton[role="main"]:focus { border: 2px solid @text; }
QPushButton[role="link"] { background: transparent; border: 1px solid transparent; color: @accent;
    padding: 0 4px;
    text-align: left; }
QPushButton[role="link"]:hover { text-decoration: underline; }
QPushButton[role="link"]:focus { border-color: @accent; }
QPushButton::menu-indicator { subcontrol-position: right center; right: 8px; }
QLineEdit, QPlainTextEdit, QComboBox, QAbstractSpinBox { background: @raised; border: 1px solid @line;
    border-radius: 4px; padding: 2px 6px; min-height: 22px; color: @text;
    selection-background-color: @accent;
    selection-color: @on_accent; }
QLineEdit:focus, QPlainTextEdit:focus, QComboBox:focus, QAbstractSpinBox:focus { border-color: @accent; }
QLineEdit:disabled, QComboBox:disabled, QAbstractSpinBox:disabled { color: @faint; background: @surface; }
QLineEdit[wrong="yes"] { border: 1px solid @error; }
QComboBox::drop-down { width: 20px; border: 0; }
QComboBox QAbstractItemView { background: @raised; border: 1px solid @line;
    selection-background-color: @chosen;
    selection-color: @text; }
QCheckBox { spacing: 8px; min-height: 24px; }
QCheckBox:focus { color: @accent; }
QCheckBox::indicator, QListView::indicator { width: 14px; height: 14px; border: 1px solid @muted;
    border-radius: 3px; background: @raised; }
QCheckBox::indicator:checked, QListView::indicator:checked { background: @ticked; border-color: @accent;
    image: url("@check"); }
QCheckBox::indicator:disabled { border-color: @line; background: @surface; }
QListView, QTreeView, QTableView { background: @surface; border: 0; outline: 0; }
QListView::item, QTreeView::item { padding: 3px; }
QListView::item:selected, QTreeView::item:selected, QTableView::item:selected { background: @chosen;
    color: @text; }
QListView::item:hover, QTreeView::item:hover { background: @raised; }
QTreeView::item:selected:hover { background: @chosen; }
QTableView { gridline-color: @line; }
QHeaderView::section { background: @surface; color: @muted; border: 0; border-bottom: 1px solid @line;
    padding: 4px 6px; }
QTabWidget::pane { border: 0; border-top: 1px solid @line; }
QTabBar { background: @surface; }
QTabBar::tab { background: transparent; color: @muted; padding: 6px 5px; border: 0;
    border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: @text; border-bottom: 2px solid @accent; }
QTabBar::tab:hover { color: @text; }
QTabBar::tab:focus { color: @accent; }
QScrollArea { border: 0; background: transparent; }
QScrollBar:vertical { background: @surface; width: 10px; margin: 0; }
QScrollBar::handle:vertical { background: @line; border-radius: 4px; min-height: 28px; margin: 1px; }
QScrollBar::handle:vertical:hover { background: @muted; }
QScrollBar:horizontal { background: @surface; height: 10px; margin: 0; }
QScrollBar::handle:horizontal { background: @line; border-radius: 4px; min-width: 28px; margin: 1px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSlider { min-height: 24px; }
QSlider::groove:horizontal { height: 3px; background: @line; border-radius: 1px; }
QSlider::sub-page:horizontal { background: @accent; border-radius: 1px; }
QSlider::handle:horizontal { background: @text; width: 12px; height: 12px; margin: -5px 0;
    border-radius: 6px; }
QSlider::handle:horizontal:focus { background: @accent; border: 2px solid @text; width: 10px;
    height: 10px; }
QSlider::handle:horizontal:disabled, QSlider::sub-page:horizontal:disabled { background: @line; }
QLabel[role="on-picture"] { color: #e4e7ea; background: transparent; }
QSlider[role="on-picture"] { background: transparent; }
QSlider[role="on-picture"]::groove:horizontal { background: #4a5158; }
QSlider[role="on-picture"]::handle:horizontal { background: #e4e7ea; }
QProgressBar { background: @raised; border: 1px solid @line; border-radius: 3px; text-align: center;
    height: 12px;
    color: @text; }
QProgressBar::chunk { background: @accent; border-radius: 2px; }
QStatusBar { background: @surface; border-top: 1px solid @line; }
QStatusBar::item { border: 0; }
QSplitter::handle { background: @line; }
QFrame[role="line"] { background: @line; border: 0; max-height: 1px; min-height: 1px; }
QWidget[role="surface"] { background: @surface; }
QWidget[role="card"] { background: @raised; border-radius: 4px; }
QFrame[role="popup"] { background: @surface; border: 1px solid @muted; border-radius: 4px; }
QFrame[role="proposal"] { border: 1px dashed @ai; border-radius: 4px; background: transparent; }
QFrame[role="card"] { background: @raised; border-radius: 4px; }
QFrame[role="notice"] { background: @raised; border: 1px solid @line; border-left: 3px solid @warning;
    border-radius: 4px; }
QFrame[role="notice"][error="yes"] { border-left: 3px solid @error; }
QWidget[role="surface"] QPushButton, QWidget[role="surface"] QToolButton, QWidget[role="surface"] QCheckBox,
QWidget[role="surface"] QComboBox { qproperty-focusPolicy: TabFocus; }
QDialog { background: @surface; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { width: 0; border: 0; }
"""
