"""Template words of the portal."""
