"""Training from the viewer: another process learns, the viewer asks it and shows what it tells."""
