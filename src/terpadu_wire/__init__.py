"""What goes over the wire: pure and typed, without Django, network or database.

The words of the toll road that its two sides must understand alike: canonical JSON and hashes, keys, contracts, tokens,
message signatures, the snapshot, the decision, the records and the problems. The gateway and the control plane both
stand on this package and do not know each other.
"""
