"""The exchange: control plane of the toll road, and the platform's own way onto it.

Main words: peer (an agency on the toll road), interface (an API that a peer's system offers, described by OpenAPI),
contract (what two peers signed: grants, purpose, fields, dates), snapshot (the signed state that gateways run from),
record (what one side keeps of one exchange), trail (what a person sees of the exchanges about them).
Door: `terpadu.exchange.public`.
"""
