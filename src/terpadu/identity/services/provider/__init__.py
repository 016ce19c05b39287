"""Writes of the OpenID Provider, and the protocol engine."""
