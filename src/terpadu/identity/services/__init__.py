"""The writes of identity, one noun a file."""
