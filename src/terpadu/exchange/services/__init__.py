"""Writes of the exchange, and its calls over the toll road."""
