"""Reads of rationalisation: scores with their parts, plans with their moves, savings and open steps."""
