"""Doors for what exists: programs that make a SOAP service, a database or a table speak REST to its gateway.

A door stands beside the provider's gateway, which sees it as an ordinary system with an OpenAPI description. Main
words: door (one existing system made reachable), desk (checks a request against the door's own OpenAPI before the
system hears of it), problem (what a door answers when it has no data, RFC 9457).

Run it with `python -m terpadu_doors serve --config FILE.toml`; `python -m terpadu_doors describe` reads a system once
and says what its door would offer.
"""
