"""Reads of the OpenID Provider."""
