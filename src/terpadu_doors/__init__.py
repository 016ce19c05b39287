"""Doors for what exists: programs that make a SOAP service, a database or a table speak REST to its gateway.

A door stands beside the provider's gateway, which sees it as an ordinary system with an OpenAPI description.
"""
