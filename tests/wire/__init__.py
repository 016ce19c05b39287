"""The wire profile, tested by known answers, an oracle and properties."""
