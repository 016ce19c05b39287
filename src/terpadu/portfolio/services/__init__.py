"""Writes of the portfolio."""
