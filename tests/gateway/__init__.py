"""The gateway, tested with real processes, real mTLS and real files."""
