"""Writes of the directory: agencies with their positions, certificates with their keys."""
