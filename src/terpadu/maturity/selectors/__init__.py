"""Reads of maturity: what everyone may see, and what the people of a round work on."""
