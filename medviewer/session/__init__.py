"""The viewer without a screen: state, undo, commands, frames, rendering."""
