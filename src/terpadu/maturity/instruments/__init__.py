"""Instruments as files: one YAML file each, checked strictly when loaded; the regulation is data, never code."""
