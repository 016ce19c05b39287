"""Reads of identity, one module for each noun."""
