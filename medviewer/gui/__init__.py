"""Qt: windows, views, tools, panels."""
