"""Reads of casework, as frozen views."""
