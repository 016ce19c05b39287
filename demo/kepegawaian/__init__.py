"""The civil-service registry (BKN): REST over mutual TLS; whoever shows a certificate of its own authority may ask."""
