"""The picture on the screen: a widget per viewport, their grid, and what mouse and keys mean there."""
