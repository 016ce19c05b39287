"""Writes of maturity: each is one transaction with its audit entry."""
