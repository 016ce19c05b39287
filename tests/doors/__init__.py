"""Doors for what exists: each on a real system of its kind, and against hostile ones."""
