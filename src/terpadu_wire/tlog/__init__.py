"""The transparency log: Merkle tree in tiles, signed checkpoints, witnesses' cosignatures, proofs that work offline.

After RFC 6962 (hashing, proofs) and C2SP's signed-note, tlog-checkpoint, tlog-tiles, tlog-cosignature, tlog-proof.
"""
